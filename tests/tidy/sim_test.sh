#!/usr/bin/env bash
# ./dev sim --mutants: a deliberate error is found when a simulation says where, or dies of it; not when it never ran.
set -euo pipefail

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# shellcheck source=tools/dev/sim.sh
source "$source_folder/tools/dev/sim.sh"

mutant() { # TEXT: of a program that runs as the mutant
  printf '#!/bin/sh\n%s\n' "$1" >"$root/mutant"
  chmod u+x "$root/mutant"
  find_mutant "$root/mutant" 10 "$root/log" || printf 'not found'
}

expect() { # WHAT PROGRAM
  local said
  said=$(mutant "$2")
  [[ $said == "$1" ]] || { printf "'%s' is '%s' and not '%s'\n" "$2" "$said" "$1" && exit 1; }
}

expect 'seed 7' 'echo "seed 7: a round is missing"; exit 1'
expect 'it died' 'kill -ABRT $$'
expect 'not found' 'exit 0'
expect 'not found' 'exit 1'
expect 'not found' 'exit 105'
expect 'not found' 'exec /nonexistent'
expect 'not found' 'kill -KILL $$'

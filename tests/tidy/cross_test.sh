#!/usr/bin/env bash
# ./dev cross tests programs once: not again because they were packed since, but when one has changed.
set -euo pipefail

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# shellcheck source=tools/dev/cross.sh
source "$source_folder/tools/dev/cross.sh"

tested=0
say() { printf '%s\n' "$*"; }
run_ctest() { tested=$((tested + 1)); }

expect_tested() { # TIMES WHEN
  test_once arm64 >"$root/said"
  if ((tested != $1)); then
    say "tested $tested times and not $1, $2"
    exit 1
  fi
}

put_program() { # FOLDER TEXT
  mkdir -p "$root/build/arm64/$1"
  printf '%s' "$2" >"$root/build/arm64/$1/signet-agent"
  chmod u+x "$root/build/arm64/$1/signet-agent"
}

mkdir -p "$root"/{tests,jobs,docs,schemas,tools/paper,agent/deploy,coordinator/deploy,cli/deploy}
printf 'what people read first' >"$root/README.md"
put_program agent 'a program'
expect_tested 1 'when it was built'
expect_tested 1 'when nothing had happened since'
put_program _CPack_Packages/agent/usr/bin 'the same, stripped'
expect_tested 1 'when it was packed'
put_program agent 'another'
expect_tested 2 'when it had changed'
printf 'a job that tests read' >"$root/jobs/a.toml"
expect_tested 3 'when a file that tests read had changed'

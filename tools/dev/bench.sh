# shellcheck shell=bash
# ./dev bench: figures, not verdicts. Sourced by ./dev, which sets root.
: "${root:?}"

# Benchmarks are left out of full builds: each is a target bench_NAME of its own.
benchmark_targets() { # PART OF NAME
  ninja -C "$root/build/bench" -t targets all | sed -n 's/^\(bench_[^:/]*\): phony$/\1/p' |
    grep -vxF bench_agent | # a part of "rounds", no benchmark of its own
    grep -F -- "$1" | sort
}

# A file that an argument names is the caller's, and the programs may run elsewhere.
with_absolute_json() { # ARGUMENT... -> one a line
  local previous='' argument
  for argument in "$@"; do
    if [[ $previous == --json ]]; then argument=$(absolute_path "$argument"); fi
    printf '%s\n' "$argument"
    previous=$argument
  done
}

# Real processes over loopback; --peer beside the same vote in pyzmq and NumPy, --keys beside the same encrypted.
bench_rounds() { # ARGUMENT...
  local groups=(rounds) targets=(signet-coordinator bench_agent)
  if [[ " $* " == *" --keys "* ]]; then targets+=(signet signet-agent); fi
  if [[ " $* " == *" --peer "* ]]; then groups+=(peer); fi
  need_packages "${groups[@]}"
  build_preset bench "${targets[@]}"
  # Debian's own Python: its packages are not another one's.
  /usr/bin/python3 "$root/tests/bench/rounds.py" --build "$root/build/bench" "$@"
}

run_benchmarks() { # [NAME [ARGUMENT...]]
  local name=${1:-} targets target arguments=()
  if (($# > 1)); then mapfile -t arguments < <(with_absolute_json "${@:2}"); fi
  need_packages_of_preset bench
  configure_preset bench
  if [[ $name == rounds ]]; then
    bench_rounds "${arguments[@]}"
    return
  fi
  mapfile -t targets < <(benchmark_targets "$name")
  ((${#targets[@]} > 0)) || fail "there is no benchmark with '$name' in its name"
  build_preset bench "${targets[@]}"
  for target in "${targets[@]}"; do
    say "== $target"
    "$(find "$root/build/bench" -type f -name "$target" -perm -u+x)" "${arguments[@]}"
  done
}

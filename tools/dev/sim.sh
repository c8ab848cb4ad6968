# shellcheck shell=bash
# ./dev sim and ./dev fuzz. Sourced by ./dev, which sets root.
: "${root:?}"

run_simulation() {
  local arguments=()
  need_packages build test
  if [[ ${1:-} == --mutants ]]; then
    run_mutants "${@:2}"
    return
  fi
  if (($# > 0)); then mapfile -t arguments < <(with_absolute_json "$@"); fi
  build_preset dev signet-sim
  "$root/build/dev/tests/sim/signet-sim" "${arguments[@]}"
}

# Every deliberate error of tests/sim/mutants.cmake must be found within so many fleets.
run_mutants() { # [--seeds N]
  local seeds=4000 name what found='' missed=0 all=0 folder=$root/build/dev/tests/sim log
  if [[ ${1:-} == --seeds ]]; then seeds=${2:?"--seeds N"} && shift 2; fi
  (($# == 0)) || fail_usage "./dev sim --mutants takes --seeds N, or nothing"
  require_number --seeds "$seeds" 1 100000000
  build_preset dev sim_mutants signet-sim
  # Else whatever keeps them from running would count as found.
  quietly "a simulation without a deliberate error" "$folder/sound.log" "$folder/signet-sim" --seeds 100
  while IFS=$'\t' read -r name what; do
    log=$folder/mutants/$name/log
    found=$(find_mutant "$folder/sim_mutant_$name" "$seeds" "$log") || found=''
    if [[ -z $found ]]; then
      found='NOT FOUND'
      missed=$((missed + 1))
    fi
    all=$((all + 1))
    printf '%-26s %-12s %s\n' "$name" "$found" "$what"
  done <"$folder/mutants.list"
  say "$((all - missed)) of $all deliberate errors found, each within $seeds fleets"
  ((all > 0 && missed == 0))
}

# The seed that finds it. A mutant that dies of a signal is found as well; the seed is then not known.
find_mutant() { # PROGRAM SEEDS LOG
  local code=0 seed
  timeout 600 "$1" --seeds "$2" >"$3" 2>&1 || code=$?
  seed=$(sed -n 's/^seed \([0-9]*\): .*/\1/p' "$3" | head -n 1)
  ((code == 1 && ${#seed} > 0 || code > 128 && code != 137)) || return 1
  printf '%s' "${seed:+seed $seed}"
  [[ -n $seed ]] || printf 'it died'
}

# libFuzzer on each target in turn, with what earlier runs have found worth keeping.
run_fuzz() {
  local minutes=1 seconds='' target='' targets=() failed=() total=0 executions name bytes list
  local -A bytes_max=()
  while (($# > 0)); do
    case $1 in
      --minutes) minutes=${2:?"./dev fuzz --minutes M"} && shift ;;
      --seconds) seconds=${2:?"./dev fuzz --seconds S"} && shift ;;
      --target) target=${2:?"./dev fuzz --target NAME"} && shift ;;
      *) fail_usage "unknown option '$1'; ./dev help lists them" ;;
    esac
    shift
  done
  require_number --minutes "$minutes" 1 100000
  [[ -z $seconds ]] || require_number --seconds "$seconds" 1 6000000
  need_packages build test asan
  build_preset fuzz signet-fuzz
  list=$(SIGNET_FUZZ_TARGET=list "$root/build/fuzz/tests/fuzz/signet-fuzz") ||
    fail "build/fuzz/tests/fuzz/signet-fuzz does not run"
  while IFS=$'\t' read -r name bytes; do
    targets+=("$name")
    bytes_max[$name]=$bytes
  done <<<"$list"
  if [[ -n $target ]]; then
    [[ " ${targets[*]} " == *" $target "* ]] ||
      fail_usage "unknown target '$target'; there are: ${targets[*]}"
    targets=("$target")
  fi
  for target in "${targets[@]}"; do
    executions=0
    if fuzz_target "$target" "${seconds:-$((minutes * 60))}" "${bytes_max[$target]}"; then
      executions=$(executions_of "$target")
    fi
    ((executions > 0)) || failed+=("$target")
    total=$((total + executions))
    printf '%-20s %12d executions\n' "$target" "$executions"
  done
  say "$total executions in all, ${#failed[@]} targets failed${failed[*]:+: ${failed[*]}}"
  ((${#failed[@]} == 0))
}

fuzz_target() { # TARGET SECONDS BYTES_MAX
  local folder=$root/build/fuzz/found/$1
  mkdir -p "$folder/seeds" "$folder/corpus"
  if SIGNET_FUZZ_TARGET=$1 SIGNET_FUZZ_SEEDS=$folder/seeds \
    "$root/build/fuzz/tests/fuzz/signet-fuzz" -max_total_time="$2" -print_final_stats=1 \
    -max_len="$3" -timeout=20 -rss_limit_mb=1500 -artifact_prefix="$folder/" \
    "$folder/corpus" "$folder/seeds" >"$folder/log" 2>&1; then
    return
  fi
  tail -n 40 "$folder/log" >&2
  warn "$1 failed; its input lies in ${folder#"$root"/}, and again: SIGNET_FUZZ_TARGET=$1" \
    "build/fuzz/tests/fuzz/signet-fuzz FILE"
  return 1
}

executions_of() { # TARGET
  local count
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$root/build/fuzz/found/$1/log")
  printf '%s' "${count:-0}"
}

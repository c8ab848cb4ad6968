# shellcheck shell=bash
# ./dev build, ./dev test. Sourced by ./dev, which sets root.
: "${root:?}"

readonly presets='dev release unity asan tsan fuzz bench amd64 arm64 armhf'

require_preset() {
  [[ " $presets " == *" $1 "* ]] || fail_usage "unknown preset '$1'; there are: $presets"
}

groups_of_preset() {
  case $1 in
    release) say build ;;
    asan | tsan | fuzz) say build test asan ;;
    bench) say build test bench ;;
    arm64 | armhf) say build test "$1" qemu ;;
    *) say build test ;;
  esac
}

# A folder that was configured from elsewhere (the tree was moved or copied) starts afresh.
configured_here() { # PRESET
  local folder=$root/build/$1
  [[ -f $folder/build.ninja && ! $root/CMakePresets.json -nt $folder/build.ninja ]] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"
}

run_in_root() { (cd "$root" && "$@"); }

configure_preset() { # PRESET
  configured_here "$1" && return
  local fresh=()
  [[ -f $root/build/$1/CMakeCache.txt ]] && fresh=(--fresh)
  quietly "configuring $1" "$root/build/$1.configure.log" \
    run_in_root cmake --preset "$1" "${fresh[@]}"
}

# Assumes the packages are there.
build_preset() { # PRESET [TARGET...]
  local preset=$1
  shift
  configure_preset "$preset"
  quietly "building $preset" "$root/build/$preset.build.log" \
    cmake --build "$root/build/$preset" -j "$(jobs_at_once)" ${@:+--target "$@"}
}

need_packages_of_preset() {
  local groups
  read -ra groups <<<"$(groups_of_preset "$1")"
  need_packages "${groups[@]}"
}

run_build() {
  (($# <= 1)) || fail_usage "./dev build takes one preset; there are: $presets"
  local preset=${1:-release}
  require_preset "$preset"
  [[ $preset =~ ^(amd64|arm64|armhf)$ ]] && {
    run_cross "$preset" --no-tests
    return
  }
  need_packages_of_preset "$preset"
  build_preset "$preset"
}

run_tests() {
  local preset=dev
  if (($# > 0)) && [[ $1 != -- ]]; then
    preset=$1
    shift
  fi
  if (($# > 0)); then
    [[ $1 == -- ]] || fail_usage "arguments for ctest stand after --: ./dev test $preset -- $*"
    shift
  fi
  require_preset "$preset"
  case $preset in
    release | bench | fuzz) fail_usage "the preset $preset has no tests; ./dev test uses dev" ;;
    amd64 | arm64 | armhf)
      run_cross "$preset" "$@"
      return
      ;;
  esac
  need_packages_of_preset "$preset"
  build_preset "$preset"
  run_ctest "$preset" "$@"
}

# Runs the tests of a built preset; the last line printed counts them.
run_ctest() { # PRESET [CTEST ARGUMENT...]
  local preset=$1 started code=0 log=$root/build/$1.ctest.log
  shift
  started=$(now_ms)
  say "testing $preset"
  (cd "$root" && ctest --preset "$preset" --output-on-failure -j 2 "$@") 2>&1 |
    tee "$log" | show_only_failures || code=${PIPESTATUS[0]}
  say "tested in $(seconds_since "$started"); every test is in ${log#"$root"/}"
  count_tests "$log" "$code"
}

# A passing test is a line in the log and a dot here.
show_only_failures() {
  awk '
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .* Passed +[0-9.]+ sec$/ {
      printf "."; fflush(); if (++dots % 100 == 0) print ""; next }
    /^ *Start +[0-9]+: / || /^Test project / || /^Preset / { next }
    dots % 100 { print ""; dots = 0 }
    { print; fflush() }'
}

# ctest ends with "99% tests passed, 1 tests failed out of 200" and, below it, the names of tests
# that did not run, those skipped with "(Skipped)"; the line above counts these among the 200, not
# among the failed. A test may print such lines as well: the last ones count.
summary_of() { # LOG -> TOTAL FAILED SKIPPED
  awk '
    /^[0-9]+% tests passed, [0-9]+ tests? failed out of [0-9]+$/ {
      failed = $4; total = $NF; skipped = 0 }
    /^[ \t]*[0-9]+ - .* \(Skipped\)$/ { ++skipped }
    END { print total + 0, failed + 0, skipped + 0 }' "$1"
}

count_tests() { # LOG CODE
  local total failed skipped line
  read -r total failed skipped < <(summary_of "$1")
  line="$((total - failed - skipped)) passed, $failed failed"
  if ((skipped > 0)); then line+=", $skipped skipped"; fi
  if ((total == skipped)); then warn "no test ran"; fi
  say "$line"
  # ctest may fail for another reason as well: then its exit code counts.
  ((total > skipped && failed == 0 && $2 == 0))
}

# shellcheck shell=bash
# ./dev cross: a sysroot, a cross build, its tests under qemu-user, packages. Sourced by ./dev, which sets root.
: "${root:?}"

# What the boards' build is linked against: the -dev packages of the table, Catch2, and the C and
# C++ libraries in the cross compiler's own version.
sysroot_packages() { # TRIPLET
  local version
  version=$("$1-g++" -dumpversion)
  say "libc6-dev" "libstdc++-${version%%.*}-dev"
  packages_of build test | grep -E -e '-dev$' -e '^catch2$'
}

make_sysroot() { # ARCH TRIPLET
  local packages
  read -rd '' -a packages < <(sysroot_packages "$2") || true
  quietly "sysroot for $1" "$root/build/sysroot-$1.log" \
    "$root/tools/mksysroot.sh" "$1" "$root/build/sysroot-$1" "${packages[@]}"
}

# The programs and their tests that were built, and what tests read of the tree, as one number; what packing
# makes of them is not.
sum_of_programs() { # ARCH
  {
    find "$root/build/$1" -name _CPack_Packages -prune -o -type f -perm -u+x \
      \( -name 'test_*' -o -name 'signet*' \) ! -name '*.*' -exec sha256sum {} +
    find "$root"/{tests,jobs,docs,schemas,tools/paper} "$root"/{agent,coordinator,cli}/deploy "$root"/*.md \
      -type f ! -name '*.pyc' -exec sha256sum {} +
  } | sort | sha256sum
}

# Tests under qemu take minutes: those of programs that passed them once are not run again.
test_once() { # ARCH [CTEST ARGUMENT...]
  local passed=$root/build/$1/passed sum
  sum=$(sum_of_programs "$1")
  if (($# == 1)) && [[ -f $passed && $(<"$passed") == "$sum" ]]; then
    say "these programs passed their tests before ('./dev cross $1 -- -j2' runs them again)"
    return
  fi
  run_ctest "$@"
  if (($# == 1)); then say "$sum" >"$passed"; fi
}

run_cross() {
  local arch=${1:-} tests=yes
  case $arch in
    amd64 | arm64 | armhf) ;;
    *) fail_usage "./dev cross takes amd64, arm64 or armhf" ;;
  esac
  if [[ $(dpkg --print-architecture) != amd64 ]]; then
    fail "./dev cross $arch wants an x86-64 machine; on this one, ./dev build makes programs for it"
  fi
  shift
  if [[ ${1:-} == --no-tests ]]; then
    tests=no
    shift
  fi
  [[ ${1:-} == -- ]] && shift
  need_packages_of_preset "$arch"
  need_packages package
  case $arch in
    arm64) make_sysroot arm64 aarch64-linux-gnu ;;
    armhf) make_sysroot armhf arm-linux-gnueabihf ;;
  esac
  if [[ $tests == yes ]]; then
    build_preset "$arch"
    test_once "$arch" "$@"
  else
    build_preset "$arch" signet_packages
  fi
  package "$arch"
}

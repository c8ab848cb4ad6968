# shellcheck shell=bash
# ./dev cross: a sysroot, a cross build, its tests under qemu-user. Sourced by ./dev, which sets root.
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

run_cross() {
  local arch=${1:-} triplet tests=yes
  case $arch in
    arm64) triplet=aarch64-linux-gnu ;;
    armhf) triplet=arm-linux-gnueabihf ;;
    *) fail_usage "./dev cross takes arm64 or armhf" ;;
  esac
  shift
  if [[ ${1:-} == --no-tests ]]; then
    tests=no
    shift
  fi
  [[ ${1:-} == -- ]] && shift
  need_packages_of_preset "$arch"
  make_sysroot "$arch" "$triplet"
  build_preset "$arch"
  if [[ $tests == yes ]]; then run_ctest "$arch" "$@"; fi
}

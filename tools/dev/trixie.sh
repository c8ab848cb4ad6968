# shellcheck shell=bash
# ./dev trixie: commands of ./dev in a Debian trixie that lies beside this system. Sourced by ./dev, which
# sets root.
: "${root:?}"

# What a system with systemd lacks to build and test in, beyond the table's packages.
trixie_packages() {
  packages_of build test
  printf '%s\n' git python3 python3-numpy python3-matplotlib iproute2
}

# The source tree is this one, read-only; its build folder there is build/trixie here.
in_trixie() { # COMMAND...
  local system=$root/build/rootfs-trixie
  mkdir -p "$system/signet" "$root/build/trixie"
  # shellcheck disable=SC2016  # the inner shell's
  unshare --mount --pid --fork --kill-child bash -euc '
    mount --bind "$1" "$2/signet"
    mount -o remount,bind,ro "$2/signet"
    mount --bind "$1/build/trixie" "$2/signet/build"
    mount --rbind /dev "$2/dev"
    mount -t proc proc "$2/proc"
    mount -t tmpfs tmpfs "$2/tmp"
    exec chroot "$2" env -i LC_ALL=C.UTF-8 HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      CCACHE_DIR=/signet/build/ccache SIGNET_PACKAGES=skip SIGNET_JOBS="${SIGNET_JOBS:-$(nproc)}" \
      bash -c "cd /signet && exec \"\$@\"" bash "${@:3}"' bash "$root" "$system" "$@"
}

run_trixie() { # [COMMAND [ARGUMENT...]]
  (($# > 0)) || set -- test
  ((EUID == 0)) || fail "./dev trixie enters a system of its own, which needs root: sudo ./dev trixie"
  need_packages trixie
  local packages
  mapfile -t packages < <(trixie_packages)
  SIGNET_SUITE=trixie quietly "Debian trixie" "$root/build/rootfs-trixie.log" \
    "$root/tools/mkrootfs.sh" "$(dpkg --print-architecture)" "$root/build/rootfs-trixie" "${packages[@]}"
  in_trixie ./dev "$@"
}

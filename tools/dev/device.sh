# shellcheck shell=bash
# ./dev device-test: from packages to voting on a board, in a container that really boots systemd.
# This file makes the container; what is done in it is in device_steps.sh. Sourced by ./dev, which
# sets root.
: "${root:?}" "${package_names:?}"

device_work=    # scratch folder of one test: a tmpfs
device_disk=    # the container's root: the rootfs below, this test's changes above
device_arch=    # Debian's name
device_nspawn=  # process that holds the container, as long as it runs
device_leader=  # the container's first process
device_name=    # of the container and of its control groups
device_slow=1   # how much longer waits may be than natively

device_foreign() { [[ $device_arch != "$(dpkg --print-architecture)" ]]; }

# Runs a command in the container.
inside() { # COMMAND...
  nsenter -t "$device_leader" -m -u -i -n -p -C -r -w -- env -i LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin "$@"
}

# The emulator must be registered with the kernel, which keeps it open: the container needs none.
register_emulator() {
  local name=qemu-arm
  [[ $device_arch == arm64 ]] && name=qemu-aarch64
  arch-test "$device_arch" >/dev/null 2>&1 && return
  mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  update-binfmts --enable "$name"
  arch-test "$device_arch" >/dev/null || fail "programs of $device_arch do not start here"
}

# What the packages ask for, without versions; the first of alternatives; not our own.
dependencies_of_packages() { # ARCH
  local name
  for name in $package_names; do dpkg-deb -f "$(package_file "$1" "$name")" Depends; done |
    tr ',' '\n' | sed -E 's/^ *//; s/[ (|].*//' | grep -v '^signet' | sort -u
}

make_rootfs() { # ARCH
  local packages
  mapfile -t packages < <(dependencies_of_packages "$1")
  quietly "system for $1" "$root/build/rootfs-$1.log" \
    "$root/tools/mkrootfs.sh" "$1" "$root/build/rootfs-$1" "${packages[@]}"
}

mount_device() {
  device_work=$(mktemp -d /tmp/signet-device.XXXXXX)
  device_name=$(basename "$device_work" | tr '.' '-')
  device_disk=$device_work/disk
  mount -t tmpfs -o size=2G,mode=755 "$device_name" "$device_work"
  mkdir "$device_work/above" "$device_work/work" "$device_disk"
  mount -t overlay "$device_name" "$device_disk" -o \
    "lowerdir=$root/build/rootfs-$device_arch,upperdir=$device_work/above,workdir=$device_work/work"
}

unmount_device() {
  local hierarchy
  [[ -n $device_work ]] || return 0
  umount "$device_disk" "$device_work" 2>/dev/null || true
  rmdir "$device_work" 2>/dev/null || true
  for hierarchy in $(device_hierarchies); do
    find "$hierarchy/$device_name" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  device_work=
}

# Control groups of version 1 beside an own one of version 2, or version 2 alone.
device_hierarchies() {
  local folder
  for folder in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    if [[ -d $folder ]]; then say "$folder"; fi
  done
}

# In control groups of its own: systemd-nspawn would rearrange those that this shell is in.
hold_container() {
  local hierarchy
  for hierarchy in $(device_hierarchies); do
    mkdir -p "$hierarchy/$device_name"
    printf '%s' "$BASHPID" >"$hierarchy/$device_name/cgroup.procs"
  done
  exec systemd-nspawn -q -D "$device_disk" --boot --register=no --keep-unit \
    --machine="$device_name" --hostname=board --private-network --resolv-conf=off --timezone=off \
    --console=pipe </dev/null >>"$root/build/device-$device_arch.console.log" 2>&1
}

boot_device() {
  local started
  started=$(now_ms)
  hold_container &
  device_nspawn=$!
  # "degraded" under qemu: some units of systemd itself do not work there.
  eventually 120 system_is_up ||
    fail "systemd did not come up in the container; it said: $(tail -n 5 "$root/build/device-$device_arch.console.log")"
  say "  systemd is up after $(seconds_since "$started")"
}

# systemd-nspawn's only child, in the end: the first one makes the container and leaves.
find_leader() {
  device_leader=$(awk '{ print $1 }' "/proc/$device_nspawn/task/$device_nspawn/children" 2>/dev/null)
  [[ -n $device_leader ]]
}

system_is_up() {
  local state
  find_leader || return
  state=$(inside systemctl is-system-running 2>/dev/null || true)
  [[ $state == running || $state == degraded ]]
}

# Ends the container by a command of its own (poweroff, reboot). The disk stays.
leave_device() { # COMMAND
  inside systemctl "$1" >/dev/null 2>&1 || true
  eventually 90 container_ended || fail "the container did not end ($1)"
  wait "$device_nspawn" 2>/dev/null || true
  device_nspawn=
}

container_ended() { ! kill -0 "$device_nspawn" 2>/dev/null; }

# Whatever happened: nothing of the container stays.
end_device() {
  trap - EXIT INT TERM
  if [[ -n $device_nspawn ]]; then
    # The container's first process takes all others with it.
    if find_leader; then kill -KILL "$device_leader" 2>/dev/null || true; fi
    kill -TERM "$device_nspawn" 2>/dev/null || true
    wait "$device_nspawn" 2>/dev/null || true
    device_nspawn=
  fi
  unmount_device
}

# Looks again and again, for a while.
eventually() { # SECONDS COMMAND...
  local end=$(($(now_ms) + $1 * device_slow * 1000))
  shift
  until "$@"; do
    (($(now_ms) < end)) || return 1
    sleep 0.1
  done
}

run_device_test() {
  device_arch=${1:-amd64}
  case $device_arch in
    amd64 | arm64 | armhf) ;;
    *) fail_usage "./dev device-test takes amd64, arm64 or armhf" ;;
  esac
  ((EUID == 0)) || fail "./dev device-test boots a container, which needs root: sudo ./dev device-test"
  need_packages device
  run_cross "$device_arch" --no-tests
  if device_foreign; then
    device_slow=4
    register_emulator
  fi
  make_rootfs "$device_arch"
  : >"$root/build/device-$device_arch.console.log"
  trap end_device EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  mount_device
  test_device
  end_device
}

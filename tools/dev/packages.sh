# shellcheck shell=bash
# The Debian packages each command needs, and how they come onto the machine. Sourced by ./dev, which sets root.
: "${root:?}"

# group, package, why
readonly package_table='
build g++                      the C++20 compiler
build cmake                    the build description
build ninja-build              runs the build
build ccache                   compiles nothing twice
build pkg-config               finds libraries for CMake
build flatbuffers-compiler     turns schemas/ into C++
build libflatbuffers-dev       messages
build libzmq3-dev              messaging
build cppzmq-dev               messaging from C++
build libeigen3-dev            linear algebra
build libcli11-dev             command lines
build libspdlog-dev            logs
build libfmt-dev               text formatting, which the logs use
build libtomlplusplus-dev      job files and configuration
build libsodium-dev            hashes of the secrets in join tokens
build libsqlite3-dev           the state of a run
build zlib1g-dev               compressed data sets
build libxxhash-dev            digests of replicas
build nlohmann-json3-dev       JSON reports
build libsystemd-dev           a service tells its manager how it does
test  catch2                   tests
test  python3                  runs the tests of the studies
demo  dataset-fashion-mnist    what the demo trains on: 70,000 images
bench libbenchmark-dev         benchmarks
rounds python3                 starts the processes of the benchmark of rounds
peer  python3-zmq              the vote that the benchmark of rounds is compared with
peer  python3-numpy            the same
paper python3                  runs the studies
paper python3-numpy            the same
paper python3-matplotlib       their plots
digits python3-sklearn         ships a data set: 1,797 digits of 8x8 pixels
faults python3                 starts the processes that the fault commands break
faults util-linux              setpriv: they die with the command
netfaults iproute2             network namespaces
mdns  iproute2                 network namespaces
mdns  avahi-daemon             announces coordinators
mdns  avahi-utils              finds them
mdns  dbus                     how the one asks the other
lint  clang-format             layout of the C++ files
lint  clang-tidy               static checks of the C++ files
lint  shellcheck               static checks of the scripts
asan  clang                    the compiler with the sanitizers
asan  libclang-rt-dev          the sanitizers themselves
arm64 g++-aarch64-linux-gnu    compiler for 64-bit boards
armhf g++-arm-linux-gnueabihf  compiler for 32-bit boards
qemu  qemu-user-static         runs the programs of the boards here
device mmdebstrap              makes the system that the device test boots
device systemd-container       boots it
trixie mmdebstrap              makes the system that trixie is
trixie util-linux              unshare: enters it
package lintian                checks the packages
package systemd                checks the units
qemu  binfmt-support           lets foreign programs start like native ones
qemu  arch-test                tells whether they do
mca   g++-aarch64-linux-gnu    compiler for 64-bit boards
mca   llvm-19                  llvm-mca, which counts cycles of the boards
'

packages_of() { # GROUP... -> one name a line
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' <<<"$package_table"
  done
}
reason_for() { # PACKAGE
  awk -v package="$1" '$2 == package { $1 = $2 = ""; sub(/^ +/, ""); print; exit }' \
    <<<"$package_table"
}

missing_of() { # PACKAGE... -> those that are not installed, one a line
  local installed package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "installed $package" <<<"$installed" || say "$package"
  done
}

# As root; the environment that sudo would drop is named.
as_root() {
  if ((EUID == 0)); then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# A foreign architecture's index may be broken; the host's packages do not need it.
update_package_lists() {
  as_root apt-get -q update ||
    as_root apt-get -q -o APT::Architectures="$(dpkg --print-architecture)" update
}
install_packages() {
  update_package_lists || echo "the package lists did not load; trying with those that are here"
  as_root apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@"
}

# Makes sure that the packages of these groups are there. Touches the network only if one is not.
need_packages() { # GROUP...
  local packages missing package
  [[ ${SIGNET_PACKAGES:-} == skip ]] && return
  mapfile -t packages < <(packages_of "$@")
  if ! command -v dpkg-query >/dev/null; then
    fail "this is not Debian or a system derived from it. Install what these Debian packages" \
      "hold, then run again with SIGNET_PACKAGES=skip: ${packages[*]}"
  fi
  mapfile -t missing < <(missing_of "${packages[@]}")
  ((${#missing[@]} == 0)) && return

  say "./dev needs ${#missing[@]} Debian package$( ((${#missing[@]} == 1)) || printf s):"
  for package in "${missing[@]}"; do printf '  %-24s %s\n' "$package" "$(reason_for "$package")"; done
  if ! command -v apt-get >/dev/null; then
    fail "there is no apt-get here; install them by hand: ${missing[*]}"
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "you are not root and there is no sudo; as root: apt-get install ${missing[*]}"
    sudo -v || fail "sudo did not let us; as root: apt-get install ${missing[*]}"
  fi
  quietly "installing them" "$root/build/packages.log" \
    install_packages "${missing[@]}"
}

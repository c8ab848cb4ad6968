#!/bin/sh
# mkrootfs.sh ARCH DIR PACKAGE...
#
# Makes a small Debian with systemd in DIR, with the packages given: what ./dev device-test boots, and
# ./dev trixie builds in. SIGNET_SUITE names another suite than bookworm. Needs root, mmdebstrap and, for a foreign architecture, qemu-user registered with the kernel
# (binfmt_misc). It takes the machine's own package sources; nothing outside DIR is changed.
#
# A second run finds its packages installed and does nothing.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 ARCH DIR PACKAGE...   (ARCH is a Debian architecture: amd64, arm64, armhf)" >&2
  exit 2
fi
arch=$1
dir=$2
shift 2
suite=${SIGNET_SUITE:-bookworm}
fresh=$dir.new

has_all() { # PACKAGE...
  [ -e "$dir/var/lib/dpkg/status" ] || return 1
  # Under their names, or as what another package provides: "libx (= 1.2), liby".
  names=$(dpkg-query --admindir="$dir/var/lib/dpkg" -W -f '${Package}, ${Provides}\n' |
    tr ',' '\n' | sed 's/^ *//; s/ .*//')
  for package in "$@"; do
    printf '%s\n' "$names" | grep -qxF "$package" || return 1
  done
}

# Where the machine has its own suite and its updates from; the index of security updates may lack an architecture, and
# what is thrown away after a test needs none.
sources() {
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format '$(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
    sort -u | awk -v own="$(. /etc/os-release && echo "$VERSION_CODENAME")" -v suite="$suite" '
      $1 == own { print "deb", $2, suite, $3 }
      $1 == own "-updates" { print "deb", $2, suite "-updates", $3 }'
}

if has_all systemd dbus "$@"; then
  echo "mkrootfs: $arch: $dir is up to date"
  exit 0
fi
list=$(sources)
if [ -z "$list" ]; then
  echo "mkrootfs: apt knows no source of this system; run apt-get update, on Debian" >&2
  exit 1
fi
packages=$(printf '%s,' systemd systemd-sysv dbus procps "$@")
rm -rf "$fresh"
IFS='
'
# shellcheck disable=SC2086  # a source for each line
set -- $list
# Nothing in a container that is thrown away must survive a power cut of this machine.
mmdebstrap --architectures="$arch" --variant=minbase --include="${packages%,}" \
  --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='APT::Install-Recommends "false"' \
  "$suite" "$fresh" "$@"
rm -rf "$dir"
mv "$fresh" "$dir"
echo "mkrootfs: $arch: $(du -sh "$dir" | cut -f1) in $dir"

#!/bin/sh
# mksysroot.sh ARCH DIR PACKAGE...
#
# Unpacks Debian packages of a foreign architecture, and all they depend on, into DIR: headers and
# libraries for a cross build, and for running its programs under qemu-user.
#
# Keeps an apt state of its own in DIR.apt (what it fetched stays there for the next time). It reads
# the machine's package sources and keys, writes nothing outside DIR and DIR.apt, changes no setting
# of the machine, and runs no maintainer script and no emulator. Needs no root.
#
# A second run with the same packages finds its own mark in DIR and does nothing.
set -eu

if [ $# -lt 3 ]; then
  echo "usage: $0 ARCH DIR PACKAGE...   (ARCH is a Debian architecture: arm64, armhf)" >&2
  exit 2
fi
arch=$1
dir=$2
shift 2
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac # apt reads relative paths from its own root
state=$dir.apt
fresh=$dir.new
wanted="$arch $*"

if [ -e "$dir/.signet-sysroot" ] && [ "$(cat "$dir/.signet-sysroot")" = "$wanted" ]; then
  echo "mksysroot: $arch: $dir is up to date"
  exit 0
fi
for tool in apt-get dpkg-deb tar; do
  if ! command -v "$tool" >/dev/null; then
    echo "mksysroot: $tool is not here; this recipe needs Debian or a system derived from it" >&2
    exit 1
  fi
done

mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/parts"
: >"$state/status"

# Copies the machine's sources without their restriction to an architecture.
# $1 is "all", or "base": without the suites of security updates.
copy_sources() {
  rm -f "$state"/parts/*
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -e "$file" ] || continue
    awk -v RS= -v keep="$1" '{
        if (keep == "base" && $0 ~ /(^|\n)Suites:[^\n]*security/) next
        gsub(/(^|\n)#[^\n]*/, "")
        gsub(/\n?Architectures:[^\n]*/, "")
        print $0 "\n"
      }' "$file" >"$state/parts/$(basename "$file")"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -e "$file" ] || continue
    sed -e 's/ *arch=[^] ]*//' -e 's/\[ *\]//' "$file" |
      awk -v keep="$1" '!(keep == "base" && /security/)' >"$state/parts/$(basename "$file")"
  done
}

apt_for_target() {
  apt-get -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
    -o Dir::State="$state" -o Dir::State::status="$state/status" \
    -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$state/parts" \
    -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
    -o Debug::NoLocking=true -o Acquire::Retries=3 "$@"
}

# One suite's broken index makes the whole update fail. Security updates matter little for what is
# only linked against, so the base suites alone will do.
update_lists() {
  copy_sources all
  apt_for_target update >"$state/update.log" 2>&1 && return
  echo "mksysroot: $arch: the index of security updates does not load; using the base suites alone" >&2
  rm -rf "$state/lists"
  mkdir -p "$state/lists/partial"
  copy_sources base
  if ! apt_for_target update >"$state/update.log" 2>&1; then
    cat "$state/update.log" >&2
    echo "mksysroot: $arch: the package lists do not load; is the network there?" >&2
    exit 1
  fi
}

fetch() {
  if ! apt_for_target install -y --download-only "$@" >"$state/install.log" 2>&1; then
    tail -n 30 "$state/install.log" >&2
    echo "mksysroot: $arch: the packages cannot be fetched (whole log: $state/install.log)" >&2
    exit 1
  fi
}

# File names of exactly the packages chosen: the cache may hold versions of earlier runs as well.
chosen_archives() {
  apt_for_target install -s "$@" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\([^]]*\)\]).*/\1_\2_\3.deb/p' |
    sed 's/:/%3a/g'
}

# Into a merged /usr, which newer packages expect and older ones do not mind.
unpack() {
  rm -rf "$fresh"
  mkdir -p "$fresh/usr/lib"
  ln -s usr/lib "$fresh/lib"
  chosen_archives "$@" >"$state/chosen"
  while read -r archive; do
    dpkg-deb --fsys-tarfile "$state/cache/archives/$archive" |
      tar -x --keep-directory-symlink --no-same-owner -C "$fresh"
    dpkg-deb -f "$state/cache/archives/$archive" Package Version >>"$fresh/.packages"
  done <"$state/chosen"
}

# An absolute link would leave the sysroot for the machine's own files.
make_links_relative() {
  find "$fresh" -type l -lname '/*' | while read -r link; do
    ln -sfnr "$fresh$(readlink "$link")" "$link"
  done
}

# Headers and libraries are all that a build needs.
drop_the_rest() {
  for part in bin sbin etc var usr/bin usr/sbin usr/share/doc usr/share/man usr/share/locale; do
    rm -rf "${fresh:?}/$part"
  done
}

# What dpkg would know if these packages were installed: dpkg-shlibdeps asks which of them a library
# comes from.
make_database() {
  base=$fresh/.dpkg
  mkdir -p "$base/info"
  while read -r archive; do
    deb=$state/cache/archives/$archive
    dpkg-deb -e "$deb" "$state/control"
    name=$(sed -n 's/^Package: //p' "$state/control/control")
    full=$name
    if grep -qx 'Multi-Arch: same' "$state/control/control"; then full=$name:$arch; fi
    awk '{ print } /^Package:/ { print "Status: install ok installed" } END { print "" }' \
      "$state/control/control" >>"$base/status"
    for file in symbols shlibs; do
      if [ -e "$state/control/$file" ]; then cp "$state/control/$file" "$base/info/$full.$file"; fi
    done
    dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -e 's#^\.##' -e 's#/$##' -e "s#^#$dir#" \
      >"$base/info/$full.list"
    rm -rf "$state/control"
  done <"$state/chosen"
  echo 1 >"$base/info/format"
}

update_lists
fetch "$@"
unpack "$@"
make_links_relative
drop_the_rest
make_database
echo "$wanted" >"$fresh/.signet-sysroot"
rm -rf "$dir"
mv "$fresh" "$dir"
echo "mksysroot: $arch: $(grep -c '^Package' "$dir/.packages") packages," \
  "$(du -sh "$dir" | cut -f1) in $dir"

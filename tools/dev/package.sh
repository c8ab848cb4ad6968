# shellcheck shell=bash
# The Debian packages of a build, and what must hold for them. Sourced by ./dev, which sets root.
: "${root:?}"

readonly package_names='signet-agent signet-coordinator signet'
# Of the agent's program, stripped: it is for small boards. On x86-64 it has the counting of votes for
# three instruction sets.
readonly agent_bytes_max_board=2000000 agent_bytes_max_amd64=2500000
# Of systemd-analyze, times ten: 0 is best, 100 worst.
readonly exposure_max=15

# All that goes into packages, as one number.
sum_of_contents() { # ARCH
  {
    find "$root"/build/"$1"/{agent,coordinator,cli} -maxdepth 1 -type f -name 'signet*' -perm -u+x
    find "$root"/{agent,coordinator,cli}/deploy "$root"/cmake "$root"/jobs -type f
    say "$root/build/$1/CPackConfig.cmake"
    say "$root/tools/dev/package.sh"
    find "$root/tools/cross" -type f
  } | sort | xargs -d '\n' sha256sum | sha256sum
}

has_packages() { # ARCH
  local name
  for name in $package_names; do [[ -n $(package_file "$1" "$name") ]] || return; done
}

# Packs and checks, where something has changed since that was done.
package() { # ARCH
  local packed=$root/build/packages/$1/packed sum
  sum=$(sum_of_contents "$1")
  if [[ -f $packed && $(<"$packed") == "$sum" ]] && has_packages "$1"; then
    say "packages in build/packages/$1/ are up to date"
    return
  fi
  make_packages "$1"
  check_packages "$1"
  say "$sum" >"$packed"
}

make_packages() { # ARCH
  local build=$root/build/$1
  mkdir -p "$root/build/packages/$1"
  rm -f "$build"/packages/deb/*.deb "$root/build/packages/$1"/{*.deb,packed}
  if [[ $1 == amd64 ]]; then
    quietly "packing $1" "$root/build/$1.cpack.log" run_in "$build" cpack
  else
    quietly "packing $1" "$root/build/$1.cpack.log" run_in "$build" env \
      SIGNET_SYSROOT="$root/build/sysroot-$1" DEB_HOST_ARCH="$1" PATH="$root/tools/cross:$PATH" cpack
  fi
  cp "$build"/packages/deb/*.deb "$root/build/packages/$1/"
}

run_in() (cd "$1" && shift && "$@") # FOLDER COMMAND...

package_file() { # ARCH NAME -> path
  find "$root/build/packages/$1" -name "$2_*_$1.deb" | sort | tail -n 1
}

# systemd-analyze wants programs that exist and manual pages that are installed; of an unknown key it
# only speaks.
check_unit() { # UNIT FOLDER
  local name copy said
  name=$(basename "$1")
  copy=$2/$name
  sed -e "s#^ExecStart=[^ ]*#ExecStart=$(type -P true)#" -e '/^Documentation=/d' "$1" >"$copy"
  said=$(systemd-analyze verify --man=no "$copy" 2>&1) || said+=" (exit code $?)"
  [[ -z $said ]] || fail "$name: systemd-analyze verify says: $said"
  systemd-analyze security --offline=true --threshold=$exposure_max --no-pager "$copy" \
    >"$2/security" 2>&1 || fail "$name: $(tail -n 1 "$2/security"); at most 1.5 is allowed"
  say "  $name: $(tail -n 1 "$2/security" | grep -oE 'exposure.*: [0-9.]+')"
}

# What it is linked against, for people and for the rules below.
describe_package() { # DEB
  printf '  %-20s %5d kB installed; %s\n' "$(dpkg-deb -f "$1" Package)" \
    "$(dpkg-deb -f "$1" Installed-Size)" "$(dpkg-deb -f "$1" Depends)"
}

check_agent() { # DEB UNPACKED
  local bytes most=$agent_bytes_max_board
  if [[ $(dpkg-deb -f "$1" Architecture) == amd64 ]]; then most=$agent_bytes_max_amd64; fi
  bytes=$(stat -c %s "$2/usr/bin/signet-agent")
  say "  signet-agent: program of $bytes bytes"
  ((bytes <= most)) || fail "the agent's program has $bytes bytes, more than $most"
  if dpkg-deb -f "$1" Depends | grep -qE 'sqlite|curl|http'; then
    fail "the agent depends on more than a board needs: $(dpkg-deb -f "$1" Depends)"
  fi
}

# Only what the packages were told to hold: one that lost its unit would install without a word.
check_contents() { # NAME UNPACKED
  local file wanted=("usr/bin/$1" "usr/share/man/man1/$1.1.gz" "usr/share/doc/$1/copyright")
  case $1 in
    signet-*) wanted+=("usr/lib/systemd/system/$1.service" "usr/lib/sysusers.d/$1.conf"
      "etc/signet/${1#signet-}.toml") ;;
  esac
  for file in "${wanted[@]}"; do
    [[ -e $2/$file ]] || fail "the package $1 has no $file"
  done
}

check_packages() { # ARCH
  local folder deb name
  folder=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now
  trap "rm -rf '$folder'" RETURN
  say "checking the packages of $1:"
  for name in $package_names; do
    deb=$(package_file "$1" "$name")
    [[ -n $deb ]] || fail "there is no package $name of $1"
    dpkg-deb -x "$deb" "$folder/$name"
    describe_package "$deb"
    check_contents "$name" "$folder/$name"
  done
  check_agent "$(package_file "$1" signet-agent)" "$folder/signet-agent"
  for name in signet-agent signet-coordinator; do
    check_unit "$folder/$name/usr/lib/systemd/system/$name.service" "$folder"
  done
  quietly "lintian on $1" "$root/build/$1.lintian.log" \
    lintian --fail-on error --allow-root "$root/build/packages/$1"/*.deb
  say "packages are in build/packages/$1/"
}

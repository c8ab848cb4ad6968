# shellcheck shell=bash
# ./dev kills, netfaults, mdns, faults, hostile, soak: real processes under real faults. Sourced by ./dev, which sets root.
: "${root:?}"

# Runs tests/faults/NAME.py with the programs of the bench preset, which are compiled as users run them.
run_fault_command() { # NAME TARGETS ARGUMENT...
  local name=$1 targets groups=(faults) arguments=()
  read -ra targets <<<"$2"
  shift 2
  if [[ $name == netfaults || $name == mdns ]]; then groups+=("$name"); fi
  if (($# > 0)); then mapfile -t arguments < <(with_absolute_json "$@"); fi
  need_packages_of_preset bench
  need_packages "${groups[@]}"
  build_preset bench signet-coordinator signet-agent signet "${targets[@]}"
  # Debian's own Python: its packages are not another one's.
  /usr/bin/python3 -B "$root/tests/faults/$name.py" --build "$root/build/bench" "${arguments[@]}"
}

run_kills() { run_fault_command kills '' "$@"; }
run_netfaults() { run_fault_command netfaults tun_wire "$@"; }
run_mdns() { run_fault_command mdns '' "$@"; }
run_faults() { run_fault_command faults 'lying_agent hostile_peer' "$@"; }
run_hostile() { run_fault_command hostile hostile_peer "$@"; }
run_soak() { run_fault_command soak '' "$@"; }

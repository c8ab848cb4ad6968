# shellcheck shell=bash
# ./dev kills, netfaults, mdns, faults, hostile, soak: real processes under real faults. Sourced by ./dev, which sets root.
: "${root:?}"

# Runs tests/faults/NAME.py with the programs of the bench preset, which are compiled as users run them, or of the
# one that `--preset P`, before all other arguments, names.
run_fault_command() { # NAME TARGETS ARGUMENT...
  local name=$1 targets groups=(faults) arguments=() preset=bench
  read -ra targets <<<"$2"
  shift 2
  if [[ ${1:-} == --preset ]]; then
    preset=${2:?"./dev $name --preset P"}
    require_preset "$preset"
    shift 2
  fi
  if [[ $name == netfaults || $name == mdns ]]; then groups+=("$name"); fi
  if (($# > 0)); then mapfile -t arguments < <(with_absolute_json "$@"); fi
  need_packages_of_preset "$preset"
  need_packages "${groups[@]}"
  build_preset "$preset" signet-coordinator signet-agent signet "${targets[@]}"
  # Debian's own Python: its packages are not another one's.
  /usr/bin/python3 -B "$root/tests/faults/$name.py" --build "$root/build/$preset" "${arguments[@]}"
}

run_kills() { run_fault_command kills '' "$@"; }
run_netfaults() { run_fault_command netfaults tun_wire "$@"; }
run_mdns() { run_fault_command mdns '' "$@"; }
run_faults() { run_fault_command faults 'lying_agent hostile_peer' "$@"; }
run_hostile() { run_fault_command hostile hostile_peer "$@"; }
run_soak() { run_fault_command soak '' "$@"; }

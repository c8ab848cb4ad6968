# shellcheck shell=bash
# ./dev demo: a coordinator and its agents as processes of this machine. Sourced by ./dev, which sets root.
: "${root:?}"

readonly demo_folder=$root/build/demo
readonly exit_address_in_use=6 # docs/configuration.md, exit codes

demo_job=$root/jobs/fashion-mlp.toml
demo_data=/usr/share/datasets/fashion-mnist
demo_agents=4
demo_port=
demo_fresh=(--fresh)
demo_options=()
demo_coordinator=    # process id while it runs
declare -A demo_pids # agent's number -> process id while it runs
demo_crashed=0       # agents that were killed by a signal

read_demo_options() {
  local own_data=no
  while (($# > 0)); do
    case $1 in
      --keep) demo_fresh=() && shift && continue ;;
      --job | --agents | --seed | --rounds | --data | --json | --port)
        (($# >= 2)) || fail_usage "$1 needs a value; ./dev help shows which"
        ;;
      *) fail_usage "./dev demo: unknown option '$1'; ./dev help lists them" ;;
    esac
    case $1 in
      --job) demo_job=$(absolute_path "$2") ;;
      --data) demo_data=$(absolute_path "$2") own_data=yes ;;
      --json) demo_options+=(--json "$(absolute_path "$2")") ;;
      --agents) require_number "$1" "$2" 1 1000 && demo_agents=$2 ;;
      --port) require_number "$1" "$2" 1 65534 && demo_port=$2 ;;
      --seed) require_number "$1" "$2" 0 999999999999999999 && demo_options+=("$1" "$2") ;;
      --rounds) require_number "$1" "$2" 1 999999999999 && demo_options+=("$1" "$2") ;;
    esac
    shift 2
  done
  [[ -f $demo_job ]] || fail_usage "--job: there is no file $demo_job"
  if [[ $own_data == yes ]]; then
    [[ -e $demo_data ]] || fail_usage "--data: there is no $demo_data"
    need_packages build
  else
    need_packages build demo
  fi
}

port_is_free() { ! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range from which the system serves outgoing connections. Updates use the next port.
choose_port() {
  local port tries
  for ((tries = 0; tries < 100; tries++)); do
    port=$((20000 + RANDOM % 10000))
    if port_is_free "$port" && port_is_free "$((port + 1))"; then
      printf '%s' "$port"
      return
    fi
  done
  fail "found no two free ports between 20000 and 30000; choose with --port"
}

start_demo() { # PORT
  local port=$1 name agent binaries=$root/build/release
  name=$(basename "$demo_job" .toml)
  demo_crashed=0
  "$binaries/coordinator/signet-coordinator" run "$demo_job" \
    --listen "tcp://127.0.0.1:$port" --data "$demo_data" --agents "$demo_agents" \
    --state "$demo_folder/$name.signet" --export "$demo_folder/$name.safetensors" \
    "${demo_fresh[@]}" "${demo_options[@]}" </dev/null &
  demo_coordinator=$!
  for ((agent = 0; agent < demo_agents; agent++)); do
    # One thread each: the agents share this machine's processors.
    OMP_NUM_THREADS=1 "$binaries/agent/signet-agent" run --name "agent-$agent" \
      --coordinator "tcp://127.0.0.1:$port" --data "$demo_data" --shard "$agent/$demo_agents" \
      >"$demo_folder/agent-$agent.log" 2>&1 </dev/null &
    demo_pids[$agent]=$!
  done
}

show_agent_log() { # AGENT WHAT_HAPPENED
  warn "agent-$1 $2; the last lines of build/demo/agent-$1.log:"
  tail -n 10 "$demo_folder/agent-$1.log" | sed 's/^/    /' >&2
}

# Looks after agents that ended. Fails when the run cannot go on: an agent that gave up by itself
# would do so again. One that was killed is a fault that a run survives.
look_after_agents() {
  local agent code
  for agent in "${!demo_pids[@]}"; do
    kill -0 "${demo_pids[$agent]}" 2>/dev/null && continue
    code=0
    wait "${demo_pids[$agent]}" || code=$?
    unset "demo_pids[$agent]"
    ((code == 0)) && continue
    if ((code <= 128)); then
      show_agent_log "$agent" "gave up (exit code $code)"
      return 1
    fi
    show_agent_log "$agent" "was killed (signal $((code - 128))); the others go on"
    demo_crashed=$((demo_crashed + 1))
  done
  if ((${#demo_pids[@]} == 0 && demo_crashed > 0)); then
    warn "no agent is left"
    return 1
  fi
}

# Waits for a process for a while, then insists.
end_process() { # PID SECONDS
  local tick
  kill -TERM "$1" 2>/dev/null || return 0
  for ((tick = 0; tick < $2 * 10; tick++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

# The coordinator first: it says what it has to say to its agents and writes its report.
stop_demo() {
  local agent
  trap '' INT TERM HUP
  if [[ -n $demo_coordinator ]]; then end_process "$demo_coordinator" 15; fi
  for agent in "${!demo_pids[@]}"; do kill -TERM "${demo_pids[$agent]}" 2>/dev/null || true; done
  for agent in "${!demo_pids[@]}"; do end_process "${demo_pids[$agent]}" 5; done
  for agent in "${!demo_pids[@]}"; do wait "${demo_pids[$agent]}" 2>/dev/null || true; done
  if [[ -n $demo_coordinator ]]; then wait "$demo_coordinator" 2>/dev/null || true; fi
  demo_coordinator=
  demo_pids=()
  trap - INT TERM HUP
  watch_signals
}

watch_signals() {
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}

# The coordinator's exit code; 1 when the agents ended the demo.
await_demo() {
  local code=0
  while kill -0 "$demo_coordinator" 2>/dev/null; do
    look_after_agents || return 1
    sleep 0.2
  done
  wait "$demo_coordinator" || code=$?
  demo_coordinator=
  return "$code"
}

run_demo() {
  local code=0 tries port
  read_demo_options "$@"
  build_preset release
  mkdir -p "$demo_folder"
  say "demo: $(basename "$demo_job" .toml), $demo_agents agents; logs and results in build/demo/"
  trap stop_demo EXIT
  watch_signals
  for ((tries = 0; tries < 5; tries++)); do
    port=${demo_port:-$(choose_port)}
    start_demo "$port"
    code=0
    await_demo || code=$?
    stop_demo
    # Somebody took the port between the look and the start.
    [[ $code == "$exit_address_in_use" && -z $demo_port ]] || break
    warn "port $port was taken; trying another"
  done
  trap - EXIT
  return "$code"
}

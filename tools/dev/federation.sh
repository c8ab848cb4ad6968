# shellcheck shell=bash
# ./dev federation: agents of three architectures in one federation, the ARM ones under qemu-user.
# Sourced by ./dev, which sets root.
: "${root:?}" "${device_guide:?}"

readonly federation_folder=build/federation
federation_pids=()

# Votes that are the same on every machine (tests/bench/rounds_agent.cpp), so that all digests must be.
federation_votes_job() {
  cat <<'JOB'
name = "votes"
data = { format = "idx", classes = 100, normalise = "none" }
model = { input = [1000], layers = [{ type = "dense", units = 100 }] }
training = { momentum = 0.0 }
rate = { controller = "fixed", value = 1e-4 }
round = { agents = 3, quorum = 3 }
stop = { rounds = 200 }
evaluate = { every = 0 }
JOB
}

# Training, which differs by architecture in its last bits: replicas may not.
federation_training_job() {
  sed -e 's/^agents = .*/agents = 3\nquorum = 3/' -e 's/^rounds = .*/rounds = 300/' \
    "$root/jobs/digits-boards.toml"
}

# A program of ARCH, as this machine runs it.
command_of() { # ARCH PROGRAM -> words, one a line
  case $1 in
    arm64) printf '%s\n' qemu-aarch64-static -L "$root/build/sysroot-arm64" ;;
    armhf) printf '%s\n' qemu-arm-static -L "$root/build/sysroot-armhf" ;;
  esac
  printf '%s\n' "$root/build/$1/$2"
}

start_program() { # LOG ARCH PROGRAM ARGUMENT...
  local log=$1 words
  mapfile -t words < <(command_of "$2" "$3")
  shift 3
  timeout -k 5 600 "${words[@]}" "$@" >"$log" 2>&1 </dev/null &
  federation_pids+=($!)
}

end_federation() {
  # TERM, which timeout(1) hands on.
  if ((${#federation_pids[@]} > 0)); then kill -TERM "${federation_pids[@]}" 2>/dev/null || true; fi
  federation_pids=()
}

figure() { sed -n "s/^ *\"$2\": \"\\{0,1\\}\\([a-z0-9]*\\)\"\\{0,1\\},\\{0,1\\}$/\\1/p" "$1"; } # JSON KEY

start_agent() { # JOB FOLDER NUMBER ARCH PORT
  if [[ $1 == votes ]]; then
    start_program "$2/agent-$3.log" "$4" tests/bench/bench_agent "agent-$3" "tcp://127.0.0.1:$5"
  else
    start_program "$2/agent-$3.log" "$4" agent/signet-agent run --name "agent-$3" \
      --coordinator "tcp://127.0.0.1:$5" --data "$root/build/digits" --shard "$3/3"
  fi
}

# One federation to its end; its digest goes to the file of that name in its folder.
federate() { # JOB COORDINATOR AGENT AGENT AGENT
  local job=$1 folder started number=0 arch port pid code=0
  folder=$root/$federation_folder/$(printf '%s-' "$@" | sed 's/-$//')
  port=$(choose_port)
  rm -rf "$folder"
  mkdir -p "$folder"
  "federation_${job}_job" >"$folder/job.toml"
  started=$(now_ms)
  trap end_federation EXIT
  start_program "$folder/coordinator.log" "$2" coordinator/signet-coordinator run "$folder/job.toml" \
    --listen "tcp://127.0.0.1:$port" --state "$folder/run.signet" --json "$folder/run.json" --progress none
  for arch in "${@:3}"; do
    start_agent "$job" "$folder" "$number" "$arch" "$port"
    number=$((number + 1))
  done
  # The coordinator is the first; the agents end when it has told them.
  for pid in "${federation_pids[@]}"; do
    wait "$pid" || code=$?
    if ((code != 0)); then break; fi
  done
  end_federation
  trap - EXIT
  ((code == 0)) || { cat "$folder"/*.log >&2 && fail "the federation in ${folder#"$root"/} ended with $code"; }
  [[ $(figure "$folder/run.json" replicas_equal) == true && $(figure "$folder/run.json" agents) == 3 ]] ||
    fail "the replicas of ${folder#"$root"/} are not equal"
  figure "$folder/run.json" digest >"$folder/digest"
  printf '  %-9s coordinator %-6s agents %-6s %-6s %-6s digest %s, replicas equal, %s\n' "$@" \
    "$(<"$folder/digest")" "$(seconds_since "$started")"
}

digest_of() { cat "$root/$federation_folder/$1/digest"; }

run_federation() {
  local arch mixed
  (($# == 0)) || fail_usage "./dev federation takes no arguments"
  need_packages build test arm64 armhf qemu package
  make_sysroot arm64 aarch64-linux-gnu
  make_sysroot armhf arm-linux-gnueabihf
  for arch in amd64 arm64 armhf; do
    build_preset "$arch" signet-agent signet-coordinator bench_agent
  done
  make_tables
  say "federations of x86-64, arm64 and armhf (the ARM ones under qemu), logs in $federation_folder/:"
  federate votes amd64 amd64 amd64 amd64
  for mixed in amd64 arm64 armhf; do
    federate votes "$mixed" amd64 arm64 armhf
    [[ $(digest_of "votes-$mixed-amd64-arm64-armhf") == "$(digest_of votes-amd64-amd64-amd64-amd64)" ]] ||
      fail "the same votes made another model with a coordinator of $mixed"
  done
  say "  the same votes made the same model, bit for bit, on every architecture"
  federate training amd64 amd64 arm64 armhf
  federate training arm64 amd64 arm64 armhf
  say "  training made equal replicas in each federation"
}

# shellcheck shell=bash disable=SC2016  # the container's shell expands what stands in '...'
# What ./dev device-test does on its board. The commands of docs/boards.md are run as they stand
# there. Sourced by ./dev, which sets root.
: "${root:?}" "${device_arch?}" "${device_work?}" "${device_disk?}" "${device_slow?}"

readonly device_guide=docs/boards.md
readonly agent_data=/var/lib/signet-agent/data

device_step_started=0
begin_step() { # TEXT
  device_step_started=$(now_ms)
  say "== $*"
}
end_step() { say "   $(seconds_since "$device_step_started")"; }

# Fails with the words of the test, and shows what the services said.
device_fail() { # TEXT
  warn "$*"
  inside journalctl -u signet-agent -u signet-coordinator -u board-2 -n 40 --no-pager -o short-monotonic >&2 || true
  inside systemctl show signet-agent signet-coordinator -p Id -p ActiveState -p StatusText >&2 || true
  fail "device test of $device_arch: $*"
}

expect() { # TEXT COMMAND...
  local text=$1
  shift
  "$@" || device_fail "$text"
}
expect_soon() { # TEXT SECONDS COMMAND...
  local text=$1
  shift
  eventually "$@" || device_fail "$text"
}

# The commands of the guide that stand below <!-- device-test: NAME -->.
commands_of() { # FILE NAME
  awk -v mark="<!-- device-test: $2 -->" '
    $0 == mark { wanted = 1; next }
    wanted && /^```sh$/ { inside = 1; next }
    inside && /^```$/ { exit }
    inside { print }' "$root/$1"
}

run_guide() { # NAME
  local commands
  commands=$(commands_of "$device_guide" "$1")
  [[ -n $commands ]] || fail "$device_guide has no commands for '$1'"
  inside bash -euo pipefail -c "cd ~; $commands" >"$device_work/guide.log" 2>&1 || {
    cat "$device_work/guide.log" >&2
    device_fail "the commands '$1' of $device_guide failed"
  }
}

# README's commands are those of the guide.
check_readme() {
  local name
  for name in coordinator token board; do
    [[ $(commands_of README.md $name) == "$(commands_of $device_guide $name)" ]] ||
      fail "README.md and $device_guide differ in the commands for '$name'"
  done
}

property() { inside systemctl show "$1" -p "$2" --value; } # UNIT PROPERTY
is_active() { state_is "$1" active; }
state_is() { [[ $(property "$1" ActiveState) == "$2" ]]; }                 # UNIT STATE
status_says() { property "$1" StatusText | grep -E "$2" >/dev/null; }      # UNIT PATTERN
restarted_since() { [[ $(property "$1" MainPID) != "$2" && $(property "$1" MainPID) != 0 ]] && is_active "$1"; }
journal_says() { inside journalctl -u "$1" --no-pager | grep -E "$2" >/dev/null; } # UNIT PATTERN

# "round 12 of ...": the coordinator's own words, since its agents may be elsewhere in between.
round_now() {
  inside signet status --json 2>/dev/null | grep -oE '"round": *[0-9]+' | grep -oE '[0-9]+' || say 0
}
answers() { inside signet status >/dev/null 2>&1; }
is_past_round() { (($(round_now) > $1)); } # ROUND
expect_votes() { # TEXT: rounds close from here on
  local round
  expect_soon "$1: the coordinator does not answer" 30 answers
  round=$(round_now)
  expect_soon "$1: no round closed after round $round" 60 is_past_round $((round + 5))
}

# The tables of the guide, made on this machine: the container has no network.
make_tables() {
  local folder=$root/build/digits made=$root/build/digits.new
  [[ -s $folder/test.csv ]] && return
  rm -rf "$made"
  mkdir -p "$made"
  quietly "data: digits" "$root/build/digits.log" \
    run_in "$made" bash -euo pipefail -c "$(commands_of $device_guide data)"
  rm -rf "$folder"
  mv "$made" "$folder"
}

# What the reader of the guide has at hand: packages, data, sudo, and names that lead here.
furnish_device() {
  cp "$root/build/packages/$device_arch"/*.deb "$device_disk/root/"
  make_tables
  cp "$root"/build/digits/{train,test}.csv "$device_disk/root/"
  printf '#!/bin/sh\nexec "$@"\n' >"$device_disk/usr/local/bin/sudo"
  chmod 755 "$device_disk/usr/local/bin/sudo"
  printf 'board\n' >"$device_disk/etc/hostname"
  printf '127.0.0.1 localhost board laptop.local\n' >"$device_disk/etc/hosts"
}

# Settings of the test alone: hangs are noticed sooner, and qemu-user has no user namespaces.
lay_drop_ins() {
  local unit
  for unit in signet-agent signet-coordinator; do
    mkdir -p "$device_disk/etc/systemd/system/$unit.service.d"
    {
      printf '[Service]\nWatchdogSec=%d\n' $((3 * device_slow))
      if device_foreign; then printf 'PrivateUsers=no\n'; fi
    } >"$device_disk/etc/systemd/system/$unit.service.d/test.conf"
  done
}

# Stands for another machine: it is no part of what is tested.
readonly second_board=/var/lib/board-2
join_second_board() {
  inside bash -euo pipefail -c "install -d -o signet-agent $second_board
    signet token --address tcp://laptop.local:7300 --name board-2 |
      signet-agent join - --config $second_board/agent.toml --data $agent_data --no-start"
}
start_second_board() {
  inside systemd-run -q --unit=board-2 --uid=signet-agent signet-agent run --config $second_board/agent.toml \
    --shard 1/2
}

memory_peak() { # UNIT -> "31 MB"
  inside awk '/^VmHWM:/ { printf "%.0f MB", $2 * 1024 / 1e6 }' "/proc/$(property "$1" MainPID)/status"
}

step_install() {
  begin_step "install, configure, start (the guide's commands)"
  run_guide coordinator
  expect "the coordinator's service is not active" is_active signet-coordinator
  expect_soon "it does not say what it waits for" 10 status_says signet-coordinator 'waiting for agents'
  run_guide token
  run_guide board
  expect_soon "the agent's service is not active" 10 is_active signet-agent
  expect "the agent's user is missing" inside getent passwd signet-agent >/dev/null
  end_step
}

step_vote() {
  begin_step "a second board joins; they vote"
  join_second_board || device_fail "the second board cannot join"
  start_second_board
  expect_votes "two boards"
  expect_soon "the agent's status tells no round and loss" 20 status_says signet-agent 'round [0-9]+, loss [0-9.e+-]+, '
  expect_soon "the coordinator's status tells no round and loss" 20 status_says signet-coordinator 'round [0-9]+ of [0-9]+, loss '
  run_guide watch
  expect "signet agents does not know both boards" grep -q board-2 "$device_work/guide.log"
  say "   memory, most so far (with the emulator's, where there is one): agent $(memory_peak signet-agent)," \
    "coordinator $(memory_peak signet-coordinator)"
  end_step
}

# Root asks, and the service's user looks.
step_doctor() {
  begin_step "signet-agent doctor finds that the board can vote, and what it lacks"
  inside signet-agent doctor >"$device_work/doctor.log" 2>&1 || {
    cat "$device_work/doctor.log" >&2
    device_fail "the doctor finds that a board that votes cannot vote"
  }
  expect "the doctor does not see the service" grep -q 'service  *runs, and starts' "$device_work/doctor.log"
  expect "the doctor does not see the key" grep -q "lets this board's in" "$device_work/doctor.log"
  # systemd has given the service all that lay in its folder.
  inside chown root: $agent_data/train.csv
  inside chmod 600 $agent_data/train.csv
  inside signet-agent doctor >"$device_work/doctor.log" 2>&1 && device_fail "data that the service may not read are fine"
  inside chmod 644 $agent_data/train.csv
  end_step
}

step_reload() {
  local agent
  begin_step "reload"
  agent=$(property signet-agent MainPID)
  run_guide reload
  expect_soon "the reload is not in the journal" 10 journal_says signet-agent 'was reloaded: log level debug'
  expect "the reload restarted the agent" [ "$agent" = "$(property signet-agent MainPID)" ]
  printf 'nonsense = 1\n' >>"$device_disk/etc/signet/agent.toml"
  inside systemctl reload signet-agent
  expect_soon "a wrong file was taken" 10 journal_says signet-agent 'was not reloaded'
  expect "a wrong file ended the agent" is_active signet-agent
  sed -i '/^nonsense/d' "$device_disk/etc/signet/agent.toml"
  end_step
}

# Its locked-in service reaches the system's bus; here is nobody on it who knows.
step_metered() {
  begin_step "a metered connection is asked for over D-Bus"
  inside sed -i 's/^metered = .*/metered = "pause"/' /etc/signet/agent.toml
  inside systemctl reload signet-agent
  expect_soon "the agent did not ask" 20 journal_says signet-agent \
    'guest.metered: NetworkManager .*: it does not run; taken as not metered'
  inside sed -i 's/^metered = .*/metered = "vote"/' /etc/signet/agent.toml
  inside systemctl reload signet-agent
  end_step
}

step_kill() { # UNIT
  local pid
  begin_step "kill -9 $1"
  pid=$(property "$1" MainPID)
  inside systemctl kill -s KILL "$1"
  expect_soon "$1 was not started again" 30 restarted_since "$1" "$pid"
  expect_votes "after kill -9 of $1"
  end_step
}

step_hang() { # UNIT
  local pid
  begin_step "hang of $1"
  pid=$(property "$1" MainPID)
  inside systemctl kill -s STOP "$1"
  expect_soon "$1 hung and the watchdog did not see it" 60 restarted_since "$1" "$pid"
  expect "the journal does not name the watchdog" journal_says "$1" 'watchdog'
  expect_votes "after the hang of $1"
  end_step
}

step_bad_configuration() {
  begin_step "a wrong configuration: one clear message, no restarts"
  inside systemctl stop signet-agent
  cp "$device_disk/etc/signet/agent.toml" "$device_work/agent.toml"
  printf 'nmae = "x"\n' >"$device_disk/etc/signet/agent.toml"
  inside systemctl reset-failed signet-agent 2>/dev/null || true
  inside systemctl start signet-agent 2>/dev/null || true
  expect_soon "the service did not fail" 20 state_is signet-agent failed
  expect "exit code 3 is configuration" [ "$(property signet-agent ExecMainStatus)" = 3 ]
  expect "it was restarted" [ "$(property signet-agent NRestarts)" = 0 ]
  expect "the message is not an error of the journal" \
    inside sh -c 'journalctl -u signet-agent -p err --no-pager | grep -q "did you mean name"'
  cp "$device_work/agent.toml" "$device_disk/etc/signet/agent.toml"
  inside systemctl start signet-agent
  expect_soon "the mended configuration does not start" 20 is_active signet-agent
  end_step
}

step_missing_data() {
  local pid
  begin_step "missing data: waits grow from start to start"
  inside mv $agent_data $agent_data.away
  inside systemctl restart signet-agent 2>/dev/null || true
  expect_soon "the third start does not wait" 30 journal_says signet-agent 'waits 2 s: the last 2 starts did not last'
  inside mv $agent_data.away $agent_data
  expect_soon "data that came late were not seen" 60 status_says signet-agent 'round [0-9]+'
  end_step
}

step_reboot() {
  begin_step "reboot"
  leave_device reboot
  boot_device
  start_second_board
  expect_soon "the coordinator did not start by itself" 30 is_active signet-coordinator
  expect_soon "the agent did not start by itself" 30 is_active signet-agent
  expect_votes "after the reboot"
  expect "the run did not go on" journal_says signet-coordinator 'going on with run'
  end_step
}

# The same package with a later version and with another default configuration.
make_next_version() { # NAME
  local unpacked=$device_work/next conffile
  rm -rf "$unpacked"
  dpkg-deb -R "$(package_file "$device_arch" "$1")" "$unpacked"
  sed -i 's/^Version: .*/&+next/' "$unpacked/DEBIAN/control"
  while read -r conffile; do
    printf '# A comment of the next version.\n' >>"$unpacked$conffile"
  done <"$unpacked/DEBIAN/conffiles"
  rm "$device_disk/root/$1"_*.deb
  dpkg-deb -b --root-owner-group "$unpacked" "$device_disk/root/" >/dev/null
}

step_upgrade() {
  local agent
  begin_step "upgrade: only what ran is restarted, the configuration is kept"
  inside systemctl stop signet-coordinator
  make_next_version signet-agent
  make_next_version signet-coordinator
  agent=$(property signet-agent MainPID)
  run_guide upgrade
  expect "the agent was not upgraded" inside sh -c 'dpkg-query -W signet-agent | grep -q next'
  expect_soon "the agent was not restarted" 20 restarted_since signet-agent "$agent"
  expect "the stopped coordinator was started" state_is signet-coordinator inactive
  expect "the agent's configuration was lost" grep -q laptop.local "$device_disk/etc/signet/agent.toml"
  expect "the new default is not beside it" test -e "$device_disk/etc/signet/agent.toml.dpkg-dist"
  inside systemctl start signet-coordinator
  expect_votes "after the upgrade"
  end_step
}

# The run is given an end shortly after where it is: stop.rounds may change while it is stopped.
step_finish() {
  local round
  begin_step "the run ends; all replicas are equal"
  round=$(round_now)
  inside sed -i "s/^rounds = .*/rounds = $((round + 500))/" /etc/signet/job.toml
  inside systemctl restart signet-coordinator
  expect_soon "the run did not end" 120 journal_says signet-coordinator 'all replicas equal +yes'
  expect_soon "the coordinator's service did not end" 20 state_is signet-coordinator inactive
  expect "no model was written" inside sh -c 'ls /var/lib/signet-coordinator/*.safetensors >/dev/null'
  expect_soon "the agent does not wait for the next run" 30 status_says signet-agent 'looking for the coordinator|waits'
  inside journalctl -u signet-coordinator --no-pager -o cat | grep -E 'test accuracy|rounds  |replicas|digest' | tail -n 4
  end_step
}

step_remove() {
  begin_step "remove, purge"
  inside systemctl stop board-2 2>/dev/null || true
  run_guide remove
  expect "the agent still runs" [ -z "$(inside pgrep -x signet-agent || true)" ]
  expect "remove took the configuration" test -e "$device_disk/etc/signet/agent.toml"
  run_guide purge
  expect "purge left the configuration" [ ! -e "$device_disk/etc/signet/agent.toml" ]
  expect "purge took the board's data" test -e "$device_disk$agent_data/train.csv"
  expect "purge left the board's key" [ ! -e "$device_disk/etc/signet/agent.key" ]
  expect "purge left the agent enabled" [ ! -L "$device_disk/etc/systemd/system/multi-user.target.wants/signet-agent.service" ]
  expect "purge left more than data of the coordinator" \
    [ "$(ls -A "$device_disk/var/lib/signet-coordinator")" = data ]
  end_step
}

test_device() {
  local started
  started=$(now_ms)
  check_readme
  begin_step "boot"
  furnish_device
  boot_device
  lay_drop_ins
  inside systemctl daemon-reload
  end_step
  step_install
  step_vote
  step_doctor
  step_reload
  step_metered
  step_kill signet-agent
  step_kill signet-coordinator
  step_hang signet-agent
  step_hang signet-coordinator
  step_bad_configuration
  step_missing_data
  step_reboot
  step_upgrade
  step_finish
  step_remove
  leave_device poweroff
  say "device test of $device_arch: passed in $(seconds_since "$started")"
}

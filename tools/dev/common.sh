# shellcheck shell=bash
# Messages, times and the one way to run a noisy program quietly. Sourced by ./dev.
: "${root:?}" "${caller_folder:?}"

say() { printf '%s\n' "$*"; }
warn() { printf './dev: %s\n' "$*" >&2; }
fail() {
  warn "$*"
  exit 1
}
fail_usage() {
  warn "$*"
  exit 2
}

now_ms() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }
seconds_since() { # MILLISECONDS -> "12.3 s"
  local elapsed=$(($(now_ms) - $1))
  printf '%d.%d s' "$((elapsed / 1000))" "$((elapsed % 1000 / 100))"
}

# The caller's relative path, seen from anywhere.
absolute_path() {
  case $1 in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$caller_folder" "$1" ;;
  esac
}

require_number() { # OPTION VALUE LOWEST HIGHEST
  if [[ ! $2 =~ ^[0-9]{1,18}$ ]] || ((10#$2 < $3 || 10#$2 > $4)); then
    fail_usage "$1 is '$2'; it must be a whole number from $3 to $4"
  fi
}

# On a terminal: the time so far, and how far ninja is. Ends with the script, whatever ends that.
show_progress() { # TEXT LOG STARTED_MS
  local done_of
  while sleep 1 && kill -0 "$$" 2>/dev/null; do
    done_of=$(tail -n 1 "$2" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]' || true)
    printf '\r\033[K%s ... %s %s' "$1" "$done_of" "$(seconds_since "$3")"
  done
}

# Runs a command with its output in a log file, shows the log only when the command fails.
quietly() { # TEXT LOG COMMAND...
  local text=$1 log=$2 started ticker='' code=0
  shift 2
  started=$(now_ms)
  mkdir -p "$(dirname "$log")"
  printf '%s ... ' "$text"
  if [[ -t 1 ]]; then
    show_progress "$text" "$log" "$started" &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r\033[K%s ... ' "$text"
  fi
  if ((code == 0)); then
    say "$(seconds_since "$started")"
    return
  fi
  say "failed after $(seconds_since "$started")"
  cat "$log" >&2
  warn "$text failed (exit code $code); the log above is ${log#"$root"/}"
  return "$code"
}

# All in build/ but the systems in there, whose files are root's.
give_back_build() { # USER:GROUP
  [[ -d $root/build ]] || return 0
  find "$root/build" -xdev -path "$root/build/rootfs-*" -prune -o -user 0 -exec chown -h "$1" {} +
}

# Compilers at once: one for each processor, and for each GiB of free memory.
jobs_at_once() {
  local jobs=${SIGNET_JOBS:-} free
  if [[ -n $jobs ]]; then
    require_number SIGNET_JOBS "$jobs" 1 1024
  else
    jobs=$(nproc)
    free=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    ((free >= 1 && free < jobs)) && jobs=$free
  fi
  printf '%s' "$jobs"
}

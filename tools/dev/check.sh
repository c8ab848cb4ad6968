# shellcheck shell=bash
# ./dev format and ./dev lint. Sourced by ./dev, which sets root.
: "${root:?}"

# Files of the tree that end like this; new ones count, ignored ones do not.
files_named() { # PATTERN...
  run_in_root git ls-files --cached --others --exclude-standard -- "$@" |
    sort -u | while read -r file; do
    if [[ -f $root/$file ]]; then say "$file"; fi
  done
}

need_git() {
  if ! run_in_root git rev-parse --git-dir >/dev/null 2>&1; then
    fail "$1 asks git for the files of this tree, and this is not a git checkout"
  fi
}

run_format() {
  local mode=(-i) text=formatting files
  case ${1:-} in
    '') ;;
    --check) mode=(--dry-run -Werror) text="checking the format" ;;
    *) fail_usage "./dev format takes --check, or nothing" ;;
  esac
  need_git "./dev format"
  need_packages lint
  mapfile -t files < <(files_named '*.cpp' '*.hpp')
  ((${#files[@]} > 0)) || fail "there are no C++ files to format"
  quietly "$text of ${#files[@]} files" "$root/build/format.log" \
    run_in_root clang-format --style=file "${mode[@]}" "${files[@]}"
}

scripts_of_tree() {
  say dev
  files_named '*.sh' '.ci/*'
}

run_shellcheck() {
  local scripts
  mapfile -t scripts < <(scripts_of_tree)
  quietly "shellcheck on ${#scripts[@]} scripts" "$root/build/shellcheck.log" \
    run_in_root shellcheck -x "${scripts[@]}"
}

# Folders with a changed source or header; a test's own folder is not a room.
changed_rooms() { # REVISION
  {
    run_in_root git diff --name-only --diff-filter=d "$1" -- '*.cpp' '*.hpp'
    run_in_root git ls-files --others --exclude-standard -- '*.cpp' '*.hpp'
  } | grep -v '^tests/' | xargs -r -n 1 dirname | sort -u
}

# Checks one file, unless the time is up. Writes what it found beside the other results.
lint_file() { # FILE RESULTS DEADLINE_MS
  local name=${1//\//_}
  if (($3 > 0 && $(now_ms) >= $3)); then
    say "$1" >"$2/$name.late"
  elif ! clang-tidy -p "$root/build/dev" --quiet "$root/$1" >"$2/$name.log" 2>&1; then
    say "$1" >"$2/$name.bad"
  fi
}

# Kernels of another processor are not compiled here: clang-tidy would have to guess their flags.
keep_compiled() {
  local file kept=()
  for file in "${files[@]}"; do
    if grep -qF "\"file\": \"$root/$file\"" "$root/build/dev/compile_commands.json"; then
      kept+=("$file")
    else
      say "clang-tidy: $file is not part of this machine's build"
    fi
  done
  files=("${kept[@]}")
}

run_clang_tidy() { # SECONDS ROOM...
  local limit=$1 deadline=0 results=$root/build/lint files=() room started
  shift
  for room in "$@"; do
    [[ -d $root/$room ]] || fail_usage "there is no room '$room' (example: core/vote)"
    mapfile -t -O "${#files[@]}" files < <(cd "$root" && find "$room" -maxdepth 1 -name '*.cpp')
  done
  keep_compiled
  if ((${#files[@]} == 0)); then
    say "clang-tidy: no changed source outside tests/"
    return
  fi
  rm -rf "$results"
  mkdir -p "$results"
  started=$(now_ms)
  ((limit > 0)) && deadline=$((started + limit * 1000))
  printf 'clang-tidy on %d files ... ' "${#files[@]}"
  export -f lint_file now_ms say
  printf '%s\0' "${files[@]}" |
    xargs -0 -P "$(jobs_at_once)" -I '{}' bash -c 'lint_file "$@"' lint '{}' "$results" "$deadline"
  report_lint "$results" "$started"
}

report_lint() { # RESULTS STARTED_MS
  local late bad file
  mapfile -t late < <(find "$1" -name '*.late' -exec cat {} +)
  mapfile -t bad < <(find "$1" -name '*.bad')
  say "$(seconds_since "$2")"
  ((${#late[@]} == 0)) || say "  time was up before these ${#late[@]}: ${late[*]}"
  for file in "${bad[@]}"; do cat "${file%.bad}.log" >&2; done
  ((${#bad[@]} == 0)) || fail "clang-tidy found something in ${#bad[@]} files, see above"
}

run_lint() {
  local rooms=() since=HEAD seconds=0
  while (($# > 0)); do
    case $1 in
      --since) since=${2:?"./dev lint --since REVISION"} && shift ;;
      --seconds) seconds=${2:?"./dev lint --seconds N"} && shift ;;
      -*) fail_usage "unknown option '$1'; ./dev help lists them" ;;
      *) rooms+=("${1%/}") ;;
    esac
    shift
  done
  require_number --seconds "$seconds" 0 86400
  need_git "./dev lint"
  need_packages build test lint
  if ((${#rooms[@]} == 0)); then
    run_in_root git rev-parse --verify --quiet "$since^{commit}" >/dev/null ||
      fail_usage "--since: git knows no revision '$since'"
    mapfile -t rooms < <(changed_rooms "$since")
  fi
  build_preset dev # clang-tidy reads generated headers too
  run_shellcheck
  run_clang_tidy "$seconds" "${rooms[@]}"
}

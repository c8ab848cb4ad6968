# shellcheck shell=bash
# ./dev paper: the studies of docs/paper.md, made again. Sourced by ./dev, which sets root.
: "${root:?}"

# Files that arguments name are the caller's: the studies run elsewhere.
with_absolute_paths() { # ARGUMENT... -> one a line
  local previous='' argument
  for argument in "$@"; do
    case $previous in --json | --data) argument=$(absolute_path "$argument") ;; esac
    printf '%s\n' "$argument"
    previous=$argument
  done
}

run_paper() { # STUDY [ARGUMENT...]
  local arguments=() targets=(signet)
  if (($# > 0)); then mapfile -t arguments < <(with_absolute_paths "$@"); fi
  case ${1:-} in
    fig1)
      targets=(signet-figure-1)
      need_packages build paper
      ;;
    fig2 | unequal | combinations | batches | liars) need_packages build paper demo ;;
    grid | smoothness | estimates) need_packages build paper demo digits ;;
    *)
      fail_usage "./dev paper takes one of fig1, fig2, grid, unequal, combinations, batches," \
        "smoothness, estimates, liars"
      ;;
  esac
  build_preset release "${targets[@]}"
  # Debian's own Python: its packages are not another one's.
  PYTHONDONTWRITEBYTECODE=1 run_in_root /usr/bin/python3 tools/paper/main.py --root "$root" "${arguments[@]}"
}

# shellcheck shell=bash
# ./dev mca: how many cycles the NEON kernels' inner loops take on the boards' processors, by the
# models of llvm-mca. Not a measurement: every load hits the first-level cache. Sourced by ./dev.
: "${root:?}"

# Column heading and model. The A72 has the A57's model in LLVM, the A76 has none of its own there:
# the Neoverse N1 is the same core for servers.
readonly mca_models='A53 cortex-a53
A72 cortex-a72
A76 neoverse-n1'

# Loop, most cycles on A72, most on A76.
readonly mca_bars='group_of_16 50 28'

mca_assembly() { # FILE
  local include=$root/build/mca/include
  mkdir -p "$include"
  # The one header of the host that may be seen: the others are another processor's.
  ln -sf "$(pkg-config --variable=includedir libxxhash)/xxhash.h" "$include/xxhash.h"
  aarch64-linux-gnu-g++ -std=c++20 -O3 -mcpu=cortex-a72 -ffp-contract=off \
    -DXXH_NO_PREFETCH -DSIGNET_NEON_KERNELS -I"$root" -I"$include" \
    -S "$root/tests/bench/mca_loops.cpp" -o "$1"
}

# An in-order model takes one turn after the other as if nothing overlapped: there, the cycles are
# those that the busiest unit needs. Elsewhere they are a turn's share of 1000 turns.
mca_of_model() { # MODEL ASSEMBLY -> LOOP BYTES CYCLES
  llvm-mca-19 -march=aarch64 -mcpu="$1" -iterations=1000 "$2" | awk -v model="$1" '
    /Code Region/ { split($NF, region, ":") }
    /^Total Cycles:/ { cycles = $NF / 1000 }
    /^Block RThroughput:/ {
      printf "%s %d %.1f\n", region[1], region[2], model == "cortex-a53" ? $NF : cycles }'
}

mca_table() { # ASSEMBLY
  local name model files=()
  while read -r name model; do
    mca_of_model "$model" "$1" >"$root/build/mca/$name" || return
    files+=("$root/build/mca/$name")
  done <<<"$mca_models"
  say "# Cycles of one turn of each NEON loop (tests/bench/mca_loops.cpp), and the bytes that it reads:"
  say "# ./dev mca writes this file, ./dev mca --check compares with it. Models of llvm-mca 19 (A53:"
  say "# its busiest unit alone; A72: the A57's; A76: the Neoverse N1's) on code of g++ 12; all loads"
  say "# hit the first-level cache."
  paste -d ' ' "${files[@]}" | awk '
    BEGIN { printf "%-16s %6s %8s %8s %8s\n", "loop", "bytes", "A53", "A72", "A76" }
    $1 != $4 || $4 != $7 { exit 1 }
    { printf "%-16s %6d %8.1f %8.1f %8.1f\n", $1, $2, $3, $6, $9 }'
}

# Rows that are new, gone, or more than 5 % away.
mca_differences() { # OLD NEW
  awk '
    /^#/ || /^loop / { next }
    NR == FNR { old[$1] = $0; next }
    { new[$1] = 1
      if (split(old[$1], was) == 0) { print $1 ": is not in the table"; next }
      for (i = 3; i <= 5; ++i)
        if ($i > was[i] * 1.05 || $i < was[i] / 1.05) print $1 ": " $i " cycles, in the table " was[i] }
    END { for (loop in old) if (!new[loop]) print loop ": is in the table alone" }' "$1" "$2"
}

mca_above_bars() { # TABLE
  local loop a72 a76
  while read -r loop a72 a76; do
    awk -v loop="$loop" -v a72="$a72" -v a76="$a76" '
      $1 == loop { seen = 1; if ($4 > a72 || $5 > a76) print loop ": more than " a72 " and " a76 }
      END { if (!seen) print loop ": is missing" }' "$1"
  done <<<"$mca_bars"
}

run_mca() {
  local table=$root/tests/bench/arm_cycles.txt new=$root/build/mca/arm_cycles.txt found
  [[ $# -eq 0 || ($# -eq 1 && $1 == --check) ]] || fail_usage "./dev mca takes --check, or nothing"
  need_packages build mca
  mca_assembly "$root/build/mca/loops.s"
  mca_table "$root/build/mca/loops.s" >"$new"
  if [[ ${1:-} != --check ]]; then
    cp "$new" "$table"
    cat "$table"
  fi
  found=$(mca_differences "$table" "$new" && mca_above_bars "$new")
  [[ -z $found ]] || fail "cycles on ARM (tests/bench/arm_cycles.txt): $found"
  say "$(grep -c '^[a-z]' "$new" | awk '{ print $1 - 1 }') loops, all within 5 % of the table"
}

// The inner loops of the NEON kernels, with marks for llvm-mca around one turn of each. Compiled to
// assembly by tools/dev/mca.sh, never linked. The steps are the kernels' own (core/kernels/*.inc);
// the loops around them are spelled out here, because a mark has to stand inside.
#include <cstddef>

// The file itself, because what is measured has no name outside of it.
#include "core/kernels/neon.cpp"

namespace signet::kernels {

// The name is followed by the bytes that one turn reads of its input.
#define SIGNET_TURN_BEGINS(name, bytes) \
  asm volatile("# LLVM-MCA-BEGIN " name ":%c0" ::"i"(bytes) : "memory")
#define SIGNET_TURN_ENDS() asm volatile("# LLVM-MCA-END" ::: "memory")

namespace mca {

// vote_few_columns: up to 16 voters, one vector of each.
#define SIGNET_FEW_LOOP(M)                                                        \
  void vote_##M(const std::byte* const* given, std::size_t to, std::byte* into) { \
    const std::byte* rows[M];                                                     \
    for (int i = 0; i < M; ++i) rows[i] = given[i];                               \
    for (std::size_t at = 0; at < to; at += kWidth) {                             \
      SIGNET_TURN_BEGINS("vote_" #M, M* kWidth);                                  \
      Vec planes[planes_for(M)];                                                  \
      vote_column<M>(planes, Column{rows, at});                                   \
      store(into + at, planes[planes_for(M) - 1]);                                \
      SIGNET_TURN_ENDS();                                                         \
    }                                                                             \
  }
SIGNET_FEW_LOOP(5)
SIGNET_FEW_LOOP(8)
SIGNET_FEW_LOOP(16)

// vote_some_columns: sixteen more rows of one column; its seven planes stay in registers.
void group_of_16(const std::byte* const* rows, std::size_t voters, std::size_t at,
                 std::byte* into) {
  Vec planes[7];
  set_constant(planes, 7, start_for(7, voters));
  for (std::size_t r = 0; r + 16 <= voters; r += 16) {
    SIGNET_TURN_BEGINS("group_of_16", 16 * kWidth);
    add_bit(planes, 4, 7, add_tree<4>(planes, Column{rows, at}, r));
    SIGNET_TURN_ENDS();
  }
#pragma GCC unroll 7
  for (std::size_t p = 0; p < 7; ++p) store(into + p * kWidth, planes[p]);
}

// add_group: sixteen rows of one column; the seven planes lie in the cache.
void group_in_block(const std::byte* const* given, std::byte* planes, std::size_t to) {
  for (std::size_t at = 0; at < to; at += kWidth, planes += kWidth) {
    SIGNET_TURN_BEGINS("group_in_block", 16 * kWidth);
    add_group<4, 3, false>(planes, kBlock + 64, 7, given, given, at, 0, kWidth);
    SIGNET_TURN_ENDS();
  }
}

// count_four: four rows against one outcome.
void mismatch(const std::byte* const* given, const std::byte* majority, std::size_t to,
              std::byte* into) {
  const std::byte* rows[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) rows[i] = given[i];
  Vec counts[4] = {zeros(), zeros(), zeros(), zeros()};
  for (std::size_t at = 0; at < to; at += kWidth) {
    SIGNET_TURN_BEGINS("mismatch_of_4", 4 * kWidth);
    const Vec m = load(majority + at);
    for (std::size_t i = 0; i < 4; ++i)
      counts[i] = add_counts(counts[i], count_ones(differ(load(rows[i] + at), m)));
    SIGNET_TURN_ENDS();
  }
  for (std::size_t i = 0; i < 4; ++i) store(into + i * kWidth, counts[i]);
}

void pack(const float* x, std::size_t count, Word* positive, Word* zero) {
  for (std::size_t i = 0; i < count; ++i) {
    SIGNET_TURN_BEGINS("pack_64", 256);
    zero[i] = pack_block<false>(x + 64 * i, positive + i);
    SIGNET_TURN_ENDS();
  }
}

void momentum(float* m, const float* g, float beta, std::size_t count, Word* positive, Word* zero) {
  for (std::size_t i = 0; i < count; ++i) {
    SIGNET_TURN_BEGINS("momentum_64", 512);
    zero[i] = momentum_block<false>(m + 64 * i, g + 64 * i, beta, positive + i);
    SIGNET_TURN_ENDS();
  }
}

void apply(float* x, float eta, const Word* signs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    SIGNET_TURN_BEGINS("apply_64", 256);
    step_block(x + 64 * i, eta, signs[i]);
    SIGNET_TURN_ENDS();
  }
}

}  // namespace mca

}  // namespace signet::kernels

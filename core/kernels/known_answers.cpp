#include <array>
#include <cstddef>
#include <vector>

#include "core/base/random.hpp"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

namespace {

constexpr std::size_t kVoters = 5, kWords = 67, kPlanes = 3, kBits = kWords * 64;

bool bit_of(const Word* words, std::size_t i) {
  return ((words[i / 64] >> (i % 64)) & 1U) != 0;
}

// Majority, tie plane and mismatch of five seeded voters, against counting one bit at a time.
bool votes_rightly(const Kernels& table) {
  Rng rng(20200211);
  std::vector<Word> votes(kVoters * kWords), planes(kPlanes * kWords, 0);
  for (auto& w : votes) w = rng.next();
  for (std::size_t v = 0; v < kVoters; ++v)
    table.add_vote(reinterpret_cast<const std::byte*>(&votes[v * kWords]), kWords, planes.data(),
                   kPlanes, 0);
  std::vector<Word> above(kWords), equal(kWords), none(kWords, 0);
  table.compare(planes.data(), kWords, kPlanes, 2, above.data(), equal.data());
  std::uint64_t differ = 0;
  for (std::size_t i = 0; i < kBits; ++i) {
    unsigned count = 0;
    for (std::size_t v = 0; v < kVoters; ++v) count += bit_of(&votes[v * kWords], i) ? 1U : 0U;
    if (bit_of(above.data(), i) != (count > 2) || bit_of(equal.data(), i) != (count == 2))
      return false;
    differ += bit_of(votes.data(), i) != (count > 2) ? 1U : 0U;
  }
  return table.count_differences(reinterpret_cast<const std::byte*>(votes.data()), above.data(),
                                 none.data(), kWords) == differ;
}

bool steps_rightly(const Kernels& table) {
  std::array<float, 70> x{};
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 3) - 1.0F;
  std::array<Word, 2> positive{}, zero{};
  table.pack_signs(x.data(), x.size(), positive.data(), zero.data());
  auto moved = x;
  table.apply_signs(moved.data(), 0.25F, positive.data(), zero.data(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float step = x[i] > 0 ? 0.25F : (x[i] < 0 ? -0.25F : 0.0F);
    if (moved[i] != x[i] - step) return false;
  }
  return true;
}

}  // namespace

bool answers_rightly(const Kernels& table) {
  return votes_rightly(table) && steps_rightly(table);
}

}  // namespace signet::kernels

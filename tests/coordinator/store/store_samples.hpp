#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "coordinator/store/store.hpp"
#include "core/base/digest.hpp"
#include "core/base/random.hpp"

namespace signet::test {

inline Bytes sample_bytes(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  Bytes bytes(size);
  for (auto& b : bytes) b = static_cast<std::byte>(rng.next() & 0xff);
  return bytes;
}

inline RunHeader sample_header() {
  // Beyond what a signed 64-bit column holds as such.
  return {RunId{0xfedc'ba98'7654'3210U}, "name = \"digits\"\n", 0x8000'0000'0000'0001U, {}};
}

/// A round whose every field depends on its number.
inline StoredRound sample_round(std::uint64_t number, std::size_t signs = 100) {
  Rng rng(number);
  StoredRound round;
  round.round = RoundId{number};
  round.rate = rng.uniform();
  round.digest = rng.next();
  round.signs = sample_bytes(signs, rng.next());
  if (number % 2 == 0) round.ties = sample_bytes(signs, rng.next());
  if (number % 5 != 0)
    round.controller = sample_bytes(static_cast<std::size_t>(number % 40), rng.next());
  round.train_loss = number % 3 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                     : 1.0 / static_cast<double>(number);
  round.elapsed_s = 0.1 * static_cast<double>(number);
  round.voters = static_cast<std::uint32_t>(rng.next());
  round.abstained = static_cast<std::uint32_t>(rng.below(10));
  round.refused = static_cast<std::uint32_t>(rng.below(10));
  for (std::size_t a = 0; a < number % 4; ++a)
    round.agents.push_back("board " + std::to_string(a) + "\n'" + std::string(a, '\0') + "ä");
  return round;
}

inline bool same_number(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

inline bool same_figures(const StoredRound& a, const StoredRound& b) {
  return a.round == b.round && a.rate == b.rate && a.digest == b.digest &&
         same_number(a.train_loss, b.train_loss) && a.elapsed_s == b.elapsed_s &&
         a.voters == b.voters && a.abstained == b.abstained && a.refused == b.refused;
}

inline bool same_round(const StoredRound& a, const StoredRound& b) {
  return same_figures(a, b) && a.signs == b.signs && a.ties == b.ties &&
         a.controller == b.controller && a.agents == b.agents;
}

inline bool is_pruned(const StoredRound& round) {
  return round.signs.empty() && round.ties.empty() && round.controller.empty() &&
         round.agents.empty();
}

inline StoredSnapshot sample_snapshot(std::uint64_t next_round, std::size_t parameters = 1000) {
  StoredSnapshot snapshot;
  snapshot.next_round = RoundId{next_round};
  Rng rng(next_round);
  for (std::size_t i = 0; i < parameters; ++i) snapshot.parameters.push_back(rng.uniform() - 0.5F);
  // Values that a detour through decimals or doubles would not keep.
  const std::vector<float> odd{-0.0F, std::numeric_limits<float>::denorm_min(),
                               std::numeric_limits<float>::infinity()};
  for (std::size_t i = 0; i < odd.size() && i < parameters; ++i) snapshot.parameters[i] = odd[i];
  snapshot.digest = digest(std::span<const float>(snapshot.parameters));
  return snapshot;
}

/// Bit for bit.
inline bool same_snapshot(const StoredSnapshot& a, const StoredSnapshot& b) {
  return a.next_round == b.next_round && a.digest == b.digest &&
         a.parameters.size() == b.parameters.size() &&
         to_bytes(std::as_bytes(std::span(a.parameters))) ==
             to_bytes(std::as_bytes(std::span(b.parameters)));
}

inline std::vector<StoredRound> rounds_of(Store& store, std::uint64_t first = 0) {
  std::vector<StoredRound> rounds;
  const auto visited = store.rounds_from(RoundId{first}, [&](const StoredRound& round) {
    rounds.push_back(round);
    return Status();
  });
  SIGNET_CHECK(visited, visited ? "" : visited.error().message);
  return rounds;
}

inline std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace signet::test

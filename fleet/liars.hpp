#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/trainer/trainer.hpp"
#include "core/base/result.hpp"

namespace signet {

/// What an agent that lies votes with. Its loss and statistics stay true.
enum class LieKind {
  Flip,      ///< the opposite of its own vote
  Random,    ///< coins, new ones in each round
  Constant,  ///< +1 everywhere, in every round
  Collude,   ///< all liars vote alike: the opposite of what the first of them should
};

/// Which part of a fleet lies, and how.
struct LiarSpec {
  double share = 0;  ///< of the agents, in [0, 1]; rounded down: the last ones lie
  LieKind kind = LieKind::Flip;

  bool operator==(const LiarSpec&) const = default;
};

/// Reads "0.33:flip"; kinds are flip, random, constant and collude.
/// Fails with Malformed: what was given and what is allowed.
Result<LiarSpec> parse_liars(std::string_view text);
std::string to_text(const LiarSpec& spec);

/// Stands between an agent's learner and its session. A pure function of what the agents should
/// have voted and of the seed.
class Liars {
 public:
  Liars(const LiarSpec& spec, std::size_t agents, std::uint64_t seed);

  std::size_t count() const { return lies_.size(); }
  /// What agent `index` says in place of `honest`; the same object unless the agent lies. The
  /// reference is valid until the agent's next call. Colluders that are asked before the first of
  /// them in a round flip their own vote.
  const Contribution& told(std::size_t index, const Contribution& honest);

 private:
  LiarSpec spec_;
  std::uint64_t seed_;
  std::size_t first_;               // of the agents that lie
  std::vector<Contribution> lies_;  // of each
};

}  // namespace signet

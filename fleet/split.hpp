#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/dataset.hpp"

namespace signet {

enum class SplitKind {
  Equal,      ///< sample i goes to agent i mod agents
  Dirichlet,  ///< the shares of a class are drawn: some agents get much of it, others nothing
  Classes,    ///< every agent has a few classes only
};

/// How the samples of one data set come to the agents of a simulated fleet.
struct SplitSpec {
  SplitKind kind = SplitKind::Equal;
  double alpha = 0.5;                 ///< Dirichlet: small is unequal, large is equal
  std::size_t classes_per_agent = 1;  ///< Classes

  bool operator==(const SplitSpec&) const = default;
};

/// Reads "equal", "dirichlet:ALPHA" (above 0 to 1e6) or "classes:COUNT" (1 to 65536).
/// Fails with Malformed: what was given and all that is allowed, to stand behind an option's name.
Result<SplitSpec> parse_split(std::string_view text);
/// The text that parse_split() reads back to an equal specification.
std::string to_text(const SplitSpec& spec);

/// Deals out `all`: every sample to exactly one of `agents` > 0 agents. A pure function of its
/// arguments, but for the last bit of Dirichlet shares, which come from this machine's libm.
///
/// Equal:     Dataset::shard(i, agents): what `shard = "i/agents"` gives a board. No use of `seed`.
/// Dirichlet: for each class the shares of the agents are drawn from Dir(alpha, ..., alpha), as in
///            Yurochkin et al. 2019 (arXiv:1905.12022), section 4; alpha = 0.1 to 100 as in Hsu, Qi
///            and Brown 2019 (arXiv:1909.06335). An agent with fewer than 10 samples (or an equal
///            share, if that is less) gets what it lacks from the agent that has most, one by one.
/// Classes:   the classes stand in an order drawn from the seed; agent i has the
/// `classes_per_agent`
///            of them that follow each other from number i * classes_per_agent on, round and round.
///            A class is shared equally by those who have it, within one sample.
///
/// Fails with Mismatch when there are fewer samples than agents, the samples have no labels
/// (Dirichlet and Classes), an agent would have more classes than there are, or a class no agent.
Result<std::vector<Dataset>> split(const Dataset& all, const SplitSpec& spec, std::size_t agents,
                                   std::uint64_t seed);

}  // namespace signet

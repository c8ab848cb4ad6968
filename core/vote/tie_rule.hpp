#pragma once

namespace signet {

/// What a coordinate with as many votes for +1 as for -1 becomes (common when M is even).
enum class TieRule {
  Random,    ///< a fair coin: a hash of seed, round and coordinate; one bit
  Hold,      ///< the paper's sign(0) = 0: the parameter stays; costs a second bit plane
  Previous,  ///< the bit of the previous update (of the first round: Random)
};

}  // namespace signet

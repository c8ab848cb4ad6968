#pragma once

namespace signet {

/// What a gradient of exactly 0 (a dead unit, a constant pixel) votes. Counting it as +1 would make
/// its weight drift.
enum class ZeroRule {
  Random,   ///< a fair coin: a hash of seed, agent, round and coordinate; one bit
  Abstain,  ///< no vote on this coordinate; costs a second bit plane when there are zeros
};

}  // namespace signet

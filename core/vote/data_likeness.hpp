#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace signet {

/// Whether the voters' data seem to be of one kind, from the losses that come with their votes.
///
/// At one and the same x_k, boards with data of one kind have losses that differ by the chance of
/// the draw alone; where each has classes or habits of its own, some are harder than others round
/// after round. Over a window of kWindow rounds this compares the variance of the voters' means
/// with what the scatter within each voter lets expect (the F of an analysis of variance). Votes
/// themselves do not tell: with one class for each agent the mismatches with the majority lay
/// between 0.22 and 0.28, as with equal data, and how much a voter agrees with its own earlier
/// votes tells a small data set from a large one as well.
///
/// Memory: a name and 40 bytes for each voter. Deterministic; not thread-safe.
class DataLikeness {
 public:
  static constexpr std::size_t kWindow = 50;  // rounds
  /// From this ratio on data are called unequal, when two windows in a row have it. Measured
  /// (docs/learning.md): below 2 with equal data; 9 and more with Dirichlet(0.1) shares or one
  /// class for each agent.
  static constexpr double kUnequal = 6;

  /// One vote: the mean `loss` of a `batch`, drawn from `samples` without replacement.
  void add(std::string_view voter, double loss, std::size_t batch, std::uint64_t samples);
  /// After the votes of each round: ends the window when it is full.
  void end_round();

  /// Variance between voters over the one expected, in the last full window; none before the first
  /// one, and when fewer than three voters were there for half of it.
  std::optional<double> ratio() const { return ratio_; }
  bool unequal() const { return windows_above_ >= 2; }

 private:
  struct Losses {
    double n = 0, mean = 0, squares = 0;  // squares: sum of (loss - mean)^2
    double draws = 1;                     // batches that the data hold
  };

  std::optional<double> ratio_of_window() const;

  std::map<std::string, Losses, std::less<>> window_;
  std::size_t rounds_ = 0, windows_above_ = 0;
  std::optional<double> ratio_;
};

}  // namespace signet

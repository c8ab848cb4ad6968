#include "core/vote/data_likeness.hpp"

#include <algorithm>

namespace signet {

void DataLikeness::add(std::string_view voter, double loss, std::size_t batch,
                       std::uint64_t samples) {
  auto at = window_.find(voter);
  if (at == window_.end()) at = window_.emplace(voter, Losses{}).first;
  Losses& l = at->second;
  // Welford 1962: no sum of squares that swallows the differences.
  l.n += 1;
  const double off = loss - l.mean;
  l.mean += off / l.n;
  l.squares += off * (loss - l.mean);
  l.draws = std::max(
      1.0, static_cast<double>(samples) / static_cast<double>(std::max<std::size_t>(1, batch)));
}

void DataLikeness::end_round() {
  if (++rounds_ < kWindow) return;
  ratio_ = ratio_of_window();
  windows_above_ = ratio_.value_or(0) > kUnequal ? windows_above_ + 1 : 0;
  window_.clear();
  rounds_ = 0;
}

std::optional<double> DataLikeness::ratio_of_window() const {
  double voters = 0, sum = 0, squares = 0, expected = 0;
  for (const auto& [name, l] : window_) {
    if (l.n < static_cast<double>(kWindow) / 2) continue;
    ++voters;
    sum += l.mean;
    squares += l.mean * l.mean;
    // Draws beyond one pass over the data are the same samples again.
    expected += l.squares / (l.n - 1) / std::min(l.n, l.draws);
  }
  if (voters < 3 || !(expected > 0)) return std::nullopt;
  const double between = (squares - sum * sum / voters) / (voters - 1);
  return between / (expected / voters);
}

}  // namespace signet

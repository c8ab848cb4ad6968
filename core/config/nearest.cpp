#include "core/config/nearest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace signet::config {

namespace nearest_detail {

constexpr std::size_t kLengthMax = 200;  // longer names are nobody's typing error

std::string_view last_part(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::size_t forgiven(std::string_view name) {
  return std::max<std::size_t>(2, name.size() / 3);
}

template <typename Distance>
std::optional<std::string> nearest(std::span<const std::string> candidates,
                                   std::size_t distance_max, Distance distance) {
  std::optional<std::string> best;
  std::size_t least = distance_max + 1;
  for (const auto& candidate : candidates) {
    const auto steps = distance(candidate);
    if (steps >= least) continue;
    least = steps;
    best = candidate;
  }
  return best;
}

}  // namespace nearest_detail

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Row i holds the distances of a's first i characters to every beginning of b.
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::optional<std::string> nearest_word(std::string_view given,
                                        std::span<const std::string> candidates) {
  if (given.size() > nearest_detail::kLengthMax) return std::nullopt;
  return nearest_detail::nearest(
      candidates, nearest_detail::forgiven(given),
      [given](const std::string& candidate) { return edit_distance(given, candidate); });
}

std::optional<std::string> nearest_path(std::string_view given,
                                        std::span<const std::string> candidates) {
  if (given.size() > nearest_detail::kLengthMax) return std::nullopt;
  const auto name = nearest_detail::last_part(given);
  return nearest_detail::nearest(
      candidates, nearest_detail::forgiven(name), [given, name](const std::string& candidate) {
        const auto moved = edit_distance(name, nearest_detail::last_part(candidate)) + 1;
        return std::min(edit_distance(given, candidate), moved);
      });
}

}  // namespace signet::config

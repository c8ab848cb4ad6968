#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet::config {

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`
/// (optimal string alignment: no part is edited twice).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `given` most likely means, or none when nothing is close: at most a third of
/// its letters may be wrong (two are always forgiven). Of equally near ones the first wins.
std::optional<std::string> nearest_word(std::string_view given,
                                        std::span<const std::string> candidates);

/// As nearest_word(), for dotted paths: a right name in a wrong or missing table counts as near.
std::optional<std::string> nearest_path(std::string_view given,
                                        std::span<const std::string> candidates);

}  // namespace signet::config

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/document.hpp"
#include "core/config/problems.hpp"

namespace signet::config {

/// Whole numbers from `low` to `high`, both allowed.
struct IntegerRange {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  std::string unit;  ///< "samples"; "" where a number counts nothing
};

/// Finite numbers from `low` to `high`; the ends are allowed unless said otherwise.
struct NumberRange {
  double low = 0, high = 1;
  std::string unit;
  bool above_low = false;   ///< `low` itself is not allowed
  bool below_high = false;  ///< `high` itself is not allowed
};

/// What a text must be beyond text.
struct TextRule {
  std::string allowed = "any text";             ///< for people, after "allowed: "
  bool (*accepts)(std::string_view) = nullptr;  ///< none: everything
};

/// "1 to 65536 samples", "above 0 to 1", "0 to below 1".
std::string allowed_text(const IntegerRange& range);
std::string allowed_text(const NumberRange& range);

// Each read_*() checks one value completely: it returns the value, or says at `place` what is wrong
// with it and what is allowed.
std::optional<std::int64_t> read_integer(const Value& value, const IntegerRange& range,
                                         const Place& place);
std::optional<double> read_number(const Value& value, const NumberRange& range, const Place& place);
std::optional<std::string> read_text(const Value& value, const TextRule& rule, const Place& place);
/// Index of the word among `words`. `otherwise` tells in errors what is allowed beside words.
std::optional<std::size_t> read_word(const Value& value, std::span<const std::string> words,
                                     const Place& place, const std::string& otherwise = "");
/// Items are named "path[0]" and so on in errors.
std::optional<std::vector<std::int64_t>> read_integers(const Value& value,
                                                       const IntegerRange& range,
                                                       const Place& place);
/// Also refuses an item that occurs twice.
std::optional<std::vector<std::string>> read_texts(const Value& value, const TextRule& rule,
                                                   const Place& place);

}  // namespace signet::config

#include "core/config/checks.hpp"

#include <algorithm>
#include <cmath>

#include "core/config/nearest.hpp"
#include "core/config/text.hpp"

namespace signet::config {

namespace checks_detail {

std::string with_unit(const std::string& text, const std::string& unit) {
  return unit.empty() ? text : text + " " + unit;
}

void refuse_kind(const Value& value, std::string_view expected, const Place& place) {
  place.refuse("is " + std::string(kind_name(value)) + "; expected " + std::string(expected));
}

template <typename T, typename Read>
std::optional<std::vector<T>> read_list(const Value& value, std::string_view expected,
                                        const Place& place, Read read) {
  const auto* list = std::get_if<List>(&value.data);
  if (list == nullptr) {
    refuse_kind(value, expected, place);
    return std::nullopt;
  }
  std::vector<T> items;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto& item = (*list)[i];
    const Place inside{place.problems, place.path + "[" + std::to_string(i) + "]", item.line};
    if (auto read_item = read(item, inside)) items.push_back(std::move(*read_item));
  }
  if (items.size() != list->size()) return std::nullopt;
  return items;
}

}  // namespace checks_detail

std::string allowed_text(const IntegerRange& range) {
  return checks_detail::with_unit(std::to_string(range.low) + " to " + std::to_string(range.high),
                                  range.unit);
}

std::string allowed_text(const NumberRange& range) {
  const std::string low = (range.above_low ? "above " : "") + toml_number(range.low);
  const std::string high = (range.below_high ? "below " : "") + toml_number(range.high);
  return checks_detail::with_unit(low + " to " + high, range.unit);
}

std::optional<std::int64_t> read_integer(const Value& value, const IntegerRange& range,
                                         const Place& place) {
  const auto* integer = std::get_if<std::int64_t>(&value.data);
  if (integer == nullptr) {
    checks_detail::refuse_kind(value, "an integer", place);
    return std::nullopt;
  }
  if (*integer < range.low || *integer > range.high) {
    place.refuse("is " + std::to_string(*integer) + "; allowed: " + allowed_text(range));
    return std::nullopt;
  }
  return *integer;
}

std::optional<double> read_number(const Value& value, const NumberRange& range,
                                  const Place& place) {
  double number = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    number = static_cast<double>(*integer);
  } else if (const auto* floating = std::get_if<double>(&value.data)) {
    number = *floating;
  } else {
    checks_detail::refuse_kind(value, "a number", place);
    return std::nullopt;
  }
  if (!std::isfinite(number)) {
    place.refuse("is not a finite number; allowed: " + allowed_text(range));
    return std::nullopt;
  }
  const bool too_low = range.above_low ? number <= range.low : number < range.low;
  const bool too_high = range.below_high ? number >= range.high : number > range.high;
  if (too_low || too_high) {
    place.refuse("is " + toml_number(number) + "; allowed: " + allowed_text(range));
    return std::nullopt;
  }
  return number;
}

std::optional<std::string> read_text(const Value& value, const TextRule& rule, const Place& place) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    checks_detail::refuse_kind(value, "a string", place);
    return std::nullopt;
  }
  // Paths and names end up in system calls (which stop at a zero byte), logs and terminals.
  if (std::any_of(text->begin(), text->end(), is_control)) {
    place.refuse("is " + quoted(*text) + " with a control character; allowed: " + rule.allowed);
    return std::nullopt;
  }
  if (rule.accepts != nullptr && !rule.accepts(*text)) {
    place.refuse("is " + quoted(*text) + "; allowed: " + rule.allowed);
    return std::nullopt;
  }
  return *text;
}

std::optional<std::size_t> read_word(const Value& value, std::span<const std::string> words,
                                     const Place& place, const std::string& otherwise) {
  const auto* word = std::get_if<std::string>(&value.data);
  if (word == nullptr) {
    checks_detail::refuse_kind(value, "a string, one of: " + join(words), place);
    return std::nullopt;
  }
  const auto found = std::find(words.begin(), words.end(), *word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const auto meant = nearest_word(*word, words);
  place.refuse("is " + quoted(*word) + "; allowed: " + join(words) +
               (otherwise.empty() ? "" : ", or " + otherwise) +
               (meant ? "; did you mean " + *meant + "?" : ""));
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> read_integers(const Value& value,
                                                       const IntegerRange& range,
                                                       const Place& place) {
  return checks_detail::read_list<std::int64_t>(
      value, "a list of integers", place,
      [&](const Value& item, const Place& inside) { return read_integer(item, range, inside); });
}

std::optional<std::vector<std::string>> read_texts(const Value& value, const TextRule& rule,
                                                   const Place& place) {
  auto texts = checks_detail::read_list<std::string>(
      value, "a list of strings", place,
      [&](const Value& item, const Place& inside) { return read_text(item, rule, inside); });
  if (!texts) return texts;
  for (auto text = texts->begin(); text != texts->end(); ++text) {
    if (std::find(texts->begin(), text, *text) == text) continue;
    place.refuse("names " + quoted(*text) + " twice");
    return std::nullopt;
  }
  return texts;
}

}  // namespace signet::config

#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/config/text.hpp"

namespace signet::config {

// How a checked number goes into a struct's field and comes back as TOML. A std::optional field is
// a key that may be left out: none is written as "".

inline Duration duration_from_seconds(double value) {
  return Duration(static_cast<Duration::rep>(std::llround(value * 1e6)));
}

template <std::integral T, std::integral V>
void assign_field(T& field, V value) {
  field = static_cast<T>(value);
}
inline void assign_field(double& field, double value) {
  field = value;
}
inline void assign_field(Duration& field, double value) {
  field = duration_from_seconds(value);
}
template <typename T, typename V>
void assign_field(std::optional<T>& field, V value) {
  T inner{};
  assign_field(inner, value);
  field = inner;
}

template <std::integral T>
std::string field_text(T field) {
  return std::to_string(field);
}
inline std::string field_text(double field) {
  return toml_number(field);
}
/// Microseconds as seconds: below 2^53 us (285 years) this reads back to the same microsecond.
inline std::string field_text(Duration field) {
  return toml_number(static_cast<double>(field.count()) / 1e6);
}
template <typename T>
std::string field_text(const std::optional<T>& field) {
  return field ? field_text(*field) : std::string();
}

}  // namespace signet::config

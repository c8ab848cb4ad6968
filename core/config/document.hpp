#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace signet::config {

struct Entry;
struct Value;
using List = std::vector<Value>;
using Table = std::vector<Entry>;

/// A date or a time. No key takes one, so only its presence is kept.
struct DateTime {
  bool operator==(const DateTime&) const = default;
};

/// One value of a configuration file and the line it starts on (1 is the first; 0: not from a
/// file).
struct Value {
  std::variant<bool, std::int64_t, double, std::string, DateTime, List, Table> data;
  std::size_t line = 0;
};

struct Entry {
  std::string key;
  std::size_t line = 0;  ///< of the key, or of the [header] that opened the table
  Value value;
};

/// Reads TOML. Fails with Malformed: "file:line:column: what the syntax lacks".
Result<Table> parse_document(std::string_view text, const std::string& file);

/// The kind of a value with its article, for errors: "a string", "an integer".
std::string_view kind_name(const Value& value);

}  // namespace signet::config

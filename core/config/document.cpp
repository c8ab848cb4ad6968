#include "core/config/document.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <toml++/toml.h>

#include "core/config/text.hpp"

namespace signet::config {

namespace document_detail {

Table table_from(const toml::table& source);

std::size_t line_of(const toml::source_region& region) {
  return static_cast<std::size_t>(region.begin.line);
}

Value value_from(const toml::node& node) {
  Value value;
  value.line = line_of(node.source());
  if (const auto* flag = node.as_boolean()) {
    value.data = flag->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.data = number->get();
  } else if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* array = node.as_array()) {
    List list;
    for (const auto& item : *array) list.push_back(value_from(item));
    value.data = std::move(list);
  } else if (const auto* table = node.as_table()) {
    value.data = table_from(*table);
  } else {
    value.data = DateTime{};
  }
  return value;
}

Table table_from(const toml::table& source) {
  Table table;
  for (const auto& [key, node] : source)
    table.push_back({std::string(key.str()), line_of(key.source()), value_from(node)});
  // The library sorts by name; people read from top to bottom.
  std::stable_sort(table.begin(), table.end(),
                   [](const Entry& a, const Entry& b) { return a.line < b.line; });
  return table;
}

}  // namespace document_detail

Result<Table> parse_document(std::string_view text, const std::string& file) {
  try {
    return document_detail::table_from(toml::parse(text));
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    return Error{ErrorKind::Malformed, file + ":" + std::to_string(begin.line) + ":" +
                                           std::to_string(begin.column) +
                                           ": TOML syntax: " + printable(error.description())};
  }
}

std::string_view kind_name(const Value& value) {
  constexpr std::array<std::string_view, 7> names = {
      "a boolean", "an integer", "a float", "a string", "a date or time", "a list", "a table"};
  return names.at(value.data.index());
}

}  // namespace signet::config

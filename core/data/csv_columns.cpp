#include "core/data/csv_columns.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "core/data/array.hpp"

namespace signet {
namespace {

bool contains_name(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "'age', 'height', ... (13 in all)".
std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t shown_max = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown_max); ++i)
    text += (i == 0 ? "" : ", ") + quoted_text(names[i]);
  if (names.size() > shown_max) text += ", ... (" + std::to_string(names.size()) + " in all)";
  return text;
}

/// Is the first line a sample already? All names are numbers then, and not the numbering that
/// some tools give to columns without names (0 1 2 ... or 1 2 3 ...).
bool looks_like_data(const std::vector<std::string>& names) {
  std::optional<double> first;
  bool numbering = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const char* end = names[i].data() + names[i].size();
    double value = 0;
    const auto parsed = std::from_chars(names[i].data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return false;
    if (!first) first = value;
    numbering =
        numbering && (*first == 0 || *first == 1) && value == *first + static_cast<double>(i);
  }
  return !numbering;
}

Status check_header(const DataSpec& spec, const CsvRecord& header, const std::string& file) {
  const std::string at = file + ":" + std::to_string(header.line) + ": ";
  if (looks_like_data(header.fields))
    return Error{ErrorKind::Malformed, at + "the first line holds only numbers (" +
                                           names_text(header.fields) +
                                           "); a header line with the names of the columns is "
                                           "required above it"};
  for (std::size_t i = 0; i < header.fields.size(); ++i)
    if (header.fields[i].empty() && !contains_name(spec.ignored_columns, ""))
      return Error{ErrorKind::Malformed,
                   at + "column " + std::to_string(i + 1) +
                       " has no name; name it, or remove it if it only numbers the lines"};
  return {};
}

/// Finds the one column of this name.
Result<std::size_t> find_column(const CsvRecord& header, const std::string& name, const char* role,
                                const std::string& file) {
  const auto& names = header.fields;
  const std::string at = file + ":" + std::to_string(header.line) + ": ";
  const auto count = std::count(names.begin(), names.end(), name);
  if (count == 0)
    return Error{ErrorKind::Mismatch, at + "the " + role + " column " + quoted_text(name) +
                                          " is not in the header; the columns are " +
                                          names_text(names) + ": correct the job or the header"};
  if (count > 1)
    return Error{ErrorKind::Mismatch, at + "the " + role + " column " + quoted_text(name) + " is " +
                                          std::to_string(count) +
                                          " times in the header; rename the others"};
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

Result<CsvColumns> assign_columns(const DataSpec& spec, const CsvRecord& header,
                                  const std::string& file) {
  if (auto checked = check_header(spec, header, file); !checked) return checked.error();
  CsvColumns columns;
  for (const std::string& name : header.fields) {
    const bool ignored = contains_name(spec.ignored_columns, name);
    columns.roles.push_back({name, ignored ? CsvRole::Ignored : CsvRole::Feature, 0});
  }
  if (spec.classes > 0) {
    const auto label = find_column(header, spec.label_column, "label", file);
    if (!label) return label.error();
    columns.roles[*label].role = CsvRole::Label;
  }
  for (std::size_t slot = 0; slot < spec.target_columns.size(); ++slot) {
    const auto target = find_column(header, spec.target_columns[slot], "target", file);
    if (!target) return target.error();
    columns.roles[*target].role = CsvRole::Target;
    columns.roles[*target].slot = slot;
  }
  std::vector<std::string> features;
  for (const CsvColumn& column : columns.roles)
    if (column.role == CsvRole::Feature) features.push_back(column.name);
  if (features.empty())
    return Error{ErrorKind::Mismatch, file + ":" + std::to_string(header.line) +
                                          ": no column is left for the features; the columns are " +
                                          names_text(header.fields) +
                                          ": check the separator and the ignored columns"};
  columns.features_count = features.size();
  columns.features_text = names_text(features);
  return columns;
}

}  // namespace signet

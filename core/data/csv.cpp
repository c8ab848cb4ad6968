#include "core/data/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/data/array.hpp"
#include "core/data/csv_columns.hpp"
#include "core/data/csv_reader.hpp"

namespace signet {
namespace {

bool equals_any_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

bool is_missing(std::string_view text) {
  return text.empty() || text == "?" || equals_any_case(text, "na") ||
         equals_any_case(text, "nan") || equals_any_case(text, "null");
}

/// Parses all of `text`. A leading plus sign is allowed, which from_chars refuses.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>)
    // Too close to 0 for it, or too far: 0 or infinite, as elsewhere.
    if (code == std::errc::result_out_of_range)
      return std::strtod(std::string(text).c_str(), nullptr);
  if (code != std::errc()) return std::nullopt;
  return value;
}

/// Turns the records of one table into columns of numbers.
class CsvTable {
 public:
  CsvTable(const DataSpec& spec, const std::string& file, CsvColumns columns)
      : spec_(spec), file_(file), columns_(std::move(columns)) {}

  /// `bytes` is the size of the table: a value takes at least one of them.
  void reserve(std::size_t records, std::size_t bytes) {
    const std::size_t width = columns_.features_count;
    features_.reserve(records > bytes / width ? bytes : records * width);
  }

  Status add(const CsvRecord& record) {
    if (record.fields.size() != columns_.roles.size())
      return Error{ErrorKind::Malformed,
                   file_ + ":" + std::to_string(record.line) + ": " +
                       std::to_string(record.fields.size()) + " columns, the header has " +
                       std::to_string(columns_.roles.size()) +
                       "; correct the line, and quote fields that hold the separator"};
    targets_.resize(targets_.size() + spec_.target_columns.size());
    for (std::size_t i = 0; i < record.fields.size(); ++i)
      if (auto added = add_field(record, i); !added) return added;
    ++samples_;
    return {};
  }

  Result<Dataset> finish() && {
    const std::size_t shape[] = {samples_, columns_.features_count};
    auto sample = sample_shape_for(file_, shape, spec_.input);
    if (!sample) {
      Error error = sample.error();
      if (samples_ > 0) error.message += "; feature columns are " + columns_.features_text;
      return error;
    }
    features_.shrink_to_fit();
    return Dataset(*std::move(sample), std::move(features_), std::move(labels_),
                   std::move(targets_));
  }

 private:
  Status add_field(const CsvRecord& record, std::size_t i) {
    const std::string& text = record.fields[i];
    const CsvColumn& column = columns_.roles[i];
    if (column.role == CsvRole::Ignored) return {};
    if (is_missing(text)) {
      if (column.role == CsvRole::Feature) {
        features_.push_back(std::numeric_limits<float>::quiet_NaN());
        return {};
      }
      const bool label = column.role == CsvRole::Label;
      return fail(ErrorKind::Malformed, record, i,
                  std::string("the ") + (label ? "label" : "target") + " is missing (" +
                      quoted_text(text) + "); fill it in or leave the line out");
    }
    return column.role == CsvRole::Label ? add_label(record, i) : add_value(record, i);
  }

  Status add_label(const CsvRecord& record, std::size_t i) {
    const std::string& text = record.fields[i];
    const auto label = parse_number<std::int64_t>(text);
    const std::int64_t largest = largest_label(spec_.classes);
    const std::string range = "0 to " + std::to_string(largest);
    // Numbering texts here would give every board a numbering of its own.
    if (!label)
      return fail(ErrorKind::Malformed, record, i,
                  "the label " + quoted_text(text) + " is not a whole number; number the classes " +
                      range + " alike on every board");
    if (*label < 0 || *label > largest)
      return fail(ErrorKind::Mismatch, record, i,
                  "label " + std::to_string(samples_) + " is " + std::to_string(*label) +
                      ", allowed are " + range +
                      "; number the classes from 0, or correct the job's number of classes");
    labels_.push_back(static_cast<std::int32_t>(*label));
    return {};
  }

  Status add_value(const CsvRecord& record, std::size_t i) {
    const std::string& text = record.fields[i];
    const auto value = parse_number<double>(text);
    if (!value)
      return fail(
          ErrorKind::Malformed, record, i,
          quoted_text(text) + " is not a number" +
              (text.find(',') == std::string::npos ? "; correct it, or " + std::string(kIgnoreIt)
                                                   : "; write decimals with a point, not a comma"));
    if (!(std::abs(*value) <= std::numeric_limits<float>::max()))
      return fail(ErrorKind::Malformed, record, i,
                  quoted_text(text) +
                      " is not finite as a 32-bit float; correct it, or leave it "
                      "empty where the value is missing");
    const auto number = static_cast<float>(*value);
    const CsvColumn& column = columns_.roles[i];
    if (column.role == CsvRole::Feature)
      features_.push_back(number);
    else
      targets_[samples_ * spec_.target_columns.size() + column.slot] = number;
    return {};
  }

  Error fail(ErrorKind kind, const CsvRecord& record, std::size_t i,
             const std::string& what) const {
    return {kind, file_ + ":" + std::to_string(record.line) + ": column " + std::to_string(i + 1) +
                      " (" + quoted_text(columns_.roles[i].name) + "): " + what};
  }

  const DataSpec& spec_;
  const std::string& file_;
  CsvColumns columns_;
  std::size_t samples_ = 0;
  std::vector<float> features_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

}  // namespace

Result<Dataset> parse_csv(const DataSpec& spec, ByteView bytes, const std::string& file) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (is_utf16(text))
    return Error{ErrorKind::Malformed, file + ": the text is UTF-16; save it as CSV in UTF-8"};
  CsvReader reader(text, file);
  CsvRecord record;
  const auto header = reader.next(record);
  if (!header) return header.error();
  if (!*header)
    return Error{ErrorKind::Malformed,
                 file +
                     ": empty; a header line with the names of the columns is required, and a "
                     "line for each sample"};
  auto columns = assign_columns(spec, record, file);
  if (!columns) return columns.error();

  CsvTable table(spec, file, *std::move(columns));
  const auto lines = std::count(text.begin(), text.end(), '\n');
  table.reserve(static_cast<std::size_t>(lines) + 1, text.size());
  while (true) {
    const auto more = reader.next(record);
    if (!more) return more.error();
    if (!*more) return std::move(table).finish();
    if (auto added = table.add(record); !added) return added.error();
  }
}

}  // namespace signet

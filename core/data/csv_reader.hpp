#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

/// One line of a table. A quoted field may span lines; `line` is where the record starts, from 1.
struct CsvRecord {
  std::size_t line = 0;
  std::vector<std::string> fields;
};

/// Splits text into records as RFC 4180 says: fields in quotes may hold separators, line ends and
/// doubled quotes. Beyond it, as files come: lines may end with \n or \r too, blank lines are
/// skipped, space around a field without quotes is dropped, and a byte order mark is skipped.
class CsvReader {
 public:
  /// The separator is the most frequent of comma, semicolon and tab outside quotes in the first
  /// line that is not blank. `text` must outlive the reader; `file` only names it in errors.
  CsvReader(std::string_view text, std::string file);

  /// Reads the next record; false at the end. `record`'s memory is used again.
  /// Fails with Malformed at a quote that is not closed or stands inside a field, naming the line.
  Result<bool> next(CsvRecord& record);

  char separator() const { return separator_; }

 private:
  bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }
  void take_line_end();
  Status read_field(std::size_t start_line, std::string& field);
  Status read_quoted(std::size_t start_line, std::string& field);

  std::string_view text_;
  std::string file_;
  char separator_ = ',';
  std::size_t at_ = 0, line_ = 1;
};

}  // namespace signet

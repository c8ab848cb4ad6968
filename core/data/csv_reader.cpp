#include "core/data/csv_reader.hpp"

#include <array>

#include "core/data/array.hpp"

namespace signet {
namespace {

bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

char find_separator(std::string_view text) {
  constexpr std::array candidates = {',', ';', '\t'};
  std::array<std::size_t, candidates.size()> counts{};
  bool quoted = false, started = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (is_line_end(c) && started) break;
    started = started || !is_line_end(c);
    for (std::size_t i = 0; i < candidates.size(); ++i) counts[i] += c == candidates[i] ? 1 : 0;
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < counts.size(); ++i)
    if (counts[i] > counts[best]) best = i;
  return candidates[best];
}

std::string_view trim_field(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text_.starts_with(mark)) text_.remove_prefix(mark.size());
  separator_ = find_separator(text_);
}

void CsvReader::take_line_end() {
  if (at_ >= text_.size()) return;
  at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
  ++line_;
}

Result<bool> CsvReader::next(CsvRecord& record) {
  while (at_ < text_.size() && at_line_end()) take_line_end();
  if (at_ >= text_.size()) return false;
  record.line = line_;
  std::size_t count = 0;
  while (true) {
    if (count == record.fields.size()) record.fields.emplace_back();
    if (auto read = read_field(record.line, record.fields[count]); !read) return read.error();
    ++count;
    if (at_ >= text_.size() || at_line_end()) break;
    ++at_;  // the separator
  }
  take_line_end();
  record.fields.resize(count);
  return true;
}

Status CsvReader::read_field(std::size_t start_line, std::string& field) {
  field.clear();
  if (at_ < text_.size() && text_[at_] == '"') return read_quoted(start_line, field);
  const std::size_t first = at_;
  while (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) {
    if (text_[at_] == '"')
      return Error{ErrorKind::Malformed, file_ + ":" + std::to_string(line_) +
                                             ": a quote inside a field that does not start with "
                                             "one; quote the whole field and double the quote"};
    ++at_;
  }
  field = trim_field(text_.substr(first, at_ - first));
  return {};
}

Status CsvReader::read_quoted(std::size_t start_line, std::string& field) {
  ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') {
      if (at_ < text_.size() && text_[at_] == '"') {
        field += '"';
        ++at_;
        continue;
      }
      if (at_ >= text_.size() || text_[at_] == separator_ || at_line_end()) return {};
      return Error{ErrorKind::Malformed, file_ + ":" + std::to_string(line_) + ": " +
                                             quoted_text(text_.substr(at_, 1)) +
                                             " after a closing quote; a separator or the line's "
                                             "end must follow it"};
    }
    const bool ends_line = c == '\n' || (c == '\r' && !text_.substr(at_).starts_with('\n'));
    if (ends_line) ++line_;
    field += c;
  }
  return Error{ErrorKind::Malformed, file_ + ":" + std::to_string(start_line) +
                                         ": a quote opened in this record is never closed; close "
                                         "it, or copy the file again if it is truncated"};
}

}  // namespace signet

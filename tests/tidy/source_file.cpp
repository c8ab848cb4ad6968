#include "tests/tidy/source_file.hpp"

#include <algorithm>
#include <regex>

namespace signet::tidy {

namespace {

/// Walks C++ text once, blanking what is not code.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), code_(text) {}

  std::string blank_all() {
    while (at_ < text_.size()) {
      if (next_is("//"))
        blank_until("\n", 0);
      else if (next_is("/*"))
        blank_until("*/", 2);
      else if (next_is("R\"") && !is_word_before())
        blank_raw_string();
      else if (text_[at_] == '"')
        blank_quoted('"');
      else if (text_[at_] == '\'' && !is_digit_separator())
        blank_quoted('\'');
      else
        ++at_;
    }
    return std::move(code_);
  }

 private:
  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  bool next_is(std::string_view token) const { return text_.substr(at_, token.size()) == token; }
  bool is_word_before() const { return at_ > 0 && is_word(text_[at_ - 1]); }
  /// 582'026: a quote inside a number opens nothing. L'x' and u8'x' do not occur in this tree.
  bool is_digit_separator() const { return is_word_before(); }

  void blank_to(std::size_t end) {
    end = std::min(end, text_.size());
    for (; at_ < end; ++at_)
      if (text_[at_] != '\n') code_[at_] = ' ';
  }
  void blank_until(std::string_view closing, std::size_t closing_size) {
    const auto found = text_.find(closing, at_ + 2);
    blank_to(found == std::string_view::npos ? text_.size() : found + closing_size);
  }
  void blank_raw_string() {
    const auto open = text_.find('(', at_);
    if (open == std::string_view::npos) return blank_to(text_.size());
    const std::string closing = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const auto found = text_.find(closing, open);
    blank_to(found == std::string_view::npos ? text_.size() : found + closing.size());
  }
  void blank_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
      end += text_[end] == '\\' ? 2 : 1;
    ++at_;  // the quotes stay, so that two literals do not become one word
    blank_to(end);
    at_ = std::min(end + 1, text_.size());
  }

  std::string_view text_;
  std::string code_;
  std::size_t at_ = 0;
};

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

std::string to_text(const Findings& findings) {
  std::string text;
  for (const auto& f : findings)
    text += f.path + ":" + std::to_string(f.line) + ": " + f.message + "\n";
  return text;
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex directive(R"re(^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"])re");
  // Directives in comments and raw strings are none: only lines whose '#' is still code count.
  const std::string code = code_only(file.text);
  std::vector<Include> includes;
  std::size_t start = 0, line = 1;
  while (start < file.text.size()) {
    const std::size_t end = std::min(file.text.find('\n', start), file.text.size());
    const std::string text = file.text.substr(start, end - start);
    std::smatch match;
    if (std::string_view(code).substr(start, end - start).find('#') != std::string_view::npos &&
        std::regex_search(text, match, directive))
      includes.push_back({line, match[2], match[1] == "\""});
    start = end + 1;
    ++line;
  }
  return includes;
}

std::string code_only(std::string_view text) {
  return Blanker(text).blank_all();
}

std::size_t line_at(std::string_view text, std::size_t position) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(position, text.size()));
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

bool is_cpp(std::string_view path) {
  return ends_with_any(path, {".cpp", ".hpp", ".h", ".inc"});
}
bool is_header(std::string_view path) {
  return ends_with_any(path, {".hpp", ".h"});
}

bool starts_with(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.substr(0, folder.size()) == folder &&
         path[folder.size()] == '/';
}

}  // namespace signet::tidy

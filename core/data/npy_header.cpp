#include "core/data/npy_header.hpp"

#include <charconv>

namespace signet {
namespace {

class NpyHeaderText {
 public:
  explicit NpyHeaderText(std::string_view text) : rest_(text) {}

  std::optional<NpyHeader> read() {
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const auto key = quoted();
      if (!key || !take(':')) return std::nullopt;
      bool* seen = *key == "descr"           ? &descr
                   : *key == "fortran_order" ? &order
                   : *key == "shape"         ? &shape
                                             : nullptr;
      if (seen == nullptr || *seen) return std::nullopt;
      *seen = seen == &descr   ? read_type(header)
              : seen == &order ? read_order(header)
                               : read_shape(header);
      if (!*seen) return std::nullopt;
      if (!take(',') && !next_is('}')) return std::nullopt;
    }
    skip_space();
    if (!rest_.empty() || !descr || !order || !shape) return std::nullopt;
    return header;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t'))
      rest_.remove_prefix(1);
  }
  bool next_is(char c) {
    skip_space();
    return !rest_.empty() && rest_[0] == c;
  }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string_view> quoted() {
    const char quote = next_is('"') ? '"' : '\'';
    if (!take(quote)) return std::nullopt;
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool read_type(NpyHeader& header) {
    // A list is a structured type; it is kept as text so that the error can name it.
    if (next_is('[')) {
      const std::size_t end = rest_.rfind(']');
      if (end == std::string_view::npos) return false;
      header.type = rest_.substr(0, end + 1);
      rest_.remove_prefix(end + 1);
      return true;
    }
    auto text = quoted();
    if (!text) return false;
    header.big_endian = text->starts_with('>');
    if (!text->empty() && std::string_view("<>|=").find((*text)[0]) != std::string_view::npos)
      text->remove_prefix(1);
    header.type = *text;
    return true;
  }
  bool read_order(NpyHeader& header) {
    header.fortran_order = take_word("True");
    return header.fortran_order || take_word("False");
  }
  bool read_shape(NpyHeader& header) {
    if (!take('(')) return false;
    while (!take(')')) {
      skip_space();
      std::size_t n = 0;
      const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), n);
      if (code != std::errc()) return false;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      take('L');  // Python 2 wrote its long integers so
      header.shape.push_back(n);
      if (!take(',') && !next_is(')')) return false;
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<NpyHeader> read_npy_header(std::string_view text) {
  return NpyHeaderText(text).read();
}

}  // namespace signet

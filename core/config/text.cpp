#include "core/config/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "core/base/check.hpp"

namespace signet::config {

namespace text_detail {

constexpr std::size_t kPrintableMax = 100;
constexpr std::size_t kColumns = 100;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

std::string escaped(char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("\\u00") + hex[byte >> 4U] + hex[byte & 0xfU];
}

}  // namespace text_detail

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string printable(std::string_view text) {
  std::size_t end = text.size();
  if (end > text_detail::kPrintableMax) {
    end = text_detail::kPrintableMax;
    while (end > 0 && text_detail::continues_character(text[end])) --end;
  }
  std::string line(text.substr(0, end));
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (is_control(line[i])) line[i] = '?';
    // U+0080 to U+009F are control characters, too.
    const auto next = static_cast<unsigned char>(i + 1 < line.size() ? line[i + 1] : '\0');
    if (line[i] == '\xc2' && next >= 0x80 && next < 0xa0) line[i] = line[i + 1] = '?';
  }
  return end < text.size() ? line + "..." : line;
}

std::string quoted(std::string_view text) {
  return "'" + printable(text) + "'";
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      out += text_detail::escaped(c);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

std::string toml_number(double value) {
  SIGNET_CHECK(std::isfinite(value), "only finite numbers are ever written");
  const double size = std::fabs(value);
  // Without an exponent where people would write none: 0.0003 and not 3e-04.
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e15);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::array<char, 40> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, format);
  SIGNET_CHECK(error == std::errc(), "40 characters hold every shortest double");
  const std::string text(digits.data(), end);
  // As an integer, "-0" would lose its sign.
  return text == "-0" ? "-0.0" : text;
}

std::string join(std::span<const std::string> words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

void append_comment(std::string& out, std::string_view text) {
  std::string line = "#";
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (line.size() + 1 + word.size() > text_detail::kColumns) {
      out += line + "\n";
      line = "#";
    }
    line += " " + std::string(word);
  }
  out += line + "\n";
}

}  // namespace signet::config

#pragma once

#include <cctype>
#include <set>
#include <string>
#include <variant>

#include "core/config/exit_code.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

using Words = std::set<std::string>;

inline bool belongs_to_option(char c) {
  return c == '-' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

inline Words options_in(const std::string& text) {
  Words found;
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    std::size_t end = at;
    while (end < text.size() && belongs_to_option(text[end])) ++end;
    if (end > at + 2) found.insert(text.substr(at, end - at));
    at = end;
  }
  return found;
}

/// A page as it is read: without the marks of man(7).
inline std::string page(const std::string& path) {
  std::string text = read_source(path);
  for (std::size_t at = 0; (at = text.find("\\-", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

/// What --help names and the page does not.
inline Words missing(const Words& named, const std::string& page) {
  const Words there = options_in(page);
  Words gone;
  for (const auto& option : named)
    if (there.count(option) == 0) gone.insert(option);
  return gone;
}

template <typename Parsed>
Words named_by(const Parsed& parsed) {
  const auto* help = std::get_if<ExitNow>(&parsed);
  REQUIRE(help != nullptr);
  REQUIRE(help->code == ExitCode::Done);
  return options_in(help->text);
}

}  // namespace signet::test

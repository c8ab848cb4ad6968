#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/catch.hpp"

namespace signet::test {

/// A file of the source tree, whole.
inline std::string read_source(const std::string& path) {
  std::ifstream file(std::string(SIGNET_SOURCE_DIR "/") + path, std::ios::binary);
  INFO("reads " << path);
  REQUIRE(file.good());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// What docs/configuration.md holds between "<!-- begin NAME -->" and "<!-- end NAME -->".
inline std::string documented(const std::string& name) {
  const std::string text = read_source("docs/configuration.md");
  const std::string begin = "<!-- begin " + name + " -->\n\n", end = "\n<!-- end " + name + " -->";
  const auto from = text.find(begin), to = text.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return text.substr(from + begin.size(), to - from - begin.size());
}

/// Number of lines of an error's message.
inline std::size_t lines_count(const std::string& text) {
  std::size_t lines = text.empty() ? 0 : 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

}  // namespace signet::test

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signet::tidy {

/// A file of the tree. `path` is relative to the root, with '/': "core/vote/majority_tally.cpp".
struct SourceFile {
  std::string path;
  std::string text;
};

/// What a rule objects to. `line` counts from 1; 0 means the file as a whole.
struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string message;
};
using Findings = std::vector<Finding>;

/// "path:line: message", one a line, so that editors can jump there.
std::string to_text(const Findings& findings);

/// One #include directive. `target` is what stands between the quotes or angle brackets.
struct Include {
  std::size_t line = 0;
  std::string target;
  bool quoted = false;
};
std::vector<Include> includes_of(const SourceFile& file);

/// The text with comments and the contents of string and character literals blanked out. Line
/// breaks stay, so that positions keep their line. Raw strings count as literals too.
std::string code_only(std::string_view text);

/// Line, from 1, of a position in a text.
std::size_t line_at(std::string_view text, std::size_t position);

bool is_cpp(std::string_view path);                                ///< .cpp, .hpp, .h or .inc
bool is_header(std::string_view path);                             ///< .hpp or .h
bool starts_with(std::string_view path, std::string_view folder);  ///< inside `folder`

}  // namespace signet::tidy

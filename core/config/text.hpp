#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace signet::config {

/// Is it a byte that moves a cursor instead of showing a character?
bool is_control(char c);

/// `text` as one printable line: control characters become '?', and what exceeds 100 bytes is cut
/// (never inside a UTF-8 character) and marked with "...".
std::string printable(std::string_view text);

/// printable(text) between single quotes.
std::string quoted(std::string_view text);

/// A TOML basic string with its quotes; reads back to equal bytes.
std::string toml_text(std::string_view text);

/// The shortest decimal that reads back to equal bits, written so that TOML accepts it.
/// `value` is finite.
std::string toml_number(double value);

/// "a, b, c".
std::string join(std::span<const std::string> words);

/// Appends `text` to `out` as comment lines ("# ...") of at most 100 columns.
void append_comment(std::string& out, std::string_view text);

}  // namespace signet::config

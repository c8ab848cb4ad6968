#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace signet::test {

/// "" when `message` has all the words, else the first that it lacks, and the message.
inline std::string words_missing(const std::string& message,
                                 std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    if (message.find(word) == std::string::npos)
      return "\"" + std::string(word) + "\" is not in: " + message;
  return "";
}

}  // namespace signet::test

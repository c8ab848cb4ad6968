#pragma once

// Inside this room: what is around every question and every answer.

#include <string>
#include <string_view>
#include <utility>

#include "coordinator/control/json_fields.hpp"
#include "core/base/result.hpp"

namespace signet {

/// As text; a replacement character where a text is no UTF-8, which is better than no answer.
std::string written(const Json& json, int indent = -1);

// The coordinator's side.
std::string enveloped(const char* key, Json content);
std::string error_answer(const std::string& why);
/// What is asked, and the whole question. Fails with Malformed, saying why it is none of ours.
Result<std::pair<std::string, Json>> open_question(std::string_view text);

// The asker's side.
Error no_answer(const std::string& why);
/// The content of an answer. Fails with Malformed (no answer of ours), Mismatch (another version),
/// or Denied with what the coordinator objects to.
Result<Json> open_answer(std::string_view text);

}  // namespace signet

#include "coordinator/control/envelope.hpp"

#include "coordinator/control/protocol.hpp"

namespace signet {

namespace {

Error no_question(std::string why) {
  return {ErrorKind::Malformed, std::move(why)};
}

/// Empty when it is our version.
std::string objection_to_version(const Json& question) {
  std::uint64_t version = 0;
  const auto given = question.find("version");
  if (given == question.end() || !from_json_value(*given, version))
    return "a question needs a \"version\", such as " + std::to_string(kControlProtocol);
  if (version == kControlProtocol) return "";
  return "the question is of version " + std::to_string(version) +
         ", this coordinator answers version " + std::to_string(kControlProtocol) +
         "; use the signet of the coordinator's release";
}

}  // namespace

std::string written(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string enveloped(const char* key, Json content) {
  return written(Json{{"version", kControlProtocol}, {key, std::move(content)}});
}

std::string error_answer(const std::string& why) {
  return enveloped("error", why);
}

Result<std::pair<std::string, Json>> open_question(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return no_question("a question is a JSON object");
  if (const auto objection = objection_to_version(json); !objection.empty())
    return no_question(objection);
  std::string ask;
  const auto given = json.find("ask");
  if (given == json.end() || !from_json_value(*given, ask))
    return no_question("a question needs an \"ask\": status or agents");
  return std::pair{ask, std::move(json)};
}

Error no_answer(const std::string& why) {
  return {ErrorKind::Malformed, "what answered is no coordinator of Signet: " + why};
}

Result<Json> open_answer(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return no_answer("not a JSON object");
  std::uint64_t version = 0;
  FieldReader reader{json, ""};
  reader("version", version);
  if (!reader.wrong.empty()) return no_answer("\"version\" is missing or wrong");
  const auto error = json.find("error");
  std::string why;
  if (error != json.end() && from_json_value(*error, why))
    return Error{ErrorKind::Denied, "the coordinator answers: " + why};
  if (version != kControlProtocol)
    return Error{ErrorKind::Mismatch, "the coordinator answers in version " +
                                          std::to_string(version) + ", this signet reads version " +
                                          std::to_string(kControlProtocol) +
                                          "; use the signet of the coordinator's release"};
  const auto answer = json.find("answer");
  if (answer == json.end() || !answer->is_object())
    return no_answer("\"answer\" is missing or wrong");
  return *answer;
}

}  // namespace signet

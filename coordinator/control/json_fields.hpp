#pragma once

// Inside this room: fields to JSON and back.

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace signet {

using Json = nlohmann::ordered_json;

/// null for what is not known.
template <typename T>
Json to_json_value(const T& value) {
  return value;
}
template <typename T>
Json to_json_value(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Each puts `json` into `value`, or returns false where it is of another type.

inline bool from_json_value(const Json& json, std::string& value) {
  const auto* text = json.get_ptr<const std::string*>();
  if (text != nullptr) value = *text;
  return text != nullptr;
}
template <std::integral T>
bool from_json_value(const Json& json, T& value) {
  if (!json.is_number_integer() || (std::unsigned_integral<T> && !json.is_number_unsigned()))
    return false;
  value = json.get<T>();
  return true;
}
inline bool from_json_value(const Json& json, bool& value) {
  if (json.is_boolean()) value = json.get<bool>();
  return json.is_boolean();
}
inline bool from_json_value(const Json& json, double& value) {
  if (json.is_number()) value = json.get<double>();
  return json.is_number();
}
template <typename T>
bool from_json_value(const Json& json, std::optional<T>& value) {
  value.reset();
  return json.is_null() || from_json_value(json, value.emplace());
}
template <typename T>
bool from_json_value(const Json& json, std::vector<T>& values) {
  if (!json.is_array()) return false;
  for (const Json& one : json)
    if (!from_json_value(one, values.emplace_back())) return false;
  return true;
}
template <typename T>
bool from_json_value(const Json& json, std::map<std::string, T>& values) {
  if (!json.is_object()) return false;
  for (const auto& [key, one] : json.items())
    if (!from_json_value(one, values[key])) return false;
  return true;
}

/// Writes fields into an object.
struct FieldWriter {
  Json& object;

  template <typename T>
  void operator()(const char* key, const T& value) {
    object[key] = to_json_value(value);
  }
};

/// Reads fields of an object; `wrong` is the first that is missing or of another type.
struct FieldReader {
  const Json& object;
  std::string wrong;

  template <typename T>
  void operator()(const char* key, T& value) {
    if (!wrong.empty()) return;
    const auto field = object.find(key);
    if (field == object.end() || !from_json_value(*field, value)) wrong = key;
  }
};

}  // namespace signet

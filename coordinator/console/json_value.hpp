#pragma once

#include <optional>

#include <nlohmann/json.hpp>

namespace signet {

/// A figure of a report: null when it is not known.
template <typename T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

}  // namespace signet

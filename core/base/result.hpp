#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/base/check.hpp"

namespace signet {

/// Which part of the world failed. The kind decides the exit code (see docs/configuration.md) and
/// whether trying again can help; the message says what, where and what to do about it.
enum class ErrorKind {
  Malformed,    ///< bytes or text that do not follow their format
  Mismatch,     ///< well formed, but not what this run needs (shape, version, job)
  Missing,      ///< a file, key or peer that is not there
  Denied,       ///< the system or a peer refuses
  Unavailable,  ///< busy, locked, unreachable: trying again may help
  Full,         ///< no room left on the device or in a bounded queue
  Corrupt,      ///< saved state that fails its own digest
};

/// Name of a kind as it appears in logs, for example "Mismatch".
const char* to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::Malformed;
  std::string message;
};

/// A value, or the reason why there is none. Our own because it must be [[nodiscard]]: gcc 12 says
/// nothing when a std::expected-like value is dropped.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return value(); }
  const T& operator*() const& { return const_cast<Result*>(this)->value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &const_cast<Result*>(this)->value(); }
  const Error& error() const {
    SIGNET_CHECK(state_.index() == 1, "error() of a Result that holds a value");
    return std::get<1>(state_);
  }

 private:
  T& value() {
    SIGNET_CHECK(state_.index() == 0, std::get<1>(state_).message);
    return std::get<0>(state_);
  }
  std::variant<T, Error> state_;
};

/// Success, or the reason for failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return !error_.has_value(); }
  const Error& error() const {
    SIGNET_CHECK(error_.has_value(), "error() of a Result that succeeded");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace signet

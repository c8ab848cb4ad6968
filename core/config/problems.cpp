#include "core/config/problems.hpp"

#include <algorithm>
#include <limits>

namespace signet::config {

void Problems::add(std::size_t line, std::string_view path, std::string_view what) {
  found_.push_back({line, std::string(path), std::string(what), false});
}

void Problems::contradict(std::size_t line, std::string_view path, std::string_view what) {
  found_.push_back({line, std::string(path), std::string(what), true});
}

bool Problems::about(std::string_view path) const {
  if (std::find(suspected_.begin(), suspected_.end(), path) != suspected_.end()) return true;
  return std::any_of(found_.begin(), found_.end(), [path](const Problem& problem) {
    const std::string_view other = problem.path;
    if (!other.starts_with(path)) return false;
    return other.size() == path.size() || other[path.size()] == '.' || other[path.size()] == '[';
  });
}

Error Problems::to_error() const {
  SIGNET_CHECK(!found_.empty(), "an error needs a problem");
  auto ordered = found_;
  // Line 0 is "not in the file" (a missing key): those come last.
  constexpr auto last = std::numeric_limits<std::size_t>::max();
  const auto rank = [](const Problem& p) { return p.line == 0 ? last : p.line; };
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const Problem& a, const Problem& b) { return rank(a) < rank(b); });
  Error error{ErrorKind::Mismatch, {}};
  for (const auto& problem : ordered) {
    if (!problem.contradiction) error.kind = ErrorKind::Malformed;
    if (!error.message.empty()) error.message += '\n';
    error.message += source_;
    if (problem.line != 0) error.message += ":" + std::to_string(problem.line);
    if (!problem.path.empty()) error.message += ": " + problem.path;
    error.message += ": " + problem.what;
  }
  return error;
}

}  // namespace signet::config

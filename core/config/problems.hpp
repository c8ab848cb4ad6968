#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signet::config {

/// Everything that is wrong with one file (or one command line), so that a person mends it once.
class Problems {
 public:
  /// `source` opens every line of the report: a file's name, or an option such as "--agents".
  explicit Problems(std::string source) : source_(std::move(source)) {}

  /// A key or value that no file may hold. `path` "": the source as a whole. `line` 0: unknown.
  void add(std::size_t line, std::string_view path, std::string_view what);
  /// Keys that are well formed but contradict each other.
  void contradict(std::size_t line, std::string_view path, std::string_view what);

  /// The key `path` was probably meant, under another name: nothing more is said about it.
  void suspect(const std::string& path) { suspected_.push_back(path); }

  bool none() const { return found_.empty(); }
  /// Is something wrong with this key or with something inside it, or was it meant elsewhere?
  bool about(std::string_view path) const;

  /// All of them in the order of the file, one a line, each "source:line: path: what".
  /// Kind: Mismatch when there are only contradictions, else Malformed.
  Error to_error() const;

 private:
  struct Problem {
    std::size_t line = 0;
    std::string path, what;
    bool contradiction = false;
  };
  std::string source_;
  std::vector<Problem> found_;
  std::vector<std::string> suspected_;
};

/// Where a value stands and who hears what is wrong with it.
struct Place {
  Problems& problems;
  std::string path;
  std::size_t line = 0;

  void refuse(std::string_view what) const { problems.add(line, path, what); }
};

}  // namespace signet::config

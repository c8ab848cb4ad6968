#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/document.hpp"
#include "core/config/problems.hpp"

namespace signet::config {

/// What people are told about a key. All but `path` and `description` has a good default.
struct KeyInfo {
  std::string path;               ///< "training.batch"; the part before the dot is its [table]
  std::string description;        ///< one sentence
  std::string example = {};       ///< TOML; needed where there is no default
  std::string type = {};          ///< "integer", "number", "text", "word", "list of texts", ...
  std::string allowed = {};       ///< bounds with their unit, words, or the rule of a text
  std::string unit = {};          ///< "samples", "s"; "" where there is none
  std::string default_text = {};  ///< TOML; "": none
  bool required = false;          ///< a file without it is refused
  bool may_change =
      false;  ///< may differ between a saved run and its restart; a service takes it on SIGHUP
};

/// A [table] of the file and what it is about; "" names the keys before the first header.
struct Section {
  std::string name;
  std::string description;  ///< shown above the header; "": nothing
};

/// A key found in a file.
struct Leaf {
  std::string path;
  std::size_t line = 0;
  const Value* value = nullptr;
};

/// The lines on which a file gives its keys.
class Given {
 public:
  void note(const std::string& path, std::size_t line) { lines_[path] = line; }
  bool has(const std::string& path) const { return lines_.contains(path); }
  /// 0: not in the file.
  std::size_t line(const std::string& path) const {
    const auto found = lines_.find(path);
    return found == lines_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, std::size_t> lines_;
};

/// The known keys of a document; every unknown one becomes a problem that names the nearest known.
/// `help` says where all keys can be seen, for names that resemble none.
std::vector<Leaf> find_leaves(const Table& document, std::span<const std::string> known,
                              std::string_view help, Problems& problems);

/// One key with its value, as a commented file shows it.
struct Shown {
  const KeyInfo* info = nullptr;
  std::string value;  ///< TOML; "": not set, its example is shown commented out
};

/// The commented file.
std::string sample_text(std::string_view title, std::span<const Section> sections,
                        std::span<const Shown> keys);

/// Rows "| `training.batch` | integer, 1 to 65536 samples | 64 | Samples ... |" below their
/// heading.
std::string markdown_table(std::span<const KeyInfo* const> keys);

}  // namespace signet::config

#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/check.hpp"
#include "core/config/checks.hpp"
#include "core/config/document.hpp"
#include "core/config/fields.hpp"
#include "core/config/key_info.hpp"
#include "core/config/problems.hpp"
#include "core/config/text.hpp"

namespace signet::config {

/// One key of a file that fills a struct S.
template <typename S>
struct Key {
  KeyInfo info;
  /// Checks a value and puts it into the struct, or says at the place what is wrong.
  std::function<void(S&, const Value&, const Place&)> read;
  /// The field as TOML on one line; "" where it is not set.
  std::function<std::string(const S&)> write;
  /// The same over several lines, for the commented sample. Empty: write() is good enough.
  std::function<std::string(const S&)> write_long = {};
};

/// All keys of one kind of file, each declared once; parsing, the commented sample, the canonical
/// text, the comparison and the documentation come from it. Defaults are those of S{}.
///
/// A field is bound by a generic accessor, used for reading and for writing:
///     keys.integer({"training.batch", "Samples of one vote."}, {1, 65536, "samples"},
///                  [](auto& job) -> auto& { return job.training.batch; });
/// The returned KeyInfo may be refined (required, may_change) right away.
template <typename S>
class KeyTable {
 public:
  /// `title` opens the sample; `help` says where all keys can be seen ("... shows every key").
  KeyTable(std::string title, std::string help, std::vector<Section> sections)
      : title_(std::move(title)), help_(std::move(help)), sections_(std::move(sections)) {}

  /// Field: any integer, or std::optional of one. `range` must fit the field.
  template <typename Field>
  KeyInfo& integer(KeyInfo info, const IntegerRange& range, Field field) {
    describe(info, "integer", allowed_text(range), range.unit);
    return add({std::move(info),
                [range, field](S& into, const Value& value, const Place& place) {
                  if (const auto checked = read_integer(value, range, place))
                    assign_field(field(into), *checked);
                },
                [field](const S& from) { return field_text(field(from)); }});
  }

  /// Field: double, Duration (the key's unit is seconds), or std::optional of one.
  template <typename Field>
  KeyInfo& number(KeyInfo info, const NumberRange& range, Field field) {
    describe(info, "number", allowed_text(range), range.unit);
    return add({std::move(info),
                [range, field](S& into, const Value& value, const Place& place) {
                  if (const auto checked = read_number(value, range, place))
                    assign_field(field(into), *checked);
                },
                [field](const S& from) { return field_text(field(from)); }});
  }

  /// Field: std::string.
  template <typename Field>
  KeyInfo& text(KeyInfo info, const TextRule& rule, Field field) {
    describe(info, "text", rule.allowed, "");
    return add({std::move(info),
                [rule, field](S& into, const Value& value, const Place& place) {
                  if (auto checked = read_text(value, rule, place))
                    field(into) = std::move(*checked);
                },
                [field](const S& from) { return toml_text(field(from)); }});
  }

  /// Field: anything with ==; `words` pairs each word with the value it stands for.
  template <typename T, typename Field>
  KeyInfo& word(KeyInfo info, std::vector<std::pair<std::string, T>> words, Field field) {
    std::vector<std::string> names;
    names.reserve(words.size());
    for (const auto& [name, value] : words) names.push_back(name);
    describe(info, "word", join(names), "");
    return add({std::move(info),
                [names, words, field](S& into, const Value& value, const Place& place) {
                  if (const auto checked = read_word(value, names, place))
                    field(into) = words[*checked].second;
                },
                [words, field](const S& from) {
                  for (const auto& [name, value] : words)
                    if (value == field(from)) return toml_text(name);
                  SIGNET_CHECK(false, "every value of a word key has its word");
                  return std::string();
                }});
  }

  /// Field: std::vector<std::string> of distinct texts.
  template <typename Field>
  KeyInfo& texts(KeyInfo info, const TextRule& rule, Field field) {
    describe(info, "list of texts", rule.allowed, "");
    return add({std::move(info),
                [rule, field](S& into, const Value& value, const Place& place) {
                  if (auto checked = read_texts(value, rule, place))
                    field(into) = std::move(*checked);
                },
                [field](const S& from) {
                  std::vector<std::string> items;
                  for (const auto& item : field(from)) items.push_back(toml_text(item));
                  return "[" + join(items) + "]";
                }});
  }

  /// A key with a form of its own; `info` says type and bounds too.
  KeyInfo& custom(Key<S> key) { return add(std::move(key)); }

  /// Puts a document's values into `into`; what is wrong goes to `problems`.
  Given read(const Table& document, S& into, Problems& problems) const {
    Given given;
    for (const auto& leaf : find_leaves(document, paths(), help_, problems)) {
      given.note(leaf.path, leaf.line);
      find(leaf.path).read(into, *leaf.value, {problems, leaf.path, leaf.value->line});
    }
    for (const auto& each : keys_)
      if (each.info.required && !given.has(each.info.path) && !problems.about(each.info.path))
        problems.add(0, each.info.path, "is missing; example: " + each.info.example);
    return given;
  }

  /// Reads a whole file into S{}. Fails with Malformed, naming everything that is wrong.
  Result<S> parse(std::string_view text, const std::string& file) const {
    const auto document = parse_document(text, file);
    if (!document) return document.error();
    S into{};
    Problems problems(file);
    read(*document, into, problems);
    if (!problems.none()) return problems.to_error();
    return into;
  }

  /// Sets one key from elsewhere than a file, by the same rules; `source` ("--agents") opens
  /// errors.
  Status set(S& into, const std::string& path, const Value& value,
             const std::string& source) const {
    Problems problems(source);
    find(path).read(into, value, {problems, "", 0});
    if (!problems.none()) return problems.to_error();
    return {};
  }

  /// One "path = value" a line, in the order of declaration; reads back to an equal struct.
  std::string canonical(const S& from) const {
    std::string out;
    for (const auto& each : keys_) {
      const auto value = each.write(from);
      if (!value.empty()) out += each.info.path + " = " + value + "\n";
    }
    return out;
  }

  /// Paths of the keys whose values differ, but for those that may change.
  std::vector<std::string> changed(const S& before, const S& after) const {
    std::vector<std::string> out;
    for (const auto& each : keys_)
      if (!each.info.may_change && each.write(before) != each.write(after))
        out.push_back(each.info.path);
    return out;
  }

  /// The commented file that holds the values of `from`.
  std::string sample(const S& from) const {
    std::vector<Shown> shown;
    for (const auto& each : keys_)
      shown.push_back({&each.info, each.write_long ? each.write_long(from) : each.write(from)});
    return sample_text(title_, sections_, shown);
  }

  /// The keys as a table of docs/configuration.md.
  std::string markdown() const {
    std::vector<const KeyInfo*> infos;
    for (const auto& each : keys_) infos.push_back(&each.info);
    return markdown_table(infos);
  }

  const std::vector<Key<S>>& keys() const { return keys_; }

 private:
  static void describe(KeyInfo& info, std::string type, std::string allowed, std::string unit) {
    info.type = std::move(type);
    info.allowed = std::move(allowed);
    info.unit = std::move(unit);
  }

  KeyInfo& add(Key<S> key) {
    if (key.info.default_text.empty()) key.info.default_text = key.write(S{});
    keys_.push_back(std::move(key));
    return keys_.back().info;
  }

  const Key<S>& find(const std::string& path) const {
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [&](const Key<S>& each) { return each.info.path == path; });
    SIGNET_CHECK(found != keys_.end(), path);
    return *found;
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    for (const auto& each : keys_) out.push_back(each.info.path);
    return out;
  }

  std::string title_, help_;
  std::vector<Section> sections_;
  std::vector<Key<S>> keys_;
};

}  // namespace signet::config

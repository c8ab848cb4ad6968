#include "core/config/key_info.hpp"

#include <algorithm>

#include "core/config/nearest.hpp"
#include "core/config/text.hpp"

namespace signet::config {

namespace key_info_detail {

std::string_view table_of(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view name_of(std::string_view path) {
  const auto table = table_of(path);
  return table.empty() ? path : path.substr(table.size() + 1);
}

std::string type_text(const KeyInfo& key) {
  return key.type == "word" ? "one of " + key.allowed : key.type + ", " + key.allowed;
}

/// Walks a document along the known paths.
class LeafFinder {
 public:
  LeafFinder(std::span<const std::string> known, std::string_view help, Problems& problems)
      : known_(known), help_(help), problems_(problems) {
    for (const auto& path : known) {
      const std::string table(table_of(path));
      if (table.empty() || std::find(tables_.begin(), tables_.end(), table) != tables_.end())
        continue;
      tables_.push_back(table);
    }
  }

  void visit(const Table& table, const std::string& prefix) {
    for (const auto& entry : table) visit(entry, prefix + entry.key);
  }

  std::vector<Leaf> leaves;

 private:
  void visit(const Entry& entry, const std::string& path) {
    const auto* inside = std::get_if<Table>(&entry.value.data);
    if (std::find(known_.begin(), known_.end(), path) != known_.end()) {
      leaves.push_back({path, entry.line, &entry.value});
    } else if (std::find(tables_.begin(), tables_.end(), path) == tables_.end()) {
      report_unknown(entry, path);
    } else if (inside != nullptr) {
      visit(*inside, path + ".");
    } else {
      problems_.add(
          entry.line, path,
          "is " + std::string(kind_name(entry.value)) + "; expected a table [" + path + "]");
    }
  }

  void report_unknown(const Entry& entry, const std::string& path) {
    const auto* inside = std::get_if<Table>(&entry.value.data);
    if (inside == nullptr) {
      const auto meant = nearest_path(path, known_);
      problems_.add(entry.line, printable(path), "unknown key; " + advice(meant));
      if (meant) problems_.suspect(*meant);
      return;
    }
    const auto meant = nearest_word(path, tables_);
    if (meant || inside->empty()) {
      const auto advised = meant ? std::optional("[" + *meant + "]") : meant;
      problems_.add(entry.line, printable(path), "unknown table; " + advice(advised));
      if (meant) suspect_keys_of(*meant);
      return;
    }
    // A table like no other: each of its keys may still belong to one of ours.
    for (const auto& item : *inside) report_unknown(item, path + "." + item.key);
  }

  void suspect_keys_of(const std::string& table) {
    for (const auto& path : known_)
      if (table_of(path) == table) problems_.suspect(path);
  }

  std::string advice(const std::optional<std::string>& meant) const {
    return meant ? "did you mean " + *meant + "?" : std::string(help_);
  }

  std::span<const std::string> known_;
  std::vector<std::string> tables_;
  std::string_view help_;
  Problems& problems_;
};

/// "Integer, 1 to 65536 samples; default 64."
std::string form_text(const KeyInfo& key) {
  std::string text = type_text(key) + "; ";
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (key.required)
    text += "required.";
  else if (key.default_text.empty())
    text += "not set by default.";
  else
    text += "default " + key.default_text + ".";
  const bool shows_nothing = key.default_text == "\"\"" || key.default_text == "[]";
  if (shows_nothing && !key.example.empty()) text += " Example: " + key.example;
  return text;
}

std::string escape_cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace key_info_detail

std::vector<Leaf> find_leaves(const Table& document, std::span<const std::string> known,
                              std::string_view help, Problems& problems) {
  key_info_detail::LeafFinder finder(known, help, problems);
  finder.visit(document, "");
  return std::move(finder.leaves);
}

std::string sample_text(std::string_view title, std::span<const Section> sections,
                        std::span<const Shown> keys) {
  std::string out;
  append_comment(out, title);
  for (const auto& section : sections) {
    if (!section.name.empty()) {
      out += '\n';
      if (!section.description.empty()) append_comment(out, section.description);
      out += "[" + section.name + "]\n";
    }
    for (const auto& [info, value] : keys) {
      if (key_info_detail::table_of(info->path) != section.name) continue;
      out += '\n';
      append_comment(out, info->description);
      append_comment(out, key_info_detail::form_text(*info));
      const std::string name(key_info_detail::name_of(info->path));
      if (value.empty()) out += "# ";
      out += name + " = ";
      out += value.empty() ? info->example : value;
      out += '\n';
    }
  }
  return out;
}

std::string markdown_table(std::span<const KeyInfo* const> keys) {
  std::string out = "| key | type and bounds | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const auto* key : keys) {
    std::string value = key->default_text.empty() ? "none" : "`" + key->default_text + "`";
    if (key->required) value = "required";
    out += "| `" + key->path + "` | " +
           key_info_detail::escape_cell(key_info_detail::type_text(*key)) + " | " +
           key_info_detail::escape_cell(value) + " | " +
           key_info_detail::escape_cell(key->description) + " |\n";
  }
  return out;
}

}  // namespace signet::config

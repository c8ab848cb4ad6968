#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/catch.hpp"
#include "tests/tidy/rules.hpp"

namespace signet::tidy {

namespace {

namespace fs = std::filesystem;

bool is_left_out(const fs::path& name) {
  return name == "build" || name == ".git" || name == ".cache" || name == ".idea" ||
         name == ".vscode" || name.string().starts_with("cmake-build");
}

/// Every text file of the tree; files with a zero byte are no text.
std::vector<SourceFile> read_tree(const fs::path& root) {
  std::vector<SourceFile> tree;
  for (auto entry = fs::recursive_directory_iterator(root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    // A linked work tree has a file .git.
    if (is_left_out(entry->path().filename())) {
      if (entry->is_directory()) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file()) continue;
    std::ifstream stream(entry->path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (text.find('\0') != std::string::npos) continue;
    tree.push_back({entry->path().lexically_relative(root).generic_string(), std::move(text)});
  }
  return tree;
}

}  // namespace

TEST_CASE("the tree keeps the rules of the house", "[tidy]") {
  const auto tree = read_tree(SIGNET_SOURCE_DIR);
  INFO("files read: " << tree.size());
  // A tree that was not found would keep every rule.
  REQUIRE(std::any_of(tree.begin(), tree.end(), [](const SourceFile& file) {
    return file.path == "tests/tidy/tidy_test.cpp";
  }));
  const Findings findings = check_tree(tree);
  INFO(to_text(findings));
  CHECK(findings.empty());
}

TEST_CASE("every test that the page on security names is there", "[tidy]") {
  std::string page, tests;
  for (const SourceFile& file : read_tree(SIGNET_SOURCE_DIR)) {
    if (file.path == "docs/security.md") page = file.text;
    if (starts_with(file.path, "tests") && is_cpp(file.path)) tests += file.text;
  }
  const std::size_t table = page.find("| | tests"), end = page.find("\n\n", table);
  REQUIRE(end != std::string::npos);
  std::size_t names = 0;
  for (std::size_t quote = page.find('"', table); quote < end; quote = page.find('"', quote + 1)) {
    const std::size_t begin = quote;
    quote = page.find('"', begin + 1);
    const std::string name = page.substr(begin, quote + 1 - begin);
    INFO(name);
    CHECK(tests.find("TEST_CASE(" + name) != std::string::npos);
    ++names;
  }
  CHECK(names > 10);
}

}  // namespace signet::tidy

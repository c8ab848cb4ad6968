// The manual pages name every command and option that --help names; README has what is tested.
#include <cctype>
#include <functional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agent/options.hpp"
#include "cli/options.hpp"
#include "coordinator/options.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace man_pages_test {

using Words = std::set<std::string>;
using Arguments = std::vector<std::string>;

bool belongs_to_option(char c) {
  return c == '-' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

Words options_in(const std::string& text) {
  Words found;
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    std::size_t end = at;
    while (end < text.size() && belongs_to_option(text[end])) ++end;
    if (end > at + 2) found.insert(text.substr(at, end - at));
    at = end;
  }
  return found;
}

/// A page as it is read: without the marks of man(7).
std::string page(const std::string& path) {
  std::string text = test::read_source(path);
  for (std::size_t at = 0; (at = text.find("\\-", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

/// What --help names and the page does not.
Words missing(const Words& named, const std::string& page) {
  const Words there = options_in(page);
  Words gone;
  for (const auto& option : named)
    if (there.count(option) == 0) gone.insert(option);
  return gone;
}

template <typename Parsed>
Words named_by(const Parsed& parsed) {
  const auto* help = std::get_if<ExitNow>(&parsed);
  REQUIRE(help != nullptr);
  REQUIRE(help->code == ExitCode::Done);
  return options_in(help->text);
}

TEST_CASE("signet-agent(1) names every option of --help", "[cli][docs]") {
  const Words named = named_by(parse_agent_options({"run", "--help"}));
  CHECK(named.count("--coordinator") == 1);
  CHECK(missing(named, page("agent/deploy/signet-agent.1")) == Words{});
}

TEST_CASE("signet-coordinator(1) names every option of --help", "[cli][docs]") {
  const Words named = named_by(parse_coordinator_options({"run", "--help"}));
  CHECK(named.count("--fresh") == 1);
  CHECK(missing(named, page("coordinator/deploy/signet-coordinator.1")) == Words{});
}

TEST_CASE("signet(1) names every option of --help of every command", "[cli][docs]") {
  const std::string text = page("cli/deploy/signet.1");
  for (const char* command : {"status", "agents", "simulate"}) {
    const Words named = named_by(parse_signet_options({command, "--help"}));
    CHECK(named.count("--json") == 1);
    CHECK(missing(named, text) == Words{});
    CHECK(text.find(command) != std::string::npos);
  }
}

/// The commands below a mark of the device test.
std::string commands(const std::string& path, const std::string& mark) {
  const std::string text = test::read_source(path);
  const auto begin = text.find("<!-- device-test: " + mark + " -->\n```sh\n");
  REQUIRE(begin != std::string::npos);
  return text.substr(begin, text.find("\n```\n", begin) - begin);
}

TEST_CASE("README has the commands of docs/boards.md, which the device test runs", "[cli][docs]") {
  for (const char* mark : {"coordinator", "board"})
    CHECK(commands("README.md", mark) == commands("docs/boards.md", mark));
}

TEST_CASE("an option that a page forgets is seen", "[cli][docs]") {
  CHECK(missing({"--data", "--data-new"}, ".BI --data") == Words{"--data-new"});
}

}  // namespace man_pages_test
}  // namespace signet

// The manual pages name every command and option that --help names; README has what is tested.
#include "tests/support/man_pages.hpp"

#include <string>

#include "cli/options.hpp"
#include "coordinator/options.hpp"

namespace signet {
namespace man_pages_test {

using namespace test;

TEST_CASE("signet-coordinator(1) names every option of --help", "[cli][docs]") {
  const std::string text = page("coordinator/deploy/signet-coordinator.1");
  for (const char* command : {"run", "announce"}) {
    const Words named = named_by(parse_coordinator_options({command, "--help"}));
    CHECK(named.count("--fleet") == 1);
    CHECK(missing(named, text) == Words{});
    CHECK(text.find(std::string("signet-coordinator ") + command) != std::string::npos);
  }
}

TEST_CASE("signet(1) names every option of --help of every command", "[cli][docs]") {
  const std::string text = page("cli/deploy/signet.1");
  for (const char* command : {"status", "agents", "simulate", "token", "revoke", "rename"}) {
    const Words named = named_by(parse_signet_options({command, "--help"}));
    CHECK(named.count("--json") == 1);
    CHECK(missing(named, text) == Words{});
    CHECK(text.find(std::string("signet ") + command) != std::string::npos);
  }
}

/// The commands below a mark of the device test.
std::string commands(const std::string& path, const std::string& mark) {
  const std::string text = read_source(path);
  const auto begin = text.find("<!-- device-test: " + mark + " -->\n```sh\n");
  REQUIRE(begin != std::string::npos);
  return text.substr(begin, text.find("\n```\n", begin) - begin);
}

TEST_CASE("README has the commands of docs/boards.md, which the device test runs", "[cli][docs]") {
  for (const char* mark : {"coordinator", "token", "board"})
    CHECK(commands("README.md", mark) == commands("docs/boards.md", mark));
}

TEST_CASE("an option that a page forgets is seen", "[cli][docs]") {
  CHECK(missing({"--data", "--data-new"}, ".BI --data") == Words{"--data-new"});
}

}  // namespace man_pages_test
}  // namespace signet

#include "agent/options.hpp"
#include "tests/support/man_pages.hpp"

namespace signet {
namespace agent_man_page_test {

using namespace test;

TEST_CASE("signet-agent(1) names every option of --help of every command", "[agent][docs]") {
  const std::string text = page("agent/deploy/signet-agent.1");
  for (const char* command : {"run", "join", "doctor", "bench"}) {
    const Words named = named_by(parse_agent_options({command, "--help"}));
    CHECK(named.count("--help") == 1);
    CHECK(missing(named, text) == Words{});
    CHECK(text.find(std::string("signet-agent ") + command) != std::string::npos);
  }
}

}  // namespace agent_man_page_test
}  // namespace signet

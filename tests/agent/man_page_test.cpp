#include "agent/options.hpp"
#include "tests/support/man_pages.hpp"

namespace signet {
namespace agent_man_page_test {

using namespace test;

TEST_CASE("signet-agent(1) names every option of --help", "[agent][docs]") {
  const Words named = named_by(parse_agent_options({"run", "--help"}));
  CHECK(named.count("--coordinator") == 1);
  CHECK(missing(named, page("agent/deploy/signet-agent.1")) == Words{});
}

}  // namespace agent_man_page_test
}  // namespace signet

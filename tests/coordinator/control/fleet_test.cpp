// What `signet agents` tells where agents have keys.
#include "coordinator/control/answer.hpp"
#include "tests/coordinator/round/round_bench.hpp"

namespace signet {
namespace control_fleet_test {

using test::RoundBench;

AgentsAnswer ask(RoundBench& bench, const Enrolment& fleet, const std::string& after = "") {
  return answer_agents(bench.machine(), &fleet, after, bench.now);
}

FleetKey key(const std::string& name, bool revoked = false) {
  return {"key of " + name, name, revoked};
}

TEST_CASE("agents that are enrolled and not here are told of, as are revoked ones",
          "[coordinator][control]") {
  RoundBench bench;
  bench.join_all({"bob", "cid"});
  const Enrolment fleet({{key("ada"), key("bob"), key("cid", true), key("dan", true)}, {}});
  const auto answer = ask(bench, fleet);
  REQUIRE(answer.agents.size() == 4);
  CHECK_FALSE(answer.more);
  const auto check = [&](std::size_t i, const char* name, const char* state, const char* of) {
    CHECK(answer.agents[i].name == name);
    CHECK(answer.agents[i].state == state);
    CHECK(answer.agents[i].key == of);
  };
  check(0, "ada", "absent", "enrolled");
  check(1, "bob", "ready", "enrolled");
  check(2, "cid", "ready", "revoked");
  check(3, "dan", "absent", "revoked");
  CHECK(ask(bench, fleet, "bob").agents.size() == 2);
  CHECK(answer_agents(bench.machine(), nullptr, "", bench.now).agents[0].key.empty());
}

TEST_CASE("names that agents had before they were renamed are not told", "[coordinator][control]") {
  RoundBench bench(test::round_job(), test::restarted_state(2, {"old"}));
  const Enrolment fleet({{key("new")}, {}});
  const auto answer = ask(bench, fleet);
  REQUIRE(answer.agents.size() == 1);
  CHECK(answer.agents[0].name == "new");
}

TEST_CASE("a large fleet is told of in parts", "[coordinator][control]") {
  RoundBench bench;
  FleetRecord record;
  for (int i = 1000; i < 1600; ++i) record.keys.push_back(key("a" + std::to_string(i)));
  const Enrolment fleet(std::move(record));
  std::vector<std::string> names;
  for (bool more = true; more;) {
    const auto answer = ask(bench, fleet, names.empty() ? "" : names.back());
    CHECK(answer.agents.size() <= kAgentsPerAnswer);
    for (const auto& agent : answer.agents) names.push_back(agent.name);
    more = answer.more;
  }
  REQUIRE(names.size() == 600);
  CHECK(names.front() == "a1000");
  CHECK(names.back() == "a1599");
  CHECK(std::ranges::is_sorted(names));
}

}  // namespace control_fleet_test
}  // namespace signet

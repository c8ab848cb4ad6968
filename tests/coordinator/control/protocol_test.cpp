#include "coordinator/control/protocol.hpp"

#include <nlohmann/json.hpp>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {
namespace control_protocol_test {

using test::RoundBench;

std::string answer_to(RoundBench& bench, const std::string& question) {
  return answer_question(question, bench.machine(), nullptr, {}, bench.now);
}

RoundBench two_of_three() {
  RoundBench bench;
  bench.join_all({"ada", "bob"});
  return bench;
}

TEST_CASE("a status comes out as it went in", "[coordinator][control]") {
  RoundBench bench = two_of_three();
  const std::string answer = answer_to(bench, status_question());
  const auto status = read_status(answer);
  REQUIRE(status);
  CHECK(status->job == "round");
  CHECK(status->agents_ready == 2);
  CHECK(status->waiting == "waiting for 1 more agent");
  CHECK_FALSE(status->rate);
  CHECK(status_json(*status) == nlohmann::ordered_json::parse(answer)["answer"].dump(2) + "\n");
}

TEST_CASE("agents come out as they went in", "[coordinator][control]") {
  RoundBench bench = two_of_three();
  bench.join("cid");
  bench.step(PeerGarbage{RoundBench::peer_of("bob"), "noise"});
  bench.vote("ada");
  const std::string answer = answer_to(bench, agents_question(""));
  const auto read = read_agents(answer);
  REQUIRE(read);
  REQUIRE(read->agents.size() == 3);
  CHECK_FALSE(read->more);
  CHECK(read->agents[0].votes == 1);
  CHECK(read->agents[1].refused.at("malformed") == 1);
  CHECK(
      agents_json(read->agents) ==
      nlohmann::ordered_json{{"agents", nlohmann::ordered_json::parse(answer)["answer"]["agents"]}}
              .dump(2) +
          "\n");
  const auto rest = read_agents(answer_to(bench, agents_question("ada")));
  REQUIRE(rest);
  CHECK(rest->agents.size() == 2);
}

TEST_CASE("a question that cannot be answered gets an error that says why",
          "[coordinator][control]") {
  RoundBench bench = two_of_three();
  const std::pair<std::string, std::string> cases[] = {
      {"", "a question is a JSON object"},
      {"status", "a question is a JSON object"},
      {"[1]", "a question is a JSON object"},
      {std::string(4096, '['), "a question is a JSON object"},
      {"{\"version\": 1, \"ask\": \"status\"", "a question is a JSON object"},
      {"{}", "a question needs a \"version\""},
      {R"({"version": "1", "ask": "status"})", "a question needs a \"version\""},
      {R"({"version": -1, "ask": "status"})", "a question needs a \"version\""},
      {R"({"version": 7, "ask": "status"})",
       "the question is of version 7, this coordinator answers version 1"},
      {R"({"version": 1})", "a question needs an \"ask\""},
      {R"({"version": 1, "ask": 3})", "a question needs an \"ask\""},
      {R"({"version": 1, "ask": "weather"})", "unknown question 'weather'; allowed: "},
      {R"({"version": 1, "ask": "agents", "after": 3})", "\"after\" must be an agent's name"},
      {"{\"version\": 1, \"ask\": \"\xff\"}", "a question is a JSON object"}};
  for (const auto& [question, why] : cases) {
    const auto status = read_status(answer_to(bench, question));
    INFO(question);
    REQUIRE_FALSE(status);
    CHECK(status.error().kind == ErrorKind::Denied);
    INFO(status.error().message);
    CHECK(status.error().message.rfind("the coordinator answers: " + why, 0) == 0);
  }
}

TEST_CASE("any bytes are answered with JSON", "[coordinator][control]") {
  RoundBench bench = two_of_three();
  const std::string good = agents_question("ada");
  Rng rng(5);
  for (int i = 0; i < 3000; ++i) {
    std::string question = good;
    for (std::uint64_t n = rng.below(4) + 1; n > 0; --n)
      question[rng.below(question.size())] = static_cast<char>(rng.below(256));
    question.resize(rng.below(question.size() + 1));
    CHECK(nlohmann::json::accept(answer_to(bench, question)));
  }
}

TEST_CASE("what an agent wrote cannot break an answer", "[coordinator][control]") {
  RoundBench bench = two_of_three();
  bench.join("cid");
  Vote none = bench.vote_of(SignVector());
  none.signs = {};
  none.abstention = Abstention::NotFinite;
  none.reason = "\"}\xff\x80\n" + std::string(100'000, 'x');
  bench.tell(RoundBench::peer_of("cid"), none);
  const std::string answer = answer_to(bench, agents_question(""));
  CHECK(answer.size() < 4000);
  const auto read = read_agents(answer);
  REQUIRE(read);
  CHECK(read->agents[2].last_abstention.find('\n') == std::string::npos);
}

TEST_CASE("an answer that is none of ours is refused by name", "[coordinator][control]") {
  for (const char* bad : {"", "null", "7", "{", "{}", R"({"version": 1})",
                          R"({"version": 1, "answer": 3})", R"({"version": 1, "answer": {}})",
                          R"({"version": 1, "answer": {"agents": [], "more": true}})",
                          R"({"version": 1, "answer": {"agents": [1], "more": false}})",
                          R"({"version": 1, "answer": {"agents": [{}], "more": false}})"}) {
    INFO(bad);
    const auto status = read_status(bad);
    REQUIRE_FALSE(status);
    CHECK(status.error().kind == ErrorKind::Malformed);
    CHECK(status.error().message.rfind("what answered is no coordinator of Signet: ", 0) == 0);
    CHECK_FALSE(read_agents(bad));
  }
  const auto other = read_status(R"({"version": 2, "answer": {}})");
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == ErrorKind::Mismatch);
  CHECK(other.error().message.find("in version 2, this signet reads version 1") !=
        std::string::npos);
}

TEST_CASE("an answer with new keys is read and one with a key of another type is not",
          "[coordinator][control]") {
  RoundBench bench = two_of_three();
  auto json = nlohmann::json::parse(answer_to(bench, status_question()));
  json["answer"]["moon"] = "full";
  CHECK(read_status(json.dump()));
  for (const char* key : {"job", "round", "awaited", "rate", "training_s"}) {
    auto wrong = json;
    wrong["answer"][key] = nlohmann::json::object();
    const auto status = read_status(wrong.dump());
    REQUIRE_FALSE(status);
    CHECK(status.error().message.find(std::string("\"") + key + "\" is missing or wrong") !=
          std::string::npos);
  }
  json["answer"]["round"] = -1;
  CHECK_FALSE(read_status(json.dump()));
}

}  // namespace control_protocol_test
}  // namespace signet

#include "coordinator/roster/roster.hpp"

#include "tests/support/catch.hpp"

namespace signet {

namespace {

constexpr Duration kSilent = std::chrono::seconds(10);
constexpr Duration kTakenFor = std::chrono::milliseconds(2500);

Instant at_ms(std::int64_t ms) {
  return Instant(std::chrono::milliseconds(ms));
}

}  // namespace

TEST_CASE("a name is 1 to 64 plain characters", "[coordinator][roster]") {
  for (const char* name : {"a", "kitchen", "board-7.local", "A_b.C-9", "-", "."})
    CHECK(valid_agent_name(name));
  CHECK(valid_agent_name(std::string(64, 'x')));
  CHECK_FALSE(valid_agent_name(""));
  CHECK_FALSE(valid_agent_name(std::string(65, 'x')));
  // Every other character is refused: names end up in logs, files and pages.
  for (int c = 0; c < 256; ++c) {
    const auto character = static_cast<char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    INFO(c);
    CHECK(valid_agent_name(std::string("a") + character) == plain);
  }
}

TEST_CASE("an agent keeps its number when it comes back", "[coordinator][roster]") {
  Roster roster(kSilent);
  roster.remember("old", AgentId{5}, 100);
  CHECK(roster.live_count() == 0);
  const auto a = roster.join("p1", "new", at_ms(0), kTakenFor);
  REQUIRE(a);
  CHECK((*a)->id == AgentId{6});
  const auto b = roster.join("p2", "old", at_ms(0), kTakenFor);
  REQUIRE(b);
  CHECK((*b)->id == AgentId{5});
  CHECK((*b)->data.samples == 100);
  CHECK(roster.live_count() == 2);
  roster.leave(**b);
  CHECK(roster.live_count() == 1);
  CHECK(roster.find("p2") == nullptr);
  CHECK(roster.find_name("old") != nullptr);
  CHECK(roster.find_name("stranger") == nullptr);
  const auto c = roster.join("p3", "old", at_ms(1), kTakenFor);
  REQUIRE(c);
  CHECK((*c)->id == AgentId{5});
}

TEST_CASE("a peer is one agent, and an agent is one peer", "[coordinator][roster]") {
  Roster roster(kSilent);
  REQUIRE(roster.join("p1", "ada", at_ms(0), kTakenFor));
  REQUIRE(roster.join("p1", "ada", at_ms(1), kTakenFor));  // says hello again
  CHECK(roster.members().size() == 1);
  REQUIRE(roster.join("p1", "bob", at_ms(2), kTakenFor));
  CHECK(roster.find("p1")->name == "bob");
  CHECK_FALSE(roster.find_name("ada")->live);
  CHECK(roster.live_count() == 1);
  // Another connection of bob, when his first one was silent for long enough.
  CHECK_FALSE(roster.join("p2", "bob", at_ms(2501), kTakenFor));
  REQUIRE(roster.join("p2", "bob", at_ms(2502), kTakenFor));
  CHECK(roster.find("p1") == nullptr);
  CHECK(roster.find("p2")->name == "bob");
  // The old peer may become somebody else without touching bob.
  REQUIRE(roster.join("p1", "ada", at_ms(2503), kTakenFor));
  CHECK(roster.find("p2")->live);
  CHECK(roster.live_count() == 2);
}

TEST_CASE("a taken name is refused with what to do about it", "[coordinator][roster]") {
  Roster roster(kSilent);
  REQUIRE(roster.join("p1", "ada", at_ms(0), kTakenFor));
  const auto taken = roster.join("p2", "ada", at_ms(100), kTakenFor);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::Denied);
  CHECK(taken.error().message.find("'ada'") != std::string::npos);
  CHECK(taken.error().message.find("--name") != std::string::npos);
  CHECK(roster.find("p2") == nullptr);
  const auto bad = roster.join("p2", "a b", at_ms(100), kTakenFor);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().kind == ErrorKind::Malformed);
  // Who has left does not hold its name.
  roster.leave(*roster.find("p1"));
  CHECK(roster.join("p2", "ada", at_ms(101), kTakenFor));
}

TEST_CASE("silence is counted from the last message, for each agent alone",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  CHECK(roster.next_silence() == kNever);
  REQUIRE(roster.join("p1", "ada", at_ms(0), kTakenFor));
  REQUIRE(roster.join("p2", "bob", at_ms(4000), kTakenFor));
  CHECK(roster.next_silence() == at_ms(10'000));
  roster.heard(*roster.find("p1"), at_ms(5000));
  CHECK(roster.next_silence() == at_ms(14'000));
  CHECK(roster.lose_silent(at_ms(14'000) - Duration(1)).empty());
  const auto lost = roster.lose_silent(at_ms(14'000));
  REQUIRE(lost.size() == 1);
  CHECK(lost[0]->name == "bob");
  CHECK_FALSE(lost[0]->live);
  CHECK(roster.find("p2") == nullptr);
  CHECK(roster.live_count() == 1);
  // Once lost, not lost again.
  CHECK(roster.lose_silent(at_ms(14'500)).empty());
  CHECK(roster.next_silence() == at_ms(15'000));
  CHECK(roster.lose_silent(at_ms(99'000)).size() == 1);
  CHECK(roster.next_silence() == kNever);
}

TEST_CASE("whoever leaves is neither ready nor awaited any more", "[coordinator][roster]") {
  Roster roster(kSilent);
  auto member = roster.join("p1", "ada", at_ms(0), kTakenFor);
  REQUIRE(member);
  CHECK(roster.ready_count() == 0);
  (*member)->ready = (*member)->awaited = (*member)->voted = true;
  CHECK(roster.ready_count() == 1);
  roster.leave(**member);
  CHECK(roster.ready_count() == 0);
  CHECK_FALSE((*member)->ready);
  CHECK_FALSE((*member)->awaited);
  CHECK((*member)->voted);  // what it said stays said
}

TEST_CASE("a run has room for as many agents as a tally can count and no more",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  for (std::size_t i = 0; i < kMembersMax; ++i)
    roster.remember("a" + std::to_string(i), AgentId{static_cast<std::uint32_t>(i + 1)}, 1);
  const auto refused = roster.join("p", "one-more", at_ms(0), kTakenFor);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Full);
  CHECK(roster.members().size() == kMembersMax);
  // Those who are known still may come.
  CHECK(roster.join("p", "a7", at_ms(0), kTakenFor));
}

TEST_CASE("members are in the order of their names whatever the order they came in",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  for (const char* name : {"cid", "ada", "bob"})
    REQUIRE(roster.join(name, name, at_ms(0), kTakenFor));
  std::string names;
  for (const auto& [name, member] : roster.members()) names += name + " ";
  CHECK(names == "ada bob cid ");
}

}  // namespace signet

#include "coordinator/roster/roster.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

constexpr Duration kSilent = std::chrono::seconds(10);
constexpr Duration kTakenFor = std::chrono::milliseconds(2500);

Instant at_ms(std::int64_t ms) {
  return Instant(std::chrono::milliseconds(ms));
}

/// What a roster says of its members, counted member by member.
void check_counts(const Roster& roster) {
  std::size_t live = 0, ready = 0, answered = 0, voted = 0, paused = 0, missing = 0;
  Instant silence = kNever;
  std::vector<const Member*> participants;
  for (const auto& [name, m] : roster.members()) {
    live += m.live ? 1U : 0U;
    ready += m.live && m.ready ? 1U : 0U;
    answered += m.answered ? 1U : 0U;
    voted += m.voted ? 1U : 0U;
    paused += m.paused ? 1U : 0U;
    missing += m.live && m.awaited && !m.answered ? 1U : 0U;
    if (m.live) silence = std::min(silence, m.last_heard + kSilent);
    if ((m.live && m.ready) || m.answered) participants.push_back(&m);
  }
  CHECK(std::ranges::equal(roster.participants(), participants));
  CHECK(roster.live_count() == live);
  CHECK(roster.ready_count() == ready);
  CHECK(roster.answered_count() == answered);
  CHECK(roster.voted_count() == voted);
  CHECK(roster.paused_count() == paused);
  CHECK(roster.missing_count() == missing);
  CHECK(roster.next_silence() == silence);
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

TEST_CASE("a renamed agent stays where it is, under a number of its own", "[coordinator][roster]") {
  Roster roster(kSilent);
  Member* const old = *roster.join("p1", "old", at_ms(0), kTakenFor);
  REQUIRE(roster.join("p2", "other", at_ms(0), kTakenFor));
  roster.mark_ready(*old);
  const AgentId id = old->id;
  CHECK(roster.rename("nobody", "new") == nullptr);
  Member* const renamed = roster.rename("old", "new");
  REQUIRE(renamed == old);
  CHECK(renamed->name == "new");
  CHECK_FALSE(renamed->id == id);
  CHECK(roster.find("p1") == renamed);
  CHECK(roster.find_name("new") == renamed);
  CHECK(roster.find_name("old") == nullptr);
  roster.heard(*renamed, at_ms(5));
  check_counts(roster);
  roster.leave(*renamed);
  check_counts(roster);
  CHECK(roster.live_count() == 1);
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
  roster.mark_ready(**member);
  roster.answer(**member, Answer::Vote);
  CHECK((*member)->awaited);
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

TEST_CASE("the counts of a roster are those of its members after any history",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  roster.remember("a3", AgentId{1}, 10);
  Rng rng(11);
  std::int64_t ms = 0;
  std::size_t silent = 0, renamed = 0;
  for (int event = 0; event < 4000; ++event) {
    ms += static_cast<std::int64_t>(rng.below(700));
    const auto number = [&] { return std::to_string(rng.below(8)); };
    const std::string peer = "p" + number(), name = "a" + number();
    Member* member = roster.find(peer);
    switch (rng.below(10)) {
      case 0: std::ignore = roster.join(peer, name, at_ms(ms), kTakenFor); break;
      case 1: roster.open_round(); break;
      case 2: silent += roster.lose_silent(at_ms(ms)).size(); break;
      case 3: {
        const std::string other = "b" + number();
        if (roster.find_name(other) == nullptr) renamed += roster.rename(name, other) ? 1U : 0U;
        break;
      }
      default:
        if (member == nullptr) break;
        roster.heard(*member, at_ms(ms));
        if (event % 7 == 0) roster.mark_ready(*member);
        if (event % 7 == 1) roster.await(*member);
        if (event % 7 == 2) roster.give_up(*member);
        if (event % 7 == 3) roster.leave(*member);
        if (event % 7 > 4) roster.answer(*member, static_cast<Answer>(event % 3));
    }
    check_counts(roster);
  }
  CHECK(silent > 10);
  CHECK(renamed > 5);
}

TEST_CASE("names that were never ready are forgotten, the one that was heard first of all",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  Member* const here = *roster.join("p", "here", at_ms(0), kTakenFor);
  Member* const ready = *roster.join("q", "ready", at_ms(0), kTakenFor);
  roster.mark_ready(*ready);
  roster.leave(*ready);
  roster.remember("earlier", AgentId{9}, 10);
  // One connection that is somebody else with each message.
  const auto name = [](std::size_t i) { return "stranger-" + std::to_string(i); };
  for (std::size_t i = 0; i < kMembersMax + 10; ++i)
    REQUIRE(roster.join("flood", name(i), at_ms(static_cast<std::int64_t>(i)), kTakenFor));
  const std::size_t last = kMembersMax + 9;
  CHECK(roster.members().size() == 3 + kStrangersMax + 1);  // the last one is here still
  CHECK(roster.find_name(name(last))->live);
  CHECK(roster.find_name(name(last - kStrangersMax)) != nullptr);
  CHECK(roster.find_name(name(last - kStrangersMax - 1)) == nullptr);
  CHECK(roster.find_name("here") == here);
  CHECK(roster.find_name("ready") == ready);
  CHECK(roster.find_name("earlier") != nullptr);
  // One that comes back is as good as any other, and there is room for new ones.
  REQUIRE(roster.join("p2", name(last - kStrangersMax), at_ms(70'000), kTakenFor));
  REQUIRE(roster.join("p3", "newcomer", at_ms(70'000), kTakenFor));
  CHECK(roster.find_name(name(last - kStrangersMax))->live);
  CHECK(roster.participants().empty());
  check_counts(roster);
}

TEST_CASE("a name is free once its connection is closed, and its owner may come back as well",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  Member* const ada = *roster.join("p1", "ada", at_ms(0), kTakenFor);
  roster.hang_up("p2");  // nobody's
  CHECK_FALSE(roster.join("p2", "ada", at_ms(1), kTakenFor));
  roster.hang_up("p1");
  CHECK(ada->live);  // It may still vote over another connection.
  REQUIRE(roster.join("p2", "ada", at_ms(2), kTakenFor));
  CHECK(roster.find("p2") == ada);
  CHECK(roster.find("p1") == nullptr);
  // The new connection stands.
  roster.hang_up("p1");
  CHECK_FALSE(roster.join("p3", "ada", at_ms(3), kTakenFor));
  check_counts(roster);
}

TEST_CASE("an agent that comes back over another connection leaves its old one to who has it now",
          "[coordinator][roster]") {
  Roster roster(kSilent);
  REQUIRE(roster.join("p1", "ada", at_ms(0), kTakenFor));
  REQUIRE(roster.join("p1", "bob", at_ms(1), kTakenFor));
  REQUIRE(roster.join("p2", "ada", at_ms(2), kTakenFor));
  REQUIRE(roster.find("p1") != nullptr);
  CHECK(roster.find("p1")->name == "bob");
  CHECK(roster.find("p2")->name == "ada");
}

TEST_CASE("those who fall silent together are named in order", "[coordinator][roster]") {
  Roster roster(kSilent);
  for (const char* name : {"cid", "ada", "bob"})
    REQUIRE(roster.join(name, name, at_ms(name[0] == 'c' ? 0 : 5), kTakenFor));
  std::string names;
  for (const Member* lost : roster.lose_silent(at_ms(11'000))) names += lost->name + " ";
  CHECK(names == "ada bob cid ");
}

}  // namespace signet

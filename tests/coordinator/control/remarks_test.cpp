#include "coordinator/control/remarks.hpp"

#include "tests/support/catch.hpp"

namespace signet {
namespace control_remarks_test {

Conduct good() {
  Conduct conduct;
  conduct.heard_s = 0.5;
  conduct.answered_s = 0.5;
  conduct.votes = 100;
  conduct.mismatch = 0.3;
  conduct.opinion = {true, 0.4, 1};
  return conduct;
}

TEST_CASE("an agent that does its work gets no remark", "[coordinator][control]") {
  CHECK(remark_on(good()) == "");
  CHECK(remark_on(Conduct{}) == "");
  for (const auto state : {AgentState::Loading, AgentState::Ready, AgentState::Left}) {
    Conduct conduct = good();
    conduct.state = state;
    CHECK(remark_on(conduct) == "");
  }
}

TEST_CASE("silence is remarked from two and a half heartbeats on", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.heartbeat_s = 2;
  conduct.heard_s = kSilentHeartbeats * 2 - 0.01;
  CHECK(remark_on(conduct) == "");
  conduct.heard_s = kSilentHeartbeats * 2;
  CHECK(remark_on(conduct) == "silent for 5 s");
  conduct.state = AgentState::Left;
  CHECK(remark_on(conduct) == "");
}

TEST_CASE("a lost agent is told with the time that it is gone", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.state = AgentState::Lost;
  conduct.heard_s = 40;
  CHECK(remark_on(conduct) == "lost 40 s ago");
  conduct.heard_s = 119;
  CHECK(remark_on(conduct) == "lost 119 s ago");
  conduct.heard_s = 600;
  CHECK(remark_on(conduct) == "lost 10 min ago");
  conduct.heard_s = 7200;
  CHECK(remark_on(conduct) == "lost 2 h ago");
  conduct.heard_s.reset();
  CHECK(remark_on(conduct) == "not back since the coordinator was started");
  conduct.failure = "the data are gone";
  CHECK(remark_on(conduct) == "gave up: the data are gone");
}

TEST_CASE("a liar is told by the majority or by what voters say of each other",
          "[coordinator][control]") {
  Conduct conduct = good();
  conduct.opinion = {};
  conduct.mismatch = kAgainstMismatch - 0.001;
  CHECK(remark_on(conduct) == "");
  conduct.mismatch = 0.71;
  CHECK(remark_on(conduct) == "votes against the others (mismatch 71 %)");
  conduct.votes = kVotesToJudge - 1;
  CHECK(remark_on(conduct) == "");
  conduct = good();
  conduct.opinion = {true, 0.71, kAgainstStanding};
  CHECK(remark_on(conduct) == "votes against the others (71 % of its signs are wrong)");
  conduct.opinion.known = false;
  CHECK(remark_on(conduct) == "");
}

TEST_CASE("signs that say nothing are called coins", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.opinion = {true, 0.5, kCoinsStanding};
  CHECK(remark_on(conduct) == "");
  conduct.opinion.standing = kCoinsStanding - 0.001;
  CHECK(remark_on(conduct) == "signs are coins (50 % of its signs are wrong)");
  conduct.opinion.standing = kAgainstStanding + 0.001;
  CHECK(remark_on(conduct).rfind("signs are coins", 0) == 0);
}

TEST_CASE("a vote that counts for nothing or reversed is told", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.weight = -1;
  CHECK(remark_on(conduct) == "its votes count reversed");
  conduct.weight = 0;
  CHECK(remark_on(conduct) == "its votes do not count");
  conduct.votes = kVotesToJudge - 1;  // All begin with nothing.
  CHECK(remark_on(conduct) == "");
}

TEST_CASE("lateness is told when it is more than a mishap", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.lateness = kOftenLate - 0.001;
  CHECK(remark_on(conduct) == "");
  conduct.lateness = kOftenLate;
  CHECK(remark_on(conduct) == "often late");
  conduct.lateness = kAlwaysLate;
  CHECK(remark_on(conduct) == "always late");
}

TEST_CASE("an agent that only beats is told after three deadlines", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.deadline_s = 4;
  conduct.answered_s = 12;
  CHECK(remark_on(conduct) == "");  // A round waits for it: all is well.
  conduct.state = AgentState::Late;
  CHECK(remark_on(conduct) == "shows itself, but has not voted for 12 s");
  conduct.answered_s = 11.9;
  CHECK(remark_on(conduct) == "");
}

TEST_CASE("replicas, abstentions and messages are told with their numbers and reasons",
          "[coordinator][control]") {
  Conduct conduct = good();
  conduct.resyncs = 1;
  CHECK(remark_on(conduct) == "replica differed once");
  conduct.wrong_digests = 3;
  CHECK(remark_on(conduct) == "replica differed 3 times");
  conduct = good();
  conduct.abstention = "loss or gradient is not finite";
  CHECK(remark_on(conduct) == "abstained: loss or gradient is not finite");
  conduct = good();
  conduct.malformed = 2;
  CHECK(remark_on(conduct) == "sent 2 malformed messages");
  conduct.unfit_data = 1;
  CHECK(remark_on(conduct) == "its data do not fit the job");
}

TEST_CASE("several remarks stand in one line, the worst first", "[coordinator][control]") {
  Conduct conduct = good();
  conduct.state = AgentState::Lost;
  conduct.heard_s = 40;
  conduct.lateness = 1;
  conduct.weight = -2;
  conduct.opinion = {true, 0.9, -1};
  CHECK(remark_on(conduct) ==
        "lost 40 s ago; votes against the others (90 % of its signs are wrong); its votes count "
        "reversed; always late");
}

}  // namespace control_remarks_test
}  // namespace signet

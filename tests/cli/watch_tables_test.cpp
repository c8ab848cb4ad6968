#include "cli/watch_tables.hpp"

#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace watch_tables_test {

using test::words_missing;

TEST_CASE("the status table says what is known and marks what is not", "[cli]") {
  StatusAnswer status;
  status.job = "kites";
  status.state = "waiting";
  status.waiting = "waiting for 2 more agents";
  status.rounds = 705;
  status.agents_wanted = 4;
  const std::string waiting = status_table(status);
  CHECK(words_missing(
            waiting,
            {"  job                          kites\n", "waiting for agents\n", "0 of 705 done\n",
             "waiting for 2 more agents\n", "4 wanted\n", "  rate                         -\n",
             "  train loss                   -\n", "  test accuracy                -\n",
             "  loss ratio                   -\n"}) == "");
  CHECK(waiting.find("open round") == std::string::npos);

  status.state = "collecting";
  status.waiting = "";
  status.round = 412;
  status.votes = 2;
  status.answers = 3;
  status.quorum = 1;
  status.deadline_s = 1.25;
  status.rate = 3.14e-4;
  status.train_loss = 0.5;
  status.test_accuracy = 0.8712;
  status.loss_ratio = 7.25;
  status.bytes_up = 1'500'000;
  status.uptime_s = 61;
  const std::string collecting = status_table(status);
  CHECK(
      words_missing(collecting,
                    {"412 of 705 done\n", "votes 2, quorum 1, abstentions 1, deadline in 1.2 s\n",
                     "3.14e-04\n", "0.5000\n", "87.12 %\n",
                     "loss ratio                   7.2: the agents' data seem to differ in kind\n",
                     "up 1.5 MB, down 0 B\n", "1:01\n"}) == "");
  CHECK(collecting.find("why it waits") == std::string::npos);
  CHECK(collecting.find("messages refused") == std::string::npos);
  status.refused = {{"late vote", 2}, {"malformed", 7}};
  CHECK(words_missing(status_table(status), {"messages refused", "2 late vote, 7 malformed\n"}) ==
        "");
  status.state = "ending";
  status.ended = "705 rounds done";
  CHECK(words_missing(status_table(status), {"ending: 705 rounds done\n"}) == "");
}

TEST_CASE("the table of agents has a line for each and columns that stand", "[cli]") {
  AgentAnswer good;
  good.name = "attic";
  good.state = "voting";
  good.heard_s = 0.25;
  good.samples = 1000;
  good.votes = 7;
  good.response_s = 0.1234;
  good.mismatch = 0.31;
  AgentAnswer bad;
  bad.name = "kitchen-window";
  bad.state = "lost";
  bad.refused = {{"late vote", 3}, {"wrong digest", 1}};
  bad.remark = "lost 40 s ago";
  const std::string table = agents_table(std::vector<AgentAnswer>{good, bad});
  CHECK(table ==
        "AGENT           STATE   HEARD  SAMPLES  VOTES  ABSTAINED  LATE  RESYNCS  RESPONSE  "
        "MISMATCH  WEIGHT  REFUSED                      REMARK\n"
        "attic           voting  0.2 s  1000     7      0          0     0        0.123 s   "
        "31 %      1       -\n"
        "kitchen-window  lost    -      0        0      0          0     0        -         "
        "-         1       3 late vote, 1 wrong digest  lost 40 s ago\n");
  CHECK(agents_table({}).find("AGENT") == 0);
}

}  // namespace watch_tables_test
}  // namespace signet

#include "agent/doctor/judgements.hpp"

#include <map>

#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace judgements_test {

using Level = Finding::Level;

ReadFile files(std::map<std::string, std::string> contents) {
  return [contents = std::move(contents)](const std::string& path) -> Result<Bytes> {
    const auto at = contents.find(path);
    if (at == contents.end()) return Error{ErrorKind::Missing, path + ": no such file"};
    return to_bytes(view_bytes(at->second));
  };
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

DoorSeen door(std::optional<Result<Knock>> knock, bool encrypted = true) {
  return {"tcp://lab:7300", Endpoint{"192.0.2.1", 7300}, std::move(knock), encrypted};
}

TEST_CASE("a doctor counts the samples and classes of whatever format is there",
          "[agent][doctor]") {
  using namespace std::string_literals;
  const std::string images = "\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\2"s + "abcd",
                    labels = "\0\0\x08\x01\0\0\0\2"s + "\3\7";
  const auto idx = look_at_data(
      "d", files({{"d/train-images-idx3-ubyte", images}, {"d/train-labels-idx1-ubyte", labels}}));
  CHECK(idx == Finding{"data", Level::Ok, "d: 2 samples of 1x2, 2 classes from 3 to 7"});
  const auto unlabelled = look_at_data("d", files({{"d/train-images-idx3-ubyte", images}}));
  CHECK(unlabelled == Finding{"data", Level::Ok, "d: 2 samples of 1x2"});
  const auto csv = look_at_data("d", files({{"d/train.csv", "a,b,c\n1,2,3\n4,5,6\n"}}));
  CHECK(csv == Finding{"data", Level::Ok, "d: 2 samples of 3 columns"});
}

TEST_CASE("a column of words is a warning, for the job may ignore it", "[agent][doctor]") {
  const auto words = look_at_data("d", files({{"d/train.csv", "time,b\nnoon,2\nnight,5\n"}}));
  CHECK(words.level == Level::Warning);
  CHECK(holds(words.text, "'noon' is not a number"));
  CHECK(holds(words.advice, "data.ignore"));
  const auto torn = look_at_data("d", files({{"d/train.csv", "a,b\n1\n"}}));
  CHECK(torn.level == Level::Problem);
}

TEST_CASE("data that are not there, or not whole, are a problem with code 4", "[agent][doctor]") {
  const auto none = look_at_data("d", files({}));
  CHECK(none.level == Level::Problem);
  CHECK(none.code == ExitCode::Data);
  CHECK(holds(none.text, "d has no training data"));
  const auto cut = look_at_data("d", files({{"d/train-images-idx3-ubyte", "nonsense"}}));
  CHECK(cut.level == Level::Problem);
  CHECK(cut.code == ExitCode::Data);
  CHECK(holds(cut.text, "d/train-images-idx3-ubyte"));
}

TEST_CASE("memory is told as the parameters that it holds", "[agent][doctor]") {
  const auto much = judge_memory(std::uint64_t{3'200'000'000});
  CHECK(much.level == Level::Ok);
  CHECK(holds(much.text, "3.2 GB"));
  CHECK(holds(much.text, "100 million parameters"));
  CHECK(judge_memory(std::uint64_t{20'000'000}).level == Level::Warning);
  CHECK(judge_memory(Error{ErrorKind::Missing, "no /proc"}).text == "no /proc");
}

TEST_CASE("a full or read-only disk is a warning, for an agent keeps nothing there",
          "[agent][doctor]") {
  CHECK(judge_disk("/v", std::uint64_t{2'000'000'000}, {}).level == Level::Ok);
  const auto full = judge_disk("/v", std::uint64_t{0}, {});
  CHECK(full.level == Level::Warning);
  CHECK(holds(full.text, "/v: 0 B left; an agent keeps nothing"));
  const auto read_only =
      judge_disk("/v", std::uint64_t{9'000'000}, Error{ErrorKind::Denied, "read-only"});
  CHECK(read_only.level == Level::Warning);
  CHECK(holds(read_only.advice, "mounted read-only"));
}

TEST_CASE("a clock that is years off is reported as harmless", "[agent][doctor]") {
  CHECK(judge_clock(0).level == Level::Ok);
  CHECK(holds(judge_clock(0).text, "years off, which is harmless"));
  CHECK(holds(judge_clock(1'800'000'000).text, "need not be right"));
}

TEST_CASE("each way a coordinator may answer has its own words and exit code", "[agent][doctor]") {
  CHECK(judge_door(door(Knock::Opened)).level == Level::Ok);
  CHECK(holds(judge_door(door(Knock::Opened)).text, "lets this board's in"));
  CHECK(holds(judge_door(door(Knock::Opened, false)).text, "not encrypted"));
  CHECK(judge_door(door(Knock::KeyDenied)).code == ExitCode::Refused);
  CHECK(holds(judge_door(door(Knock::NoCommonGround)).text, "server_key"));
  CHECK(holds(judge_door(door(Knock::NoCommonGround, false)).text, "wants keys"));
  CHECK(holds(judge_door(door(Knock::NoAnswer)).text, "is silent"));
  for (const Knock knock : {Knock::KeyDenied, Knock::NoCommonGround, Knock::NoAnswer}) {
    CHECK(judge_door(door(knock)).level == Level::Problem);
    CHECK_FALSE(judge_door(door(knock)).advice.empty());
  }
  CHECK(judge_door(door(std::nullopt)).level == Level::Unseen);
  const auto nobody = judge_door({"tcp://lab:1", Error{ErrorKind::Unavailable, "nobody; why?"}});
  CHECK(nobody ==
        Finding{"coordinator", Level::Problem, "tcp://lab:1: nobody", "why?", ExitCode::Network});
}

TEST_CASE("one address that answers makes the others' problems warnings", "[agent][doctor]") {
  Findings one{judge_door(door(Knock::NoAnswer)), judge_door(door(Knock::Opened))};
  settle_doors(one);
  CHECK(one[0].level == Level::Warning);
  CHECK(one[1].level == Level::Ok);
  Findings none{judge_door(door(Knock::NoAnswer)), judge_door(door(Knock::KeyDenied))};
  settle_doors(none);
  CHECK(none[0].level == Level::Problem);
}

TEST_CASE("the service's state is told with the command that mends it", "[agent][doctor]") {
  const auto judged = [](const std::string& active, const std::string& boot) {
    return judge_service("LoadState=loaded\nActiveState=" + active + "\nUnitFileState=" + boot +
                             "\nExecMainStatus=3\nProtectHome=yes\n",
                         "/srv/data");
  };
  CHECK(judged("active", "enabled").level == Level::Ok);
  CHECK(holds(judged("active", "disabled").advice, "systemctl enable"));
  CHECK(holds(judged("inactive", "disabled").advice, "enable --now"));
  CHECK(holds(judged("failed", "enabled").text, "exit code 3"));
  CHECK(judge_service("LoadState=not-found\nActiveState=inactive\n", "").level == Level::Ok);
  const auto hidden = judge_service(
      "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nProtectHome=yes\n",
      "/home/pi/data");
  CHECK(hidden.level == Level::Problem);
  CHECK(holds(hidden.advice, "ProtectHome=read-only"));
}

}  // namespace judgements_test
}  // namespace signet

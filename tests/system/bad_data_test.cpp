#include "tests/system/scene.hpp"

namespace signet {
namespace system_bad_data_test {

using namespace test;

/// A folder of data with something wrong with it, and what both sides must say about it.
struct Fault {
  const char* what;
  Folder files;
  std::vector<std::string> words;  ///< after the name of the file
  const char* file;                ///< without "train-" or "t10k-"
};

Folder truncated() {
  Folder files = make_idx_set(100, 50, kSide, kClasses, 1);
  for (auto& [name, bytes] : files)
    if (name.find("images") != std::string::npos) bytes.resize(bytes.size() - 7);
  return files;
}

std::vector<Fault> faults() {
  Folder without_labels = make_idx_set(100, 50, kSide, kClasses, 1);
  without_labels.erase("train-labels-idx1-ubyte");
  without_labels.erase("t10k-labels-idx1-ubyte");
  return {
      {"truncated", truncated(), {"truncated", "copy it again"}, "images-idx3-ubyte"},
      {"classes",
       make_idx_set(100, 50, kSide, kClasses + 1, 1),
       {"label", "is 4", "allowed are 0 to 3", "correct the job"},
       "labels-idx1-ubyte"},
      {"shape",
       make_idx_set(100, 50, kSide + 2, kClasses, 1),
       {"10x10", "1x8x8", "correct the job"},
       "images-idx3-ubyte"},
      {"labels", without_labels, {"no file", "put the data there"}, "labels-idx1-ubyte"},
  };
}

/// Fails unless the process ends with `code` and an error line that has all of the words.
void check_error(const Scene& scene, Process& process, int code, const Words& words) {
  require_exit(scene, process, code);
  const std::string text = process.err();
  INFO(text);
  CHECK(text.find(" error ") != std::string::npos);
  for (const auto& word : words) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
}

TEST_CASE("a coordinator whose test data cannot be used exits with 4, names file and remedy",
          "[system]") {
  for (const auto& fault : faults()) {
    Scene scene;
    INFO(fault.what);
    write_folder(scene / "bad", fault.files);
    auto coordinator = scene.start_coordinator({"--data", scene / "bad"});
    Words words = fault.words;
    words.push_back((scene / "bad") + "/t10k-" + fault.file);
    check_error(scene, coordinator, 4, words);
    CHECK_FALSE(exists(scene.state()));
  }
}

TEST_CASE("an agent whose data cannot be used exits with 4, and the coordinator knows why",
          "[system]") {
  JobKnobs knobs;
  knobs.agents = 1;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  for (const auto& fault : faults()) {
    INFO(fault.what);
    const std::string folder = scene / fault.what;
    write_folder(folder, fault.files);
    auto agent = scene.start_agent(0, {"--data", folder});
    Words words = fault.words;
    words.push_back(folder + "/train-" + fault.file);
    check_error(scene, agent, 4, words);
    require_soon(scene, [&] { return coordinator.says(folder + "/train-" + fault.file); });
    CHECK(coordinator.running());
  }
  // More boards than samples: this one gets none.
  auto empty = scene.start_agent(0, {"--shard", "900/1000"});
  check_error(scene, empty, 4, {"no samples", "shard", "fewer shards"});
  // What is whole is welcome after all of that.
  std::vector<Process> agents = scene.start_agents();
  CHECK(require_finish(scene, coordinator, agents).at("replicas_equal") == true);
}

TEST_CASE("a folder of data that is not there is named before anything is begun", "[system]") {
  Scene scene;
  auto agent = scene.start_agent(0, {"--data", scene / "nowhere"});
  check_error(scene, agent, 4, {scene / "nowhere", "give the folder"});
  CHECK_FALSE(agent.says("looks for its coordinator"));
  auto coordinator = scene.start_coordinator({"--data", scene / "nowhere"});
  check_error(scene, coordinator, 4,
              {(scene / "nowhere") + "/t10k-images-idx3-ubyte", "put the data there"});
  CHECK_FALSE(exists(scene.state()));
}

}  // namespace system_bad_data_test
}  // namespace signet

#pragma once

#include <filesystem>

#include <sys/stat.h>

#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet::test {

/// A fleet whose boards have keys, on this machine.
class KeysScene : public Scene {
 public:
  explicit KeysScene(const JobKnobs& knobs = {}) : Scene(knobs), agents_(knobs.agents) {}

  std::string fleet() const { return folder_of(state()) + "/signet.fleet"; }
  std::string config(std::size_t index) const { return *this / (name_of(index) + ".toml"); }
  std::string key(std::size_t index) const { return *this / (name_of(index) + ".key"); }

  Process start_encrypted(const Words& more = {}) {
    Words all{"--progress", "line", "--encryption", "on"};
    all.insert(all.end(), more.begin(), more.end());
    return start_coordinator(all);
  }
  /// A coordinator that takes orders.
  Process start_and_wait(const Words& more = {}) {
    auto coordinator = start_encrypted(more);
    require_soon(*this, [&] { return coordinator.says("agents may join at"); });
    return coordinator;
  }

  Process signet(const Words& words) {
    auto command = program(SIGNET_CLI);
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"--state", state()});
    return start(command, "signet");
  }
  /// What a command says that must succeed.
  std::string ordered(const Words& words) {
    auto process = signet(words);
    require_exit(*this, process, 0);
    return process.out();
  }
  std::string token(const Words& more = {}) {
    Words words{"token"};
    words.insert(words.end(), more.begin(), more.end());
    std::string text = ordered(words);
    text.pop_back();  // the line break
    return text;
  }

  /// `signet-agent join` of board `index`, with its own files.
  Process join(std::size_t index, const std::string& token, const Words& more = {}) {
    auto command = program(SIGNET_AGENT);
    for (const auto& word :
         {std::string("join"), token, std::string("--config"), config(index), std::string("--name"),
          name_of(index), std::string("--data"), data(), std::string("--no-start")})
      command.push_back(word);
    return start(with_options(std::move(command), more), "join-" + name_of(index));
  }
  void enrol(std::size_t index) {
    auto joining = join(index, token());
    require_exit(*this, joining, 0);
  }
  void enrol_all() {
    for (std::size_t i = 0; i < agents_; ++i) enrol(i);
  }
  Words joined_command(std::size_t index, const Words& more = {}) const {
    Words command = program(SIGNET_AGENT);
    for (const auto& word :
         {std::string("run"), std::string("--config"), config(index), std::string("--shard"),
          std::to_string(index) + "/" + std::to_string(agents_)})
      command.push_back(word);
    return with_options(std::move(command), more);
  }
  Process start_joined(std::size_t index, const Words& more = {}) {
    return start(joined_command(index, more), name_of(index));
  }
  std::vector<Process> start_all_joined() {
    std::vector<Process> all;
    for (std::size_t i = 0; i < agents_; ++i) all.push_back(start_joined(i));
    return all;
  }

  /// What `signet agents` tells of one; null where there is none of that name.
  nlohmann::json agent(const std::string& name) {
    const auto all = nlohmann::json::parse(ordered({"agents", "--json"}));
    for (const auto& one : all.at("agents"))
      if (one.at("name") == name) return one;
    return nullptr;
  }
  nlohmann::json status() { return nlohmann::json::parse(ordered({"status", "--json"})); }

 private:
  std::size_t agents_;
};

inline unsigned mode_of(const std::string& path) {
  struct stat about = {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
}

/// Two agents, and no end before a test wants it.
inline JobKnobs two_boards() {
  auto knobs = endless_job();
  knobs.agents = 2;
  knobs.deadline_min_s = 0.5;
  knobs.silence_s = 5;
  return knobs;
}

}  // namespace signet::test

#pragma once

#include <string>

#include "tests/system/scene.hpp"

namespace signet::test {

/// A question of an operator, and the answer of a coordinator that is there.
inline Process ask(Scene& scene, const Words& words) {
  auto command = program(SIGNET_CLI);
  command.insert(command.end(), words.begin(), words.end());
  return scene.start(command, "signet");
}

inline std::string answer(Scene& scene, const Words& words) {
  auto process = ask(scene, words);
  require_exit(scene, process, 0);
  return process.out();
}

inline nlohmann::json status(Scene& scene) {
  return nlohmann::json::parse(answer(scene, {"status", "--json", "--state", scene.state()}));
}

/// null where there is none of that name.
inline nlohmann::json agent(Scene& scene, std::size_t index) {
  const auto all =
      nlohmann::json::parse(answer(scene, {"agents", "--json", "--state", scene.state()}));
  for (const auto& one : all.at("agents"))
    if (one.at("name") == Scene::name_of(index)) return one;
  return nullptr;
}

}  // namespace signet::test

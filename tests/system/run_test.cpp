#include <cstring>
#include <string_view>

#include "coordinator/evaluator.hpp"
#include "core/base/digest.hpp"
#include "core/data/source.hpp"
#include "core/model/network.hpp"
#include "core/model/safetensors.hpp"
#include "fleet/fleet.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_run_test {

using namespace test;

Job job_of(const Scene& scene) {
  auto job = parse_job(text_of(scene.job()), scene.job());
  REQUIRE(job);
  return *job;
}

/// What the same board sees when it is simulated: the same files, the same shares of them.
FleetResult simulate(const Scene& scene, const Job& job) {
  const auto train = load_dataset(job.data, scene.data(), Part::Train, read_file);
  REQUIRE(train);
  std::vector<Dataset> shards;
  for (std::size_t i = 0; i < job.round.agents; ++i)
    shards.push_back(train->shard(i, job.round.agents));
  auto fleet = Fleet::create(job, std::move(shards), std::nullopt, {}, 1);
  REQUIRE(fleet);
  return (*fleet)->run(std::chrono::hours(1));
}

TEST_CASE("four agents and a coordinator train over TCP and tell what came of it", "[system]") {
  Scene scene;
  const auto figures = undisturbed(scene);
  INFO(scene.story());
  CHECK(figures.at("test_accuracy").get<double>() > 0.95);
  CHECK(figures.at("rounds") == 60);
  CHECK(figures.at("seed") == 7);
  CHECK(figures.at("agents") == 4);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(figures.at("digest").get<std::string>().size() == 16);
  CHECK(figures.at("seconds").get<double>() > 0);
  CHECK(figures.at("rounds_per_second").get<double>() > 0);

  // (64 + 1) * 4 parameters: 260 signs are 33 bytes each way and round, float32 would be 1040.
  const double signs = 60 * 33, floats = 60 * 2 * 4 * 260;
  CHECK(figures.at("float32_bytes_per_agent").get<double>() == floats);
  for (const char* way : {"bytes_up_per_agent", "bytes_down_per_agent"}) {
    CHECK(figures.at(way).get<double>() > signs);
    CHECK(figures.at(way).get<double>() < 60 * (33 + 300) + 20'000);
  }
}

TEST_CASE("the saved model is the one that the report tells of", "[system]") {
  Scene scene;
  const auto figures = undisturbed(scene);
  CHECK(figures.at("model") == scene.model());
  const auto network = Network::create(job_of(scene).model);
  REQUIRE(network);
  const auto file = read_file(scene.model());
  REQUIRE(file);
  const auto parameters = parameters_from_safetensors(*file, network->blocks());
  REQUIRE(parameters);
  CHECK(to_hex(digest(std::span<const float>(*parameters))) == figures.at("digest"));
}

/// What a program of another kind reads of the file before its tensors.
nlohmann::json metadata_of(const Bytes& safetensors) {
  std::uint64_t size = 0;
  REQUIRE(safetensors.size() > sizeof(size));
  std::memcpy(&size, safetensors.data(), sizeof(size));
  const auto* text = reinterpret_cast<const char*>(safetensors.data()) + sizeof(size);
  return nlohmann::json::parse(std::string_view(text, size)).at("__metadata__");
}

TEST_CASE("the saved model says how its inputs are to be normalised", "[system]") {
  Scene scene;
  const auto figures = undisturbed(scene);
  const Job job = job_of(scene);
  const auto file = read_file(scene.model());
  REQUIRE(file);
  const auto network = Network::create(job.model);
  auto test = load_dataset(job.data, scene.data(), Part::Test, read_file);
  REQUIRE(network);
  REQUIRE(test);
  const auto numbers = [metadata = metadata_of(*file)](const char* key) {
    return nlohmann::json::parse(metadata.at(key).get<std::string>()).get<std::vector<float>>();
  };
  const Normalisation normalisation{numbers("mean"), numbers("deviation")};
  REQUIRE(normalisation.mean.size() == 1);

  auto evaluator = Evaluator::create(job.model, std::move(*test));
  REQUIRE(evaluator);
  const auto parameters = parameters_from_safetensors(*file, network->blocks());
  REQUIRE(parameters);
  CHECK(evaluator->judge(*parameters, normalisation).accuracy() == figures.at("test_accuracy"));
  CHECK(evaluator->judge(*parameters, normalisation).loss() == figures.at("test_loss"));
}

TEST_CASE("signet simulate ends where agents and coordinator of their own end", "[system]") {
  Scene scene;
  const std::string digest = undisturbed(scene).at("digest");
  auto command = program(SIGNET_CLI);
  for (const auto& word : {std::string("simulate"), scene.job(), std::string("--data"),
                           scene.data(), std::string("--progress"), std::string("none"),
                           std::string("--json"), scene / "simulated.json"})
    command.push_back(word);
  auto simulated = scene.start(command, "signet");
  require_exit(scene, simulated, 0);
  const auto figures = nlohmann::json::parse(text_of(scene / "simulated.json"));
  CHECK(figures.at("rounds") == 60);
  CHECK(figures.at("digest") == digest);
}

TEST_CASE("processes end at the digest of the simulation and of each other", "[system]") {
  JobKnobs knobs;
  knobs.hidden = 24;
  std::string digests[2];
  for (auto& found : digests) {
    Scene scene(knobs);
    const auto figures = undisturbed(scene);
    found = figures.at("digest");
    const auto simulated = simulate(scene, job_of(scene));
    CHECK(simulated.violations.empty());
    CHECK(simulated.rounds == 60);
    CHECK(found == to_hex(simulated.digest));
  }
  CHECK(digests[0] == digests[1]);
}

TEST_CASE("agents draw as many samples as their own configuration says", "[system]") {
  JobKnobs knobs;
  knobs.rounds = 10;
  Scene scene(knobs);
  write_text(scene / "agent.toml", "[training]\nbatch = 4\n");
  auto coordinator = scene.start_coordinator();
  std::vector<Process> agents;
  for (std::size_t i = 0; i < knobs.agents; ++i)
    agents.push_back(scene.start_agent(i, {"--config", scene / "agent.toml"}));
  const auto figures = require_finish(scene, coordinator, agents);
  Job job = job_of(scene);
  CHECK(figures.at("digest") != to_hex(simulate(scene, job).digest));
  job.training.batch = 4;
  CHECK(figures.at("digest") == to_hex(simulate(scene, job).digest));
}

TEST_CASE("another seed on the command line ends at another digest", "[system]") {
  JobKnobs knobs;
  knobs.rounds = 5;
  Scene as_written(knobs), other(knobs);
  const auto first = undisturbed(as_written);
  auto coordinator = other.start_coordinator({"--seed", "8"});
  auto agents = other.start_agents();
  const auto second = require_finish(other, coordinator, agents);
  CHECK(second.at("seed") == 8);
  CHECK(second.at("digest") != first.at("digest"));
}

TEST_CASE("the final table says in words what the figures say", "[system]") {
  Scene scene;
  auto coordinator = scene.start_coordinator({});
  auto agents = scene.start_agents();
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(words_missing(coordinator.out(),
                      {"60 rounds done", "test accuracy", "all replicas equal           yes",
                       figures.at("digest").get<std::string>(), scene.model()}) == "");
  CHECK(words_missing(agents[0].err(), {"'agent-0'", scene.address(), "200 samples",
                                        "the run is over", "equal to the coordinator's"}) == "");
}

TEST_CASE("an agent that joins in the middle of a run catches up and votes", "[system]") {
  auto knobs = endless_job();
  knobs.agents = 2;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  await_rounds(scene, coordinator, 0, 50);
  auto command = scene.agent_command(0);
  std::replace(command.begin(), command.end(), Scene::name_of(0), std::string("newcomer"));
  agents.push_back(scene.start(command, "newcomer"));
  require_soon(scene, [&] { return coordinator.says("agents 3/3"); });
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 3);
}

}  // namespace system_run_test
}  // namespace signet

#include <string>
#include <vector>

#include "core/job/job.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/core/job/some_jobs.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace layers_test {

/// A job whose layers begin on line 5, one a line.
std::string job_with(const std::string& layers) {
  return "name = \"x\"\ndata.classes = 2\nmodel.input = [4]\nmodel.layers = [\n" + layers + "\n]\n";
}

std::string message_of(const std::string& layers) {
  const auto job = parse_job(job_with(layers), "x.toml");
  INFO(layers);
  REQUIRE_FALSE(job);
  return job.error().message;
}

}  // namespace layers_test

using layers_test::message_of;

TEST_CASE("layers are read in order, each with its keys and its line", "[core][job]") {
  const auto job = parse_job(test::unusual_job(), "x.toml");
  REQUIRE(job);
  const auto& layers = job->model.layers;
  REQUIRE(layers.size() == 8);
  CHECK(layers[0] == LayerSpec{LayerKind::Conv2d, 0, 4, 3, 2, 1, 0, 13});
  CHECK(layers[1] == LayerSpec{LayerKind::Tanh, 0, 0, 0, 0, 0, 0, 14});
  CHECK(layers[2] == LayerSpec{LayerKind::MaxPool, 0, 0, 2, 1, 0, 0, 15});
  CHECK(layers[3] == LayerSpec{LayerKind::AveragePool, 0, 0, 2, 0, 0, 0, 16});
  CHECK(layers[4] == LayerSpec{LayerKind::Sigmoid, 0, 0, 0, 0, 0, 0, 17});
  CHECK(layers[5] == LayerSpec{LayerKind::Flatten, 0, 0, 0, 0, 0, 0, 18});
  CHECK(layers[6] == LayerSpec{LayerKind::Dropout, 0, 0, 0, 0, 0, 0.30000000000000004, 19});
  CHECK(layers[7] == LayerSpec{LayerKind::Dense, 3, 0, 0, 0, 0, 0, 20});
}

TEST_CASE("layers may be sections of their own", "[core][job]") {
  const auto job = parse_job(
      "name = \"x\"\n"
      "[data]\nclasses = 2\n"
      "[model]\ninput = [4]\n"
      "[[model.layers]]\ntype = \"relu\"\n"
      "[[model.layers]]\ntype = \"dense\"\nunits = 2\n",
      "x.toml");
  REQUIRE(job);
  REQUIRE(job->model.layers.size() == 2);
  CHECK(job->model.layers[0].kind == LayerKind::Relu);
  CHECK(job->model.layers[0].line == 6);
  CHECK(job->model.layers[1].units == 2);
  CHECK(job->model.layers[1].line == 8);
}

TEST_CASE("an unknown key of a layer names the nearest of that layer's type", "[core][job]") {
  CHECK(message_of("{ type = \"dense\", units = 2 },\n"
                   "{ type = \"conv2d\", channels = 4, kernal = 5, kernel = 5 },") ==
        "x.toml:6: model.layers[1].kernal: unknown key of conv2d; did you mean kernel?");
  CHECK(message_of("{ type = \"dense\", units = 2, padding = 1 },") ==
        "x.toml:5: model.layers[0].padding: unknown key of dense; it has units");
  CHECK(message_of("{ type = \"dense\", units = 2 },\n{ type = \"relu\", units = 2 },") ==
        "x.toml:6: model.layers[1].units: unknown key of relu; it has none but type");
}

TEST_CASE("a layer says what it lacks and what is out of bounds", "[core][job]") {
  CHECK(message_of("{ type = \"dense\" },") ==
        "x.toml:5: model.layers[0].units: is missing in dense; allowed: 1 to 1048576 units");
  CHECK(message_of("{ type = \"dense\", units = 0 },") ==
        "x.toml:5: model.layers[0].units: is 0; allowed: 1 to 1048576 units");
  CHECK(message_of("{ type = \"dense\", units = \"2\" },") ==
        "x.toml:5: model.layers[0].units: is a string; expected an integer");
  CHECK(message_of("{ type = \"conv2d\", channels = 1, kernel = 1, stride = 0 },") ==
        "x.toml:5: model.layers[0].stride: is 0; allowed: 1 to 1024 values");
  CHECK(message_of("{ type = \"dense\", units = 2 },\n{ type = \"dropout\", rate = 1.0 },") ==
        "x.toml:6: model.layers[1].rate: is 1; allowed: 0 to below 1");
  CHECK(message_of("{ type = \"dense\", units = 2 },\n{ type = \"dropout\" },") ==
        "x.toml:6: model.layers[1].rate: is missing in dropout; allowed: 0 to below 1");
}

TEST_CASE("an unknown or missing type of a layer names the types there are", "[core][job]") {
  const std::string types =
      "allowed: dense, conv2d, max_pool, average_pool, relu, tanh, sigmoid, flatten, dropout";
  CHECK(message_of("{ type = \"dens\", units = 2 },") ==
        "x.toml:5: model.layers[0].type: is 'dens'; " + types + "; did you mean dense?");
  CHECK(message_of("{ units = 2 },") == "x.toml:5: model.layers[0].type: is missing; " + types);
  CHECK(message_of("\"relu\",") ==
        "x.toml:5: model.layers[0]: is a string; expected a layer such as { type = \"dense\", "
        "units = 10 }");
}

TEST_CASE("layers are a list with something to train", "[core][job]") {
  CHECK(message_of("") == "x.toml:4: model.layers: has 0 layers; allowed: 1 to 1000 layers");
  CHECK(message_of("{ type = \"relu\" },") ==
        "x.toml:4: model.layers: has no dense or conv2d layer: there is nothing to train");
  const auto job = parse_job(
      "name = \"x\"\ndata.classes = 2\nmodel.input = [4]\nmodel.layers = \"dense\"\n", "x.toml");
  REQUIRE_FALSE(job);
  CHECK(job.error().message == "x.toml:4: model.layers: is a string; expected a list of layers");
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "{ type = \"dense\", units = 2 },\n";
  CHECK(message_of(many) == "x.toml:4: model.layers: has 1001 layers; allowed: 1 to 1000 layers");
}

}  // namespace signet

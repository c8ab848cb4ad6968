#include <cmath>

#include "agent/bench/figures.hpp"
#include "agent/bench/measurements.hpp"
#include "agent/bench/models.hpp"
#include "core/job/job.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace bench_test {

/// The lines of layers say where they stand in a file, and nothing about the model.
ModelSpec without_lines(ModelSpec model) {
  for (LayerSpec& layer : model.layers) layer.line = 0;
  return model;
}

ModelSpec shipped(const std::string& file) {
  const auto job = parse_job(test::read_source(file), file);
  REQUIRE(job);
  return without_lines(job->model);
}

TEST_CASE("the models that a bench times are those of the jobs that ship", "[agent][bench]") {
  CHECK(fashion_mlp() == shipped("jobs/fashion-mlp.toml"));
  CHECK(fashion_cnn() == shipped("jobs/fashion-cnn.toml"));
}

TEST_CASE("a median is the middle one, or between the middle two", "[agent][bench]") {
  CHECK(median_of({3}) == 3);
  CHECK(median_of({9, 1, 5}) == 5);
  CHECK(median_of({4, 1, 9, 2}) == 3);
}

TEST_CASE("times have two digits at least, and the unit that people use", "[agent][bench]") {
  CHECK(time_text(0.0000021) == "2.1 us");
  CHECK(time_text(0.0000521) == "52 us");
  CHECK(time_text(0.00052) == "0.52 ms");
  CHECK(time_text(0.0052) == "5.2 ms");
  CHECK(time_text(0.0521) == "52 ms");
  CHECK(time_text(1.44) == "1.4 s");
  CHECK(time_text(14.4) == "14 s");
}

TEST_CASE("a bench's tables have a row for each size and each model", "[agent][bench]") {
  BoardFigures figures{"Board", "Cortex-A72", "neon", "0.1.0", 4, {}, {}};
  figures.kernels_figures = {{"pack", 1000, 1e-3, 9},
                             {"step", 1000, 2e-3, 9},
                             {"pack", 2'000'000, 1, 9},
                             {"step", 2'000'000, 2, 9}};
  figures.gradient_figures = {{"mlp", 500, 0.5, 3}};
  CHECK(to_markdown(figures) ==
        "Board: Cortex-A72, 4 cores, kernels neon, Signet 0.1.0; one thread, medians\n\n"
        "| parameters | pack | step |\n|--|--|--|\n"
        "| 1,000 | 1.0 ms | 2.0 ms |\n| 2,000,000 | 1.0 s | 2.0 s |\n\n"
        "| model | parameters | gradient of 64 samples |\n|--|--|--|\n| mlp | 500 | 500 ms |\n");
  CHECK(to_json(figures).find("{\"what\": \"mlp\", \"dimension\": 500, \"seconds\": 0.5, "
                              "\"runs\": 3}]}") != std::string::npos);
}

TEST_CASE("what a bench measures takes time, each of it for its own size", "[agent][bench]") {
  const auto figures = measure_kernels(1001, Duration::zero());
  CHECK(figures.size() == kKernelMeasurements);
  for (const Figure& figure : figures) {
    INFO(figure.what);
    CHECK(figure.dimension == 1001);
    CHECK(figure.runs >= 3);
    CHECK(figure.seconds > 0);
  }
  const auto gradient = measure_gradient("mlp", fashion_mlp(), Duration::zero());
  REQUIRE(gradient);
  CHECK(gradient->dimension == 235'146);
  CHECK(gradient->seconds > 0);
  CHECK_FALSE(measure_gradient("none", ModelSpec{}, Duration::zero()));
}

}  // namespace bench_test
}  // namespace signet

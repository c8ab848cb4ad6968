// signet-figure-1: the data of the paper's figure 1 as JSON on standard output.
#include <chrono>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "fleet/paper/figure_1.hpp"

namespace {

using Json = nlohmann::ordered_json;
using signet::paper::Curve;
using signet::paper::Figure1;

Json settings_of(const Figure1& figure, double seconds) {
  return {{"version", SIGNET_VERSION},
          {"seed", figure.seed},
          {"dimensions", figure.dimensions},
          {"samples", figure.samples},
          {"trials", figure.trials},
          {"iterations", figure.iterations},
          {"fixed_rate", figure.fixed_rate},
          {"noise_deviation", figure.noise},
          {"smoothness", "dimension"},
          {"start", "N(0, 1) in each coordinate"},
          {"seconds", seconds}};
}

Json to_json(const Figure1& figure, const std::vector<Curve>& curves, double seconds) {
  Json json, errors, medians, ends, drawn;
  for (const Curve& curve : curves) {
    const std::string name = curve.method + "_d" + std::to_string(curve.dimension);
    json[name] = curve.final_mean;
    errors[name] = curve.final_error;
    medians[name] = curve.final_median;
    ends[name] = curve.end_mean;
    drawn.push_back({{"method", curve.method},
                     {"dimension", curve.dimension},
                     {"iteration", curve.at},
                     {"mean", curve.mean},
                     {"lowest", curve.lowest},
                     {"highest", curve.highest}});
  }
  json["standard_error"] = std::move(errors);
  json["median"] = std::move(medians);
  json["after_last_iteration"] = std::move(ends);
  json["settings"] = settings_of(figure, seconds);
  json["curves"] = std::move(drawn);
  return json;
}

void show_progress(std::size_t ended, std::size_t all) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r\033[Kfigure 1: %zu of %zu runs%s", ended, all, ended == all ? "\n" : "");
}

}  // namespace

int main(int argc, char** argv) {
  Figure1 figure;
  std::size_t threads = 2;
  CLI::App app("Writes the data of figure 1 of the MH-signSGD paper as JSON.");
  app.add_option("--seed", figure.seed, "Of starting points and noise")->capture_default_str();
  app.add_option("--iterations", figure.iterations)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--trials", figure.trials)->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--dimensions", figure.dimensions)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--threads", threads)->check(CLI::Range(1, 1024))->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const auto began = std::chrono::steady_clock::now();
  const auto curves = signet::paper::draw_figure_1(figure, threads, show_progress);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const std::string text = to_json(figure, curves, took.count()).dump(1) + "\n";
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

#include "agent/bench/bench.hpp"

#include <chrono>
#include <utility>

#include "agent/bench/measurements.hpp"
#include "agent/bench/models.hpp"
#include "core/kernels/kernels.hpp"
#include "core/platform/board.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kBytesPerCoordinate = 14;  // of measure_kernels()

std::vector<std::size_t> dimensions_to_measure() {
  std::vector<std::size_t> dimensions{100'000, 1'000'000};
  constexpr std::size_t kLarge = 10'000'000;
  const auto available = memory_available();
  if (available && *available / 4 > kLarge * kBytesPerCoordinate) dimensions.push_back(kLarge);
  return dimensions;
}

Duration part_of(double seconds, double share) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds * share));
}

/// Half of the time is the gradients'.
Result<BoardFigures> measure(double seconds) {
  BoardFigures figures{board_name(),
                       processor_name(),
                       std::string(best_kernels().name),
                       SIGNET_VERSION,
                       processors_count(),
                       {},
                       {}};
  const auto dimensions = dimensions_to_measure();
  const double each = 0.5 / static_cast<double>(dimensions.size() * kKernelMeasurements);
  for (const std::size_t dimension : dimensions)
    for (Figure& figure : measure_kernels(dimension, part_of(seconds, each)))
      figures.kernels_figures.push_back(std::move(figure));
  for (const auto& [name, model] :
       {std::pair("fashion-mlp", fashion_mlp()), std::pair("fashion-cnn", fashion_cnn())}) {
    auto figure = measure_gradient(name, model, part_of(seconds, 0.25));
    if (!figure) return figure.error();
    figures.gradient_figures.push_back(std::move(*figure));
  }
  return figures;
}

ExitCode bench_failed(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

}  // namespace

ExitCode run_bench(const BenchOptions& options) {
  if (options.json_file)
    if (auto writable = check_writable(*options.json_file); !writable)
      return bench_failed(ExitCode::Configuration, writable.error());
  log_info("measuring for about {:.0f} s; other programs, a running agent too, spoil it",
           options.seconds);
  const auto figures = measure(options.seconds);
  if (!figures) return bench_failed(ExitCode::Other, figures.error());
  const ExitCode shown = print_out(to_markdown(*figures)) ? ExitCode::Done : ExitCode::Other;
  if (!options.json_file) return shown;
  const std::string json = to_json(*figures);
  if (auto saved = write_file_atomically(*options.json_file, view_bytes(json)); !saved)
    return bench_failed(ExitCode::Configuration, saved.error());
  return shown;
}

}  // namespace signet

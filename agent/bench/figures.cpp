#include "agent/bench/figures.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "core/base/check.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace figures_detail {

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

/// One row for each run of figures of the same dimension, under a column for each of the first's.
std::string kernel_table(const std::vector<Figure>& figures) {
  std::string head = "| parameters |", line = "|--|", rows;
  for (const Figure& figure : figures)
    if (figure.dimension == figures.front().dimension) {
      head += " " + figure.what + " |";
      line += "--|";
    }
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const bool first = i == 0 || figures[i].dimension != figures[i - 1].dimension;
    if (first) rows += (i == 0 ? "| " : "\n| ") + with_commas(figures[i].dimension) + " |";
    rows += " " + time_text(figures[i].seconds) + " |";
  }
  return head + "\n" + line + "\n" + rows + "\n";
}

std::string gradient_table(const std::vector<Figure>& figures) {
  std::string table = "| model | parameters | gradient of 64 samples |\n|--|--|--|\n";
  for (const Figure& figure : figures)
    table += "| " + figure.what + " | " + with_commas(figure.dimension) + " | " +
             time_text(figure.seconds) + " |\n";
  return table;
}

std::string rows_json(const std::vector<Figure>& figures) {
  std::string text;
  for (const Figure& figure : figures)
    text += (text.empty() ? "\n" : ",\n") + std::string("  {\"what\": ") +
            config::toml_text(figure.what) +
            ", \"dimension\": " + std::to_string(figure.dimension) +
            ", \"seconds\": " + config::toml_number(figure.seconds) +
            ", \"runs\": " + std::to_string(figure.runs) + "}";
  return text;
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : text;
}

}  // namespace figures_detail

double median_of(std::vector<double> values) {
  SIGNET_CHECK(!values.empty(), "a median of nothing");
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string time_text(double seconds) {
  double size = seconds;
  const char* unit = "s";
  if (seconds < 99.5e-6) {
    size *= 1e6;
    unit = "us";
  } else if (seconds < 0.9995) {
    size *= 1e3;
    unit = "ms";
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s",
                size >= 9.95    ? 0
                : size >= 0.995 ? 1
                                : 2,
                size, unit);
  return text.data();
}

std::string to_markdown(const BoardFigures& figures) {
  using figures_detail::or_unknown;
  return or_unknown(figures.board) + ": " + or_unknown(figures.processor) + ", " +
         std::to_string(figures.cores) + " cores, kernels " + figures.kernels + ", Signet " +
         figures.version + "; one thread, medians\n\n" +
         figures_detail::kernel_table(figures.kernels_figures) + "\n" +
         figures_detail::gradient_table(figures.gradient_figures);
}

std::string to_json(const BoardFigures& figures) {
  return "{\"board\": " + config::toml_text(figures.board) +
         ", \"processor\": " + config::toml_text(figures.processor) +
         ", \"cores\": " + std::to_string(figures.cores) +
         ", \"kernels\": " + config::toml_text(figures.kernels) +
         ", \"version\": " + config::toml_text(figures.version) + ",\n\"kernel_times\": [" +
         figures_detail::rows_json(figures.kernels_figures) + "],\n\"gradient_times\": [" +
         figures_detail::rows_json(figures.gradient_figures) + "]}\n";
}

}  // namespace signet

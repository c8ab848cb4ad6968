#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace signet {

/// Median time of something that was done again and again.
struct Figure {
  std::string what;           ///< heading of its column, or the model's name
  std::size_t dimension = 0;  ///< parameters
  double seconds = 0;         ///< of one time
  std::size_t runs = 0;       ///< that the median is of
};

/// What a board did, and which board it was. "" where the system does not tell.
struct BoardFigures {
  std::string board, processor, kernels, version;
  unsigned cores = 1;
  std::vector<Figure> kernels_figures;   ///< by dimension, each with the same columns
  std::vector<Figure> gradient_figures;  ///< of 64 samples
};

/// The middle one, or the mean of the middle two. `values` has at least one.
double median_of(std::vector<double> values);

/// "52 us", "0.52 ms", "12 ms", "1.4 s": two digits at least.
std::string time_text(double seconds);

/// A line about the board and two tables in Markdown.
std::string to_markdown(const BoardFigures& figures);
/// The same as one JSON object; times in seconds.
std::string to_json(const BoardFigures& figures);

}  // namespace signet

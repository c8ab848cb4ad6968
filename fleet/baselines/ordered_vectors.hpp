#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "fleet/pool.hpp"

namespace signet {

/// Vectors that are made in parallel and taken one after the other, so that a float sum over them
/// has the same bits for any number of threads. Memory: 4 d floats for each thread.
class OrderedVectors {
 public:
  /// Fills `vector` ([dimension]) for `item`.
  using Make = std::function<void(std::size_t item, std::size_t worker, std::span<float> vector)>;
  /// Takes coordinates [first, first + part.size()) of the vector of `item`. Of one coordinate
  /// calls come in the order of the items; of different ones several at a time.
  using Take =
      std::function<void(std::size_t item, std::size_t first, std::span<const float> part)>;

  /// `pool` must outlive this.
  OrderedVectors(Pool& pool, std::size_t dimension);

  void run(std::size_t items, const Make& make, const Take& take);

 private:
  Pool& pool_;
  std::size_t dimension_;
  std::vector<std::vector<float>> slots_;
};

}  // namespace signet

#pragma once

#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/batch.hpp"
#include "core/model/network.hpp"
#include "core/optim/sign_statistics.hpp"

namespace signet {

/// What a gradient needs while it is computed, and nobody afterwards: the network with its scratch,
/// the batch, and the micro-batches' gradient and statistics. A board has one; the learners of a
/// simulated fleet share one for each thread.
///
/// Memory: 2 d floats + d bytes + the batch + the network's scratch (see network.hpp); d floats
/// more where votes are not plain signs of gradients or momenta.
struct Workspace {
  /// Fails as Network::create does.
  static Result<Workspace> create(const ModelSpec& spec) {
    auto made = Network::create(spec);
    if (!made) return made.error();
    return Workspace(std::move(*made));
  }

  Network network;
  SignStatistics statistics;
  Batch batch;
  std::vector<float> gradient;  ///< of one micro-batch, [dimension]
  std::vector<float> change;    ///< what is voted on, where it needs a place; empty before

 private:
  explicit Workspace(Network made)
      : network(std::move(made)), statistics(network.dimension()), gradient(network.dimension()) {}
};

}  // namespace signet

#pragma once

#include <span>

#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/model/network.hpp"

namespace signet {

/// Judges parameters on the test data, in batches. Single-threaded, kept between evaluations.
class Evaluator {
 public:
  /// Fails as Network::create does.
  static Result<Evaluator> create(const ModelSpec& spec, Dataset test);

  Judgement judge(std::span<const float> parameters, const Normalisation& normalisation);

 private:
  Evaluator(Network network, Dataset test) : network_(std::move(network)), test_(std::move(test)) {}

  Network network_;
  Dataset test_;
  Batch batch_;
};

}  // namespace signet

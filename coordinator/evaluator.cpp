#include "coordinator/evaluator.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace signet {

Result<Evaluator> Evaluator::create(const ModelSpec& spec, Dataset test) {
  auto network = Network::create(spec);
  if (!network) return network.error();
  return Evaluator(std::move(*network), std::move(test));
}

Judgement Evaluator::judge(std::span<const float> parameters, const Normalisation& normalisation) {
  constexpr std::size_t kBatch = 200;
  Judgement sum;
  std::vector<std::size_t> indices;
  for (std::size_t from = 0; from < test_.size(); from += kBatch) {
    indices.resize(std::min(kBatch, test_.size() - from));
    std::iota(indices.begin(), indices.end(), from);
    test_.gather(indices, normalisation, batch_);
    const Judgement part = network_.judge(parameters, batch_.view());
    sum.samples += part.samples;
    sum.correct += part.correct;
    sum.loss_sum += part.loss_sum;
  }
  return sum;
}

}  // namespace signet

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/batch.hpp"
#include "core/model/spec.hpp"

namespace signet {

class Layer;

/// Sum of losses and hits over some samples.
struct Judgement {
  std::size_t samples = 0;
  /// Samples whose largest output is their label (the first of equals counts, NaN never does);
  /// 0 unless the loss is softmax cross-entropy, the only one whose outputs stand for labels.
  std::size_t correct = 0;
  double loss_sum = 0;  ///< same unit as the training loss, summed over samples

  double loss() const { return samples == 0 ? 0 : loss_sum / static_cast<double>(samples); }
  double accuracy() const {
    return samples == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(samples);
  }
};

/// A named, contiguous part of the flat parameter vector (one weight matrix or bias).
struct ParameterBlock {
  std::string name;                ///< "0.conv2d.weight": index of the layer, kind, role
  std::vector<std::size_t> shape;  ///< dense weight [units, inputs]; conv [channels, in, k, k]
  std::size_t offset = 0, size = 0;
};

/// A feed-forward network over one flat float32 parameter vector.
///
/// Shapes: a sample is input()[0] * input()[1] * ... floats, channels first. Parameters of the
///         layers follow each other, weights (row by row) before biases; see blocks().
/// Units:  loss is averaged over the batch, so batches of any size compare.
/// Paper:  supplies the stochastic gradient g~_{k,j} of Algorithm 1, line 3.
/// Memory: scratch grows with the first batches to at most about 8 MiB (more only if one sample
///         needs more) and is then kept; larger batches pass through in parts.
/// Errors: a batch, parameter or gradient span of the wrong size, or a label that is no class, is a
///         programmer's error and aborts. NaN and Inf in data or parameters reach the loss.
/// Equal:  the same call gives the same bits again on the same machine; other machines and
///         instruction sets may differ in the last ones.
/// Threads: one object per thread; parameters are passed in and may be shared for reading.
class Network {
 public:
  /// Fails with Mismatch when the shapes do not fit: names the layer (index from 0 and kind), the
  /// shape it gets, what it needs and its line in the job file: "job line 14: layer 3 (conv2d):
  /// kernel 5 does not fit its input 64x4x4 ...". No size or sum of sizes may exceed 2^28.
  static Result<Network> create(const ModelSpec& spec);

  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  std::size_t dimension() const { return dimension_; }
  std::size_t outputs_count() const;
  const std::vector<ParameterBlock>& blocks() const { return blocks_; }

  /// Starting point x_0: uniform in +-sqrt(6 / inputs) before a ReLU, +-sqrt(3 / inputs) elsewhere
  /// (He and LeCun), biases 0. "Before a ReLU": no other activation and no other layer with
  /// parameters lies between. A pure function of the seed: block b of blocks() takes its numbers
  /// from Rng(mix(seed, b)), one for each parameter in order, (2 u - 1) * bound; only integer and
  /// correctly rounded float arithmetic, so that every machine starts from the same bits.
  std::vector<float> initial_parameters(std::uint64_t seed) const;

  /// Returns the mean loss of `batch` and overwrites `gradient` ([dimension()]) with its gradient.
  /// `noise_seed` drives dropout: equal seeds drop equal units at equal positions of the batch, so
  /// the micro-batches of a round each want a seed of their own.
  double loss_and_gradient(std::span<const float> parameters, const BatchView& batch,
                           std::uint64_t noise_seed, std::span<float> gradient);

  /// Judges `batch` without dropout.
  Judgement judge(std::span<const float> parameters, const BatchView& batch);

 private:
  Network();
  /// Takes the next layer, whose specification is specs[index].
  Status append(std::unique_ptr<Layer> layer, const std::vector<LayerSpec>& specs,
                std::size_t index);

  class Body;
  std::unique_ptr<Body> body_;
  std::vector<ParameterBlock> blocks_;
  std::size_t dimension_ = 0;
};

}  // namespace signet

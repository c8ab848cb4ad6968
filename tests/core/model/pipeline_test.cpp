#include "core/model/pipeline.hpp"

#include "tests/core/model/model_samples.hpp"

namespace signet::test {
namespace {

/// What the pipeline asked of a layer, and where its values lay.
struct Visit {
  bool was_visited = false, wanted_input_gradient = false;
  const float* input = nullptr;
  const float* output = nullptr;
};

/// Copies its input; only watches.
class ProbeLayer final : public Layer {
 public:
  ProbeLayer(std::size_t size, bool is_elementwise, bool needs_output, Visit& visit)
      : Layer({size}),
        is_elementwise_(is_elementwise),
        needs_output_(needs_output),
        visit_(visit) {}

  bool is_elementwise() const override { return is_elementwise_; }
  bool needs_output() const override { return needs_output_; }
  void forward(const Pass&, std::span<const float>, std::span<const float> input,
               std::span<float> output) override {
    visit_.input = input.data();
    visit_.output = output.data();
    std::copy_n(input.data(), input.size(), output.data());
  }
  void backward(const Pass&, const BackwardPass& flow) override {
    visit_.was_visited = true;
    visit_.wanted_input_gradient = !flow.input_gradient.empty();
    for (float& value : flow.parameters_gradient) value += 1;
  }

 private:
  bool is_elementwise_, needs_output_;
  Visit& visit_;
};

TEST_CASE("layers before the first parameters are not visited backwards", "[core][model]") {
  // No parameters, then 2, none, 3: the gradient goes back to the second layer and no further.
  std::vector<Visit> visits(4);
  const std::vector<std::size_t> parameters = {0, 2, 0, 3};
  Pipeline pipeline(4);
  for (std::size_t i = 0; i < 4; ++i) {
    pipeline.add(std::make_unique<ProbeLayer>(4, false, false, visits[i]), parameters[i]);
  }
  const std::vector<float> values(5), features(8);
  std::vector<float> gradient(5);
  Pass pass;
  pass.samples = 2;
  pipeline.forward(pass, values, features);
  pipeline.output_gradient(2);
  pipeline.backward(pass, values, features, gradient);
  CHECK_FALSE(visits[0].was_visited);
  CHECK(visits[1].was_visited);
  CHECK_FALSE(visits[1].wanted_input_gradient);
  CHECK(visits[2].wanted_input_gradient);
  CHECK(visits[3].wanted_input_gradient);
  CHECK(gradient == std::vector<float>(5, 1.0F));
}

TEST_CASE("an elementwise layer writes over its input unless that is still needed",
          "[core][model]") {
  // Elementwise on the batch itself, on a value that backward() reads, and on one that it does not.
  std::vector<Visit> visits(4);
  Pipeline pipeline(3);
  pipeline.add(std::make_unique<ProbeLayer>(3, true, true, visits[0]), 0);
  pipeline.add(std::make_unique<ProbeLayer>(3, true, false, visits[1]), 0);
  pipeline.add(std::make_unique<ProbeLayer>(3, true, true, visits[2]), 0);
  pipeline.add(std::make_unique<ProbeLayer>(3, false, false, visits[3]), 0);
  const std::vector<float> features = {1, 2, 3};
  Pass pass;
  pass.samples = 1;
  const auto outputs = pipeline.forward(pass, {}, features);
  CHECK(std::equal(outputs.begin(), outputs.end(), features.begin()));
  CHECK(visits[0].output != features.data());
  CHECK(visits[1].output != visits[1].input);
  CHECK(visits[2].output == visits[2].input);
  CHECK(visits[3].output != visits[3].input);
  CHECK(pipeline.floats_per_sample() == 3 * 3 + 2 * 3);
}

}  // namespace
}  // namespace signet::test

#include "coordinator/evaluator.hpp"

#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

TEST_CASE("the Evaluator judges every test sample once, whatever the batch", "[coordinator]") {
  const Job job = test::small_job();
  // More than two batches and a rest.
  const Dataset data = test::make_blobs(457, test::kSmallFeatures, test::kSmallClasses, 3);
  auto network = Network::create(job.model);
  REQUIRE(network);
  const auto x = network->initial_parameters(4);
  const auto normalisation = normalisation_from(data.summarise(test::kSmallFeatures));

  std::vector<std::size_t> all(data.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Batch batch;
  data.gather(all, normalisation, batch);
  const Judgement whole = network->judge(x, batch.view());

  auto evaluator = Evaluator::create(job.model, data);
  REQUIRE(evaluator);
  const Judgement parts = evaluator->judge(x, normalisation);
  CHECK(parts.samples == 457);
  CHECK(parts.correct == whole.correct);
  CHECK(parts.loss() == Approx(whole.loss()));
}

}  // namespace signet

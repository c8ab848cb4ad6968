#include <fstream>
#include <iterator>

#include "core/data/source.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

const std::string kFashionFolder = "/usr/share/datasets/fashion-mnist";  // dataset-fashion-mnist

Result<Bytes> read_from_disk(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::Missing, path + ": no such file"};
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  return to_bytes(view_bytes(std::string_view(content)));
}

}  // namespace

TEST_CASE("Fashion-MNIST loads whole, and its shards pool to the whole", "[core][data][real]") {
  if (!std::ifstream(kFashionFolder + "/train-labels-idx1-ubyte.gz"))
    SKIP("Debian's dataset-fashion-mnist is not installed");
  DataSpec spec;
  spec.classes = 10;
  spec.input = {1, 28, 28};
  const auto train = load_dataset(spec, kFashionFolder, Part::Train, read_from_disk);
  const auto test = load_dataset(spec, kFashionFolder, Part::Test, read_from_disk);
  REQUIRE(train);
  REQUIRE(test);
  CHECK(train->size() == 60000);
  CHECK(test->size() == 10000);
  CHECK(train->sample_shape() == std::vector<std::size_t>{28, 28});
  std::vector<std::size_t> counts(10);
  for (const std::int32_t label : train->labels()) ++counts[static_cast<std::size_t>(label)];
  CHECK(counts == std::vector<std::size_t>(10, 6000));

  for (const std::size_t entries : {1U, 784U}) {
    const DataSummary whole = train->summarise(entries);
    std::vector<DataSummary> parts;
    for (std::size_t s = 0; s < 4; ++s) parts.push_back(train->shard(s, 4).summarise(entries));
    const auto pooled = pool(parts);
    REQUIRE(pooled);
    CHECK(pooled->samples == 60000);
    for (std::size_t e = 0; e < entries; ++e) {
      CHECK(pooled->mean[e] == Approx(whole.mean[e]).epsilon(1e-12));
      CHECK(pooled->variance[e] == Approx(whole.variance[e]).epsilon(1e-10));
    }
  }
  // Known of this set: mean 0.2860 and deviation 0.3530 of pixels scaled to 0 to 1.
  const Normalisation all = normalisation_from(train->summarise(1));
  CHECK(all.mean[0] / 255 == Approx(0.2860F).margin(1e-4));
  CHECK(all.deviation[0] / 255 == Approx(0.3530F).margin(1e-4));
}

}  // namespace signet

#include "core/data/source.hpp"

#include <limits>
#include <set>

#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

namespace signet {
namespace {

using test::check_fails;
using test::Folder;
using test::gzip_bytes;
using test::npy_of;
using test::text_bytes;
using Shape = std::vector<std::size_t>;

const std::string kImages = "train-images-idx3-ubyte", kLabels = "train-labels-idx1-ubyte";

DataSpec spec_of(DataFormat format, std::size_t classes, Shape input = {}) {
  DataSpec spec;
  spec.format = format;
  spec.classes = classes;
  spec.input = std::move(input);
  if (format == DataFormat::Csv && classes > 0) spec.label_column = "y";
  return spec;
}

Result<Dataset> load(const DataSpec& spec, const Folder& folder, Part part = Part::Train) {
  return load_dataset(spec, "dir", part, test::read_from(folder, "dir"));
}

Folder idx_folder(Shape shape, std::vector<std::uint8_t> labels) {
  std::size_t count = 1;
  for (const std::size_t n : shape) count *= n;
  return {{kImages, test::make_idx(shape, std::vector<std::uint8_t>(count, 9))},
          {kLabels, test::make_idx_labels(labels)}};
}

}  // namespace

TEST_CASE("load_dataset reads both parts of an IDX set, plain and compressed",
          "[core][data][source]") {
  const Folder plain = test::make_idx_set(40, 20, 4, 3, 1);
  Folder packed;
  for (const auto& [name, bytes] : plain) packed[name + ".gz"] = gzip_bytes(bytes);
  const DataSpec spec = spec_of(DataFormat::Idx, 3, {1, 4, 4});
  for (const Folder& folder : {plain, packed}) {
    const auto train = load(spec, folder), test = load(spec, folder, Part::Test);
    REQUIRE(train);
    REQUIRE(test);
    CHECK(train->size() == 40);
    CHECK(test->size() == 20);
    CHECK(train->sample_shape() == Shape{4, 4});
    CHECK(train->labels().size() == 40);
    CHECK(train->summarise(1).mean[0] > 60);  // raw bytes
  }
}

TEST_CASE("load_dataset joins a folder's path with or without a slash at its end",
          "[core][data][source]") {
  const auto read = test::read_from(test::make_idx_set(4, 2, 2, 2, 1), "dir");
  CHECK(load_dataset(spec_of(DataFormat::Idx, 2), "dir/", Part::Train, read));
}

TEST_CASE("load_dataset takes the plain file where both are there", "[core][data][source]") {
  Folder folder = idx_folder({1, 2, 2}, {0});
  folder[kImages + ".gz"] = text_bytes("not gzip");
  CHECK(load(spec_of(DataFormat::Idx, 2), folder));
}

TEST_CASE("A sample fits the model's input flat, or with other dimensions of 1",
          "[core][data][source]") {
  const Shape input = {1, 28, 28};
  for (const Shape& shape : {Shape{2, 28, 28}, Shape{2, 784}, Shape{2, 1, 28, 28},
                             Shape{2, 28, 28, 1}, Shape{2, 1, 784}}) {
    INFO(shape.size());
    CHECK(load(spec_of(DataFormat::Idx, 2, input), idx_folder(shape, {0, 1})));
  }
  CHECK(load(spec_of(DataFormat::Idx, 2, {784}), idx_folder({2, 28, 28}, {0, 1})));
  CHECK(load(spec_of(DataFormat::Idx, 2, {1}), idx_folder({2}, {0, 1})));
}

TEST_CASE("A sample that does not fit the model's input is named with it", "[core][data][source]") {
  check_fails(load(spec_of(DataFormat::Idx, 2, {1, 32, 32}), idx_folder({1, 28, 28}, {0})),
              ErrorKind::Mismatch, {"dir/" + kImages, "28x28", "1x32x32", "correct the job"});
  check_fails(load(spec_of(DataFormat::Idx, 2, {3, 8, 8}), idx_folder({1, 8, 8, 3}, {0})),
              ErrorKind::Mismatch, {"8x8x3", "3x8x8", "channels first"});
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  check_fails(load(spec_of(DataFormat::Idx, 2, {huge, huge}), idx_folder({1, 1}, {0})),
              ErrorKind::Mismatch, {"1"});
}

TEST_CASE("A label outside the classes is named with its index and the range",
          "[core][data][source]") {
  check_fails(load(spec_of(DataFormat::Idx, 10), idx_folder({3, 2, 2}, {9, 10, 11})),
              ErrorKind::Mismatch, {"dir/" + kLabels, "label 1 is 10", "0 to 9"});
  const Folder npy = {{"train-features.npy", npy_of<float>("<f4", "(2, 1)", {1, 2})},
                      {"train-labels.npy", npy_of<std::int64_t>("<i8", "(2,)", {0, -7})}};
  check_fails(load(spec_of(DataFormat::Npy, 2), npy), ErrorKind::Mismatch,
              {"dir/train-labels.npy", "label 1 is -7", "0 to 1"});
}

TEST_CASE("Unequal numbers of labels and samples are both named", "[core][data][source]") {
  check_fails(load(spec_of(DataFormat::Idx, 10), idx_folder({3, 2, 2}, {1, 2})),
              ErrorKind::Mismatch,
              {"dir/" + kLabels + " has 2 labels", "dir/" + kImages + " has 3 samples"});
}

TEST_CASE("Data without samples or features are refused", "[core][data][source]") {
  check_fails(load(spec_of(DataFormat::Idx, 10), idx_folder({0, 28, 28}, {})), ErrorKind::Mismatch,
              {"dir/" + kImages, "0 samples"});
  check_fails(load(spec_of(DataFormat::Idx, 10), idx_folder({5, 0, 28}, {1, 1, 1, 1, 1})),
              ErrorKind::Mismatch, {"0x28", "no features"});
  check_fails(load(spec_of(DataFormat::Idx, 10), {{kImages, {}}}), ErrorKind::Malformed,
              {"dir/" + kImages, "0 bytes"});
  check_fails(load(spec_of(DataFormat::Npy, 0),
                   {{"train-features.npy", npy_of<float>("<f4", "(0, 3)", {})}}),
              ErrorKind::Mismatch, {"0 samples"});
}

TEST_CASE("A missing file is named with every path that was tried", "[core][data][source]") {
  check_fails(load(spec_of(DataFormat::Idx, 10), {}), ErrorKind::Missing,
              {"dir/" + kImages + " or dir/" + kImages + ".gz"});
  Folder no_labels = idx_folder({1, 2, 2}, {0});
  no_labels.erase(kLabels);
  check_fails(load(spec_of(DataFormat::Idx, 10), no_labels), ErrorKind::Missing,
              {"dir/" + kLabels + " or dir/" + kLabels + ".gz"});
  check_fails(load(spec_of(DataFormat::Idx, 10), {}, Part::Test), ErrorKind::Missing,
              {"dir/t10k-images-idx3-ubyte"});
  check_fails(load(spec_of(DataFormat::Csv, 10), {}), ErrorKind::Missing, {"dir/train.csv.gz"});
  check_fails(load(spec_of(DataFormat::Npy, 10), {}, Part::Test), ErrorKind::Missing,
              {"dir/test-features.npy"});
}

TEST_CASE("An error of reading other than a missing file is passed on", "[core][data][source]") {
  const ReadFile denied = [](const std::string& path) {
    return Result<Bytes>(Error{ErrorKind::Denied, path + ": permission denied"});
  };
  check_fails(load_dataset(spec_of(DataFormat::Idx, 10), "dir", Part::Train, denied),
              ErrorKind::Denied, {"dir/" + kImages + ": permission denied"});
}

TEST_CASE("A file whose name and compression differ is refused", "[core][data][source]") {
  check_fails(load(spec_of(DataFormat::Csv, 2), {{"train.csv", gzip_bytes(text_bytes("x,y\n"))}}),
              ErrorKind::Malformed, {"dir/train.csv", "add .gz"});
  check_fails(load(spec_of(DataFormat::Csv, 2), {{"train.csv.gz", text_bytes("x,y\n1,0\n")}}),
              ErrorKind::Malformed, {"dir/train.csv.gz", "take .gz from its name"});
}

TEST_CASE("A truncated compressed file is refused", "[core][data][source]") {
  Bytes packed = gzip_bytes(idx_folder({3, 9, 9}, {0, 1, 1})[kImages]);
  packed.resize(packed.size() - 5);
  check_fails(load(spec_of(DataFormat::Idx, 2), {{kImages + ".gz", packed}}), ErrorKind::Malformed,
              {"dir/" + kImages + ".gz", "truncated"});
}

TEST_CASE("IDX without classes reads no labels", "[core][data][source]") {
  Folder folder = idx_folder({2, 2, 2}, {});
  folder.erase(kLabels);
  const auto data = load(spec_of(DataFormat::Idx, 0), folder);
  REQUIRE(data);
  CHECK(data->labels().empty());
}

TEST_CASE("load_dataset reads a CSV folder, and one file for training", "[core][data][source]") {
  const Bytes train = text_bytes("x,y\n1,0\n2,1\n"), test = text_bytes("x,y\n3,1\n");
  const DataSpec spec = spec_of(DataFormat::Csv, 2);
  const Folder folder = {{"train.csv", train}, {"test.csv.gz", gzip_bytes(test)}};
  REQUIRE(load(spec, folder));
  CHECK(load(spec, folder)->size() == 2);
  CHECK(load(spec, folder, Part::Test)->size() == 1);

  const auto read = test::read_from({{"a.csv", train}, {"b.csv.gz", gzip_bytes(train)}}, "dir");
  CHECK(load_dataset(spec, "dir/a.csv", Part::Train, read));
  CHECK(load_dataset(spec, "dir/b.csv", Part::Train, read));
  CHECK(load_dataset(spec, "dir/b.csv.gz", Part::Train, read));
  const auto both = test::read_from({{"c.csv", test}, {"c.csv.gz", gzip_bytes(train)}}, "dir");
  CHECK(load_dataset(spec, "dir/c.csv", Part::Train, both)->size() == 1);
  CHECK(load_dataset(spec, "dir/c.csv.gz", Part::Train, both)->size() == 2);
  check_fails(load_dataset(spec, "dir/d.csv.gz", Part::Train, both), ErrorKind::Missing,
              {"no file dir/d.csv.gz; put the data there"});
  check_fails(load_dataset(spec, "dir/a.csv", Part::Test, read), ErrorKind::Missing,
              {"dir/a.csv", "train.csv and test.csv"});
}

TEST_CASE("load_dataset reads NPY for all three kinds of learning", "[core][data][source]") {
  Folder folder = {{"train-features.npy", npy_of<unsigned char>("|u1", "(2, 1, 2)", {1, 2, 3, 4})}};
  const auto plain = load(spec_of(DataFormat::Npy, 0, {2}), folder);
  REQUIRE(plain);
  CHECK(plain->sample_shape() == Shape{1, 2});
  CHECK(plain->targets_count() == 0);

  folder["train-labels.npy"] = npy_of<std::int32_t>("<i4", "(2,)", {1, 0});
  const auto labelled = load(spec_of(DataFormat::Npy, 2), folder);
  REQUIRE(labelled);
  CHECK(labelled->labels()[0] == 1);

  folder["train-targets.npy"] = npy_of<double>("<f8", "(2, 2)", {1, 2, 3, 4});
  const auto regression = load(spec_of(DataFormat::Npy, 0), folder);
  REQUIRE(regression);
  CHECK(regression->targets_count() == 2);
  CHECK(regression->labels().empty());
}

TEST_CASE("NPY targets must be there when the job names them, and as many",
          "[core][data][source]") {
  DataSpec spec = spec_of(DataFormat::Npy, 0);
  spec.target_columns = {"power"};
  Folder folder = {{"train-features.npy", npy_of<float>("<f4", "(2,)", {1, 2})}};
  check_fails(load(spec, folder), ErrorKind::Missing, {"dir/train-targets.npy"});
  folder["train-targets.npy"] = npy_of<float>("<f4", "(2, 2)", {1, 2, 3, 4});
  check_fails(load(spec, folder), ErrorKind::Mismatch,
              {"dir/train-targets.npy", "2 targets", "names 1"});
  folder["train-targets.npy"] = npy_of<float>("<f4", "(2, 0)", {});
  check_fails(load(spec_of(DataFormat::Npy, 0), folder), ErrorKind::Mismatch, {"at least 1"});
  folder["train-targets.npy"] = npy_of<float>("<f4", "(3,)", {1, 2, 3});
  check_fails(load(spec, folder), ErrorKind::Mismatch,
              {"train-targets.npy has 3 rows of targets", "train-features.npy has 2 samples"});
  folder["train-targets.npy"] = npy_of<float>("<f4", "()", {1});
  check_fails(load(spec, folder), ErrorKind::Mismatch, {"has 0 rows of targets"});
  folder["train-targets.npy"] = npy_of<float>("<f4", "(2,)", {1, 2});
  CHECK(load(spec, folder));
}

TEST_CASE("Infinite values and missing targets are named, missing features are kept",
          "[core][data][source]") {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Folder folder = {{"train-features.npy", npy_of<float>("<f4", "(2, 2)", {1, nan, 3, 4})}};
  CHECK(load(spec_of(DataFormat::Npy, 0), folder));
  folder["train-targets.npy"] = npy_of<float>("<f4", "(2,)", {1, nan});
  check_fails(load(spec_of(DataFormat::Npy, 0), folder), ErrorKind::Malformed,
              {"dir/train-targets.npy", "sample 1, value 0 is NaN"});
  folder["train-features.npy"] = npy_of<float>("<f4", "(2, 2)", {1, nan, 3, -inf});
  check_fails(load(spec_of(DataFormat::Npy, 0), folder), ErrorKind::Malformed,
              {"dir/train-features.npy", "sample 1, value 1 is infinite"});
}

TEST_CASE("A job whose keys contradict each other is refused", "[core][data][source]") {
  DataSpec both = spec_of(DataFormat::Csv, 2);
  both.target_columns = {"t"};
  check_fails(load(both, {}), ErrorKind::Mismatch, {"both classes and target columns"});
  DataSpec idx = spec_of(DataFormat::Idx, 0);
  idx.target_columns = {"t"};
  check_fails(load(idx, {}), ErrorKind::Mismatch, {"IDX", "CSV or NPY"});
  DataSpec nameless = spec_of(DataFormat::Csv, 2);
  nameless.label_column.clear();
  check_fails(load(nameless, {}), ErrorKind::Mismatch, {"no label column"});
  DataSpec no_classes = spec_of(DataFormat::Csv, 0);
  no_classes.label_column = "y";
  check_fails(load(no_classes, {}), ErrorKind::Mismatch, {"no classes"});
}

}  // namespace signet

// Data sets and models, as they lie in files.
#include "core/base/check.hpp"
#include "core/data/csv.hpp"
#include "core/data/gunzip.hpp"
#include "core/data/idx.hpp"
#include "core/data/npy.hpp"
#include "core/model/safetensors.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/targets.hpp"

namespace signet::test {

namespace {

std::vector<ParameterBlock> fuzzed_blocks() {
  return {{"0.dense.weight", {2, 3}, 0, 6}, {"0.dense.bias", {2}, 6, 2}};
}

/// A file of version 1 with `size` bytes of data.
Bytes npy_of(const std::string& type, const std::string& shape, std::size_t size) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  header += '\n';
  const std::string start("\x93NUMPY\x01\0\x76\0", 10);
  return bytes_of(start + header + std::string(size, '\x3f'));
}

}  // namespace

void fuzz_idx(ByteView input) {
  static_cast<void>(bool{parse_idx(input, "fuzz.idx")});
  static_cast<void>(bool{parse_idx_labels(input, "fuzz.idx")});
}

std::vector<Bytes> idx_seeds() {
  const std::string_view images(
      "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02"
      "abcdefgh",
      24);
  const std::string_view labels("\0\0\x08\x01\0\0\0\x03\x01\x02\x03", 11);
  const std::string_view floats("\0\0\x0d\x01\0\0\0\x01\x3f\x80\0\0", 12);
  return {bytes_of(images), bytes_of(labels), bytes_of(floats)};
}

void fuzz_csv(ByteView input) {
  DataSpec classes;
  classes.format = DataFormat::Csv;
  classes.classes = 3;
  classes.label_column = "class";
  DataSpec targets;
  targets.format = DataFormat::Csv;
  targets.target_columns = {"y"};
  for (const DataSpec& spec : {classes, targets}) {
    const auto data = parse_csv(spec, input, "fuzz.csv");
    if (data) static_cast<void>(data->size());
  }
}

std::vector<Bytes> csv_seeds() {
  return {bytes_of("x,class,y\n1.5,2,-3e2\n+4, 0 ,.5\n"),
          bytes_of("\xef\xbb\xbf"
                   "a;\"b;\"\"c\";class\r\n1;2;0\r\n;NaN;1\r\n"),
          bytes_of("a\tclass\ty\n1\t0\tinf\n")};
}

void fuzz_npy(ByteView input) {
  static_cast<void>(bool{parse_npy(input, "fuzz.npy")});
  static_cast<void>(bool{parse_npy_labels(input, "fuzz.npy")});
  static_cast<void>(bool{parse_npy_targets(input, "fuzz.npy")});
}

std::vector<Bytes> npy_seeds() {
  return {npy_of("<f4", "(3,)", 12), npy_of("<f8", "(1, 2)", 16), npy_of("<i8", "(2,)", 16),
          npy_of("|u1", "(2, 2)", 4), npy_of(">i2", "(2,)", 4)};
}

void fuzz_gunzip(ByteView input) {
  static_cast<void>(bool{gunzip(input, "fuzz.gz", std::size_t{1} << 20)});
}

std::vector<Bytes> gunzip_seeds() {
  // "signs", once and as two members.
  const std::string_view member(
      "\x1f\x8b\x08\0\0\0\0\0\x02\x03\x2b\xce\x4c\xcf\x2b\x06\0\x81\x6e\x94\x41\x05\0\0\0", 25);
  const std::string one(member);
  return {bytes_of(one), bytes_of(one + one)};
}

void fuzz_safetensors(ByteView input) {
  const auto parameters = parameters_from_safetensors(input, fuzzed_blocks());
  if (parameters) SIGNET_CHECK(parameters->size() == 8, "as many as the model has");
}

std::vector<Bytes> safetensors_seeds() {
  const std::vector<float> parameters{1, 2, 3, 4, 5, 6, 7, 8};
  return {to_safetensors(fuzzed_blocks(), parameters, {{"signet", "fuzz"}}),
          to_safetensors(fuzzed_blocks(), parameters, {})};
}

}  // namespace signet::test

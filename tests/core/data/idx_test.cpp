#include "core/data/idx.hpp"

#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

namespace signet {
namespace {

using test::check_fails;
using test::make_idx;

Bytes raw_idx(std::initializer_list<unsigned> values) {
  Bytes bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

}  // namespace

TEST_CASE("parse_idx reads images of bytes", "[core][data][idx]") {
  const std::vector<std::uint8_t> pixels = {1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255};
  const Bytes file = test::make_idx_images(2, 2, 3, pixels);
  CHECK(file.size() == 16 + 12);
  const auto array = parse_idx(file, "images");
  REQUIRE(array);
  CHECK(array->shape == std::vector<std::size_t>{2, 2, 3});
  CHECK(std::get<0>(array->values) == pixels);
}

TEST_CASE("parse_idx reads big-endian floats of any rank", "[core][data][idx]") {
  const auto array = parse_idx(raw_idx({0,    0,    0x0D, 2, 0,    0,    0, 1, 0, 0, 0, 2,  //
                                        0x3f, 0x80, 0,    0, 0xc0, 0x20, 0, 0}),
                               "f");
  REQUIRE(array);
  CHECK(array->shape == std::vector<std::size_t>{1, 2});
  CHECK(std::get<1>(array->values) == std::vector<float>{1.0F, -2.5F});
}

TEST_CASE("parse_idx_labels reads one byte a label", "[core][data][idx]") {
  const auto labels =
      parse_idx_labels(test::make_idx_labels(std::vector<std::uint8_t>{3, 0, 255}), "l");
  REQUIRE(labels);
  CHECK(*labels == std::vector<std::int64_t>{3, 0, 255});
}

TEST_CASE("parse_idx names the bytes expected and there", "[core][data][idx]") {
  Bytes file = raw_idx({0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28});
  file.resize(1234);
  check_fails(parse_idx(file, "train-images-idx3-ubyte.gz"), ErrorKind::Malformed,
              {"train-images-idx3-ubyte.gz: 47040016 bytes expected from its header, 1234 there; "
               "the file is truncated: copy it again"});
  Bytes longer = test::make_idx_labels(std::vector<std::uint8_t>{1, 2});
  longer.push_back(std::byte{0});
  check_fails(parse_idx(longer, "l"), ErrorKind::Malformed, {"l: 10 bytes", "11 there", "more"});
}

TEST_CASE("parse_idx refuses every shortened file", "[core][data][idx]") {
  const Bytes whole = test::make_idx_images(1, 2, 2, std::vector<std::uint8_t>{1, 2, 3, 4});
  for (std::size_t size = 0; size < whole.size(); ++size)
    check_fails(parse_idx(ByteView(whole).first(size), "i"), ErrorKind::Malformed,
                {"i: ", std::to_string(size) + " ", "truncated"});
}

TEST_CASE("parse_idx refuses sizes that overflow", "[core][data][idx]") {
  Bytes file = raw_idx({0, 0, 8, 4});
  file.resize(20, std::byte{0xff});
  check_fails(parse_idx(file, "i"), ErrorKind::Malformed, {"i: ", "4294967295x4294967295"});
  Bytes floats = raw_idx({0, 0, 0x0D, 2, 0x80, 0, 0, 0, 0x80, 0, 0, 0});
  check_fails(parse_idx(floats, "i"), ErrorKind::Malformed, {"i: ", "2147483648x2147483648"});
}

TEST_CASE("parse_idx refuses what is not IDX", "[core][data][idx]") {
  check_fails(parse_idx(test::text_bytes("a,b,c\n1,2,3\n"), "x"), ErrorKind::Malformed,
              {"x: ", "2051", "2049"});
  check_fails(parse_idx(raw_idx({0, 0, 8, 0, 1}), "x"), ErrorKind::Malformed, {"x: ", "2048"});
  check_fails(parse_idx(raw_idx({0, 0, 0x0C, 1, 0, 0, 0, 0}), "x"), ErrorKind::Mismatch,
              {"x: IDX type 12", "type 8", "type 13"});
}

TEST_CASE("parse_idx_labels refuses images", "[core][data][idx]") {
  const Bytes images = test::make_idx_images(1, 2, 2, std::vector<std::uint8_t>{1, 2, 3, 4});
  check_fails(parse_idx_labels(images, "l"), ErrorKind::Mismatch, {"l: ", "1x2x2", "exchanged"});
}

}  // namespace signet

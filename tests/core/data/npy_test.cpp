#include "core/data/npy.hpp"

#include <cmath>
#include <limits>

#include "core/data/npy_header.hpp"
#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

using test::check_fails;
using test::npy_bytes;
using test::npy_of;

std::vector<float> floats_of(const Bytes& file) {
  const auto array = parse_npy(file, "a.npy");
  if (!array) FAIL(array.error().message);
  return std::get<1>(array->values);
}

template <typename T>
void check_integer(const std::string& type) {
  INFO(type);
  const T low = std::numeric_limits<T>::min();
  CHECK(floats_of(npy_of<T>("<" + type, "(3,)", {1, 100, low})) ==
        std::vector<float>{1, 100, static_cast<float>(low)});
  const auto labels = parse_npy_labels(npy_of<T>("<" + type, "(2,)", {7, 0}), "l.npy");
  REQUIRE(labels);
  CHECK(*labels == std::vector<std::int64_t>{7, 0});
}

}  // namespace

TEST_CASE("parse_npy reads floats and doubles of either byte order", "[core][data][npy]") {
  CHECK(floats_of(npy_of<float>("<f4", "(3,)", {1.5F, -2, 0})) == std::vector<float>{1.5F, -2, 0});
  CHECK(floats_of(npy_of<double>("<f8", "(2,)", {1.5, -1e-3})) == std::vector<float>{1.5F, -1e-3F});
  CHECK(floats_of(npy_of<double>("=f8", "(1,)", {2})) == std::vector<float>{2});
  CHECK(floats_of(npy_of<unsigned char>(">f4", "(1,)", {0x3f, 0xc0, 0, 0})) ==
        std::vector<float>{1.5F});
  CHECK(floats_of(npy_of<unsigned char>(">i2", "(2,)", {1, 2, 0xff, 0xff})) ==
        std::vector<float>{258, -1});
}

TEST_CASE("parse_npy reads every integer type", "[core][data][npy]") {
  check_integer<std::int8_t>("i1");
  check_integer<std::int16_t>("i2");
  check_integer<std::int32_t>("i4");
  check_integer<std::int64_t>("i8");
  check_integer<std::uint16_t>("u2");
  check_integer<std::uint32_t>("u4");
  check_integer<std::uint64_t>("u8");
  CHECK(floats_of(npy_of<unsigned char>("|b1", "(2,)", {0, 1})) == std::vector<float>{0, 1});
}

TEST_CASE("parse_npy keeps unsigned bytes as bytes", "[core][data][npy]") {
  const auto array = parse_npy(npy_of<unsigned char>("|u1", "(2, 2)", {0, 128, 255, 3}), "a.npy");
  REQUIRE(array);
  CHECK(array->shape == std::vector<std::size_t>{2, 2});
  CHECK(std::get<0>(array->values) == std::vector<std::uint8_t>{0, 128, 255, 3});
}

TEST_CASE("parse_npy makes a double beyond a float infinite and keeps NaN", "[core][data][npy]") {
  const auto values = floats_of(
      npy_of<double>("<f8", "(3,)", {1e300, -1e39, std::numeric_limits<double>::quiet_NaN()}));
  CHECK(values[0] == std::numeric_limits<float>::infinity());
  CHECK(values[1] == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(values[2]));
}

TEST_CASE("parse_npy reads versions 1 to 3 and header text in any order", "[core][data][npy]") {
  const float value = 3;
  const ByteView data = std::as_bytes(std::span(&value, 1));
  for (const int version : {1, 2, 3})
    CHECK(floats_of(npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", data,
                              version)) == std::vector<float>{3});
  CHECK(floats_of(npy_bytes("{\"shape\":(1 , 1L),\"fortran_order\":False,\"descr\":\"<f4\"}",
                            data)) == std::vector<float>{3});
  check_fails(
      parse_npy(npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", data, 4),
                "a.npy"),
      ErrorKind::Malformed, {"a.npy", "version 4", "1 to 3"});
}

TEST_CASE("A header that is not the known dictionary is refused", "[core][data][npy]") {
  CHECK(read_npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': ()}"));
  for (const char* text :
       {"", "{", "{}", "{'descr'", "{'descr': ", "{'descr': '<f4", "{'descr': '<f4'}",
        "{'descr': '<f4', 'fortran_order': False}", "{'descr': [",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'extra': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} more",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}"}) {
    INFO(text);
    CHECK_FALSE(read_npy_header(text));
    check_fails(parse_npy(npy_bytes(text, {}), "a.npy"), ErrorKind::Malformed,
                {"a.npy", "header", "numpy.save"});
  }
}

TEST_CASE("parse_npy refuses every shortened file", "[core][data][npy]") {
  const Bytes whole = npy_of<float>("<f4", "(2,)", {1, 2});
  for (std::size_t size = 0; size < whole.size(); ++size)
    check_fails(parse_npy(ByteView(whole).first(size), "a.npy"), ErrorKind::Malformed,
                {"a.npy: ", size < 6 ? "\\x93NUMPY" : "truncated"});
  Bytes longer = whole;
  longer.push_back(std::byte{1});
  check_fails(parse_npy(longer, "a.npy"), ErrorKind::Malformed,
              {"136 bytes expected", "137 there"});
}

TEST_CASE("parse_npy refuses sizes that overflow", "[core][data][npy]") {
  check_fails(parse_npy(npy_of<float>("<f4", "(4294967295, 4294967295, 4294967295)", {1}), "a.npy"),
              ErrorKind::Malformed, {"a.npy", "4294967295x4294967295"});
  check_fails(parse_npy(npy_of<float>("<f4", "(1073741823, 1)", {1}), "a.npy"),
              ErrorKind::Malformed, {"a.npy"});
}

TEST_CASE("parse_npy says how to save what it does not read", "[core][data][npy]") {
  check_fails(parse_npy(npy_of<float>("<c8", "(0,)", {}), "a.npy"), ErrorKind::Mismatch,
              {"a.npy", "'c8'", "astype"});
  check_fails(parse_npy(npy_of<float>("|O", "(0,)", {}), "a.npy"), ErrorKind::Mismatch, {"'O'"});
  check_fails(
      parse_npy(npy_bytes("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (0,)}", {}),
                "a.npy"),
      ErrorKind::Mismatch, {"[('x', '<f4')]"});
  check_fails(
      parse_npy(npy_bytes("{'descr': '<f4', 'fortran_order': True, 'shape': (0, 2)}", {}), "a.npy"),
      ErrorKind::Mismatch, {"a.npy", "Fortran order", "ascontiguousarray"});
  check_fails(parse_npy(test::text_bytes("PK\3\4 an .npz"), "a.npy"), ErrorKind::Malformed,
              {"a.npy", "numpy.save"});
}

TEST_CASE("parse_npy_labels wants one whole number a sample", "[core][data][npy]") {
  CHECK(parse_npy_labels(npy_of<std::int32_t>("<i4", "(2, 1)", {4, 5}), "l.npy"));
  check_fails(parse_npy_labels(npy_of<std::int32_t>("<i4", "(1, 2)", {4, 5}), "l.npy"),
              ErrorKind::Mismatch, {"l.npy", "(1x2)", "argmax"});
  check_fails(parse_npy_labels(npy_of<std::int32_t>("<i4", "()", {4}), "l.npy"),
              ErrorKind::Mismatch, {"l.npy", "()"});
  check_fails(parse_npy_labels(npy_of<float>("<f4", "(1,)", {4}), "l.npy"), ErrorKind::Mismatch,
              {"l.npy", "f4", "astype('int64')"});
  const auto huge = parse_npy_labels(npy_of<std::uint64_t>("<u8", "(1,)", {~0ULL}), "l.npy");
  REQUIRE(huge);
  CHECK(huge->at(0) == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("parse_npy_targets makes floats of bytes too", "[core][data][npy]") {
  const auto targets = parse_npy_targets(npy_of<unsigned char>("|u1", "(2,)", {1, 2}), "t.npy");
  REQUIRE(targets);
  CHECK(targets->shape == std::vector<std::size_t>{2});
  CHECK(targets->values == std::vector<float>{1, 2});
}

}  // namespace signet

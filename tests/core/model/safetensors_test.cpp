#include "core/model/safetensors.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/core/model/model_samples.hpp"

namespace signet::test {
namespace {

std::vector<ParameterBlock> two_blocks() {
  return {{"0.dense.weight", {2, 3}, 0, 6}, {"0.dense.bias", {2}, 6, 2}};
}

/// A file with this header text and `floats` floats 0, 1, 2 ...
Bytes file_of(const std::string& header, std::size_t floats) {
  const auto size = static_cast<std::uint64_t>(header.size());
  Bytes file(8 + header.size() + floats * 4);
  std::memcpy(file.data(), &size, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < floats; ++i) {
    const auto value = static_cast<float>(i);
    std::memcpy(file.data() + 8 + header.size() + i * 4, &value, 4);
  }
  return file;
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}
const std::string kWeight = tensor("0.dense.weight", "F32", "[2,3]", "[0,24]");
const std::string kBias = tensor("0.dense.bias", "F32", "[2]", "[24,32]");

TEST_CASE("safetensors come back as they were written, bit for bit", "[core][model]") {
  const Network network = make(paper_cnn());
  auto parameters = random_parameters(network, 1);
  parameters[5] = std::numeric_limits<float>::quiet_NaN();
  parameters[6] = -0.0F;
  const Bytes file = to_safetensors(network.blocks(), parameters, {{"job", "fashion"}});
  const auto back = parameters_from_safetensors(file, network.blocks());
  REQUIRE(back);
  REQUIRE(back->size() == parameters.size());
  CHECK(std::memcmp(back->data(), parameters.data(), parameters.size() * 4) == 0);
}

TEST_CASE("a safetensors file has the documented bytes", "[core][model]") {
  const std::vector<float> parameters = {0, 1, 2, 3, 4, 5, 6, 7};
  const Bytes file = to_safetensors(two_blocks(), parameters, {{"round", "7"}, {"say", "\"\n"}});
  const std::string header =
      "{\"__metadata__\":{\"round\":\"7\",\"say\":\"\\\"\\n\"}," + kWeight + "," + kBias + "}";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  CHECK(to_text(file) == to_text(file_of(header + padding, 8)));
}

TEST_CASE("safetensors without metadata or without UTF-8 in it are still valid", "[core][model]") {
  const std::vector<float> parameters(8, 1.0F);
  CHECK(parameters_from_safetensors(to_safetensors(two_blocks(), parameters, {}), two_blocks()));
  const Bytes odd = to_safetensors(two_blocks(), parameters, {{"name", "caf\xe9"}});
  CHECK(to_text(odd).find("caf\xef\xbf\xbd") != std::string::npos);
  CHECK(parameters_from_safetensors(odd, two_blocks()));
}

TEST_CASE("safetensors are read at any address and in any order", "[core][model]") {
  const std::string bias_first = "{" + tensor("0.dense.bias", "F32", "[2]", "[0,8]") + "," +
                                 tensor("0.dense.weight", "F32", "[2,3]", "[8,32]") + "}";
  const Bytes file = file_of(bias_first, 8);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    Bytes moved(offset);
    moved.insert(moved.end(), file.begin(), file.end());
    const auto read = parameters_from_safetensors(ByteView(moved).subspan(offset), two_blocks());
    REQUIRE(read);
    CHECK(*read == std::vector<float>{2, 3, 4, 5, 6, 7, 0, 1});
  }
}

TEST_CASE("a broken or foreign safetensors file is refused with tensor and shapes named",
          "[core][model]") {
  struct Case {
    Bytes file;
    ErrorKind kind;
    std::vector<std::string> parts;
  };
  Bytes huge = file_of("{}", 0);
  huge[7] = std::byte{0x7f};
  const auto odd_weight = [](const std::string& text) {
    return file_of("{" + text + "," + kBias + "}", 8);
  };
  const std::vector<Case> cases = {
      {{}, ErrorKind::Malformed, {"0 bytes"}},
      {Bytes(7), ErrorKind::Malformed, {"7 bytes", "cut short"}},
      {huge, ErrorKind::Malformed, {"header of 9151314442816847874", "file of 10"}},
      {file_of("{\"a\"", 8), ErrorKind::Malformed, {"no JSON object"}},
      {file_of("[1]", 8), ErrorKind::Malformed, {"no JSON object"}},
      {file_of("{" + kWeight + "}", 8), ErrorKind::Mismatch, {"'0.dense.bias'", "(2) is missing"}},
      {file_of("{" + kWeight + "," + kBias + "," + tensor("x", "F32", "[0]", "[0,0]") + "}", 8),
       ErrorKind::Mismatch,
       {"'x' is not part of the model"}},
      {odd_weight(tensor("0.dense.weight", "F32", "[3,2]", "[0,24]")),
       ErrorKind::Mismatch,
       {"'0.dense.weight'", "shape 3x2", "needs 2x3"}},
      {odd_weight(tensor("0.dense.weight", "F16", "[2,3]", "[0,12]")),
       ErrorKind::Mismatch,
       {"'0.dense.weight'", "F16", "F32"}},
      {odd_weight("\"0.dense.weight\":3"), ErrorKind::Malformed, {"'0.dense.weight'", "no dtype"}},
      {odd_weight("\"0.dense.weight\":{\"dtype\":\"F32\",\"shape\":[2,3]}"),
       ErrorKind::Malformed,
       {"'0.dense.weight'", "no data_offsets"}},
      {odd_weight(tensor("0.dense.weight", "F32", "[2,-3]", "[0,24]")),
       ErrorKind::Malformed,
       {"'0.dense.weight'", "no shape"}},
      {odd_weight(tensor("0.dense.weight", "F32", "[2,3]", "[0,20]")),
       ErrorKind::Malformed,
       {"'0.dense.weight'", "0 to 20", "2x3"}},
      {odd_weight(tensor("0.dense.weight", "F32", "[2,3]", "[24,0]")),
       ErrorKind::Malformed,
       {"'0.dense.weight'", "24 to 0"}},
      {odd_weight(tensor("0.dense.weight", "F32", "[2,3]", "[16,40]")),
       ErrorKind::Malformed,
       {"'0.dense.weight'", "16 to 40", "32 bytes"}},
      {odd_weight(tensor("0.dense.weight", "F32", "[2,3]", "[8,32]")),
       ErrorKind::Malformed,
       {"overlap or leave a hole at byte 0"}},
      {file_of("{" + kWeight + "," + kBias + "}", 9),
       ErrorKind::Malformed,
       {"take 32 bytes", "has 36"}},
      {file_of("{" + kWeight + "," + kBias + "}", 7),
       ErrorKind::Malformed,
       {"'0.dense.bias'", "28 bytes"}},
  };
  for (const Case& one : cases) {
    INFO(one.parts[0]);
    const auto read = parameters_from_safetensors(one.file, two_blocks());
    REQUIRE_FALSE(read);
    INFO(read.error().message);
    CHECK(read.error().kind == one.kind);
    for (const std::string& part : one.parts) {
      CHECK(read.error().message.find(part) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace signet::test

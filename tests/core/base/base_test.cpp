#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("multiply_high is the upper half of the 128-bit product", "[core][base]") {
  CHECK(multiply_high(0, ~0ULL) == 0);
  CHECK(multiply_high(~0ULL, ~0ULL) == ~0ULL - 1);
  CHECK(multiply_high(1ULL << 32, 1ULL << 32) == 1);
  CHECK(multiply_high(0x123456789abcdef0ULL, 1ULL << 60) == 0x0123456789abcdefULL);
}

TEST_CASE("Rng gives the same numbers on every machine", "[core][base]") {
  Rng rng(42);
  CHECK(rng.next() == 0xbdd732262feb6e95ULL);
  Rng again(42);
  Rng other(43);
  CHECK(again.next() != other.next());
}

TEST_CASE("Rng::below stays below its bound and reaches every value", "[core][base]") {
  Rng rng(7);
  std::vector<int> seen(10, 0);
  for (int i = 0; i < 10'000; ++i) {
    const auto value = rng.below(10);
    REQUIRE(value < 10);
    ++seen[static_cast<std::size_t>(value)];
  }
  // 1000 expected; six standard deviations are 180.
  for (const int count : seen) CHECK(std::abs(count - 1000) < 180);
}

TEST_CASE("Rng::normal has mean 0 and variance 1", "[core][base]") {
  Rng rng(3);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / kDraws) < 6 / std::sqrt(double{kDraws}));
  CHECK(std::abs(squares / kDraws - 1) < 6 * std::sqrt(2.0 / kDraws));
}

TEST_CASE("a replica's digest is XXH3 of its little-endian floats", "[core][base]") {
  CHECK(to_hex(digest(ByteView{})) == "2d06800538d394c2");  // XXH3_64bits of nothing, seed 0
  const std::vector<float> x{1.0F, -2.0F};
  const std::vector<float> y{1.0F, 2.0F};
  CHECK(digest(std::span<const float>(x)) != digest(std::span<const float>(y)));
  const unsigned char little_endian[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0};
  CHECK(digest(std::span<const float>(x)) == digest(std::as_bytes(std::span(little_endian))));
}

TEST_CASE("a Result holds a value or an error", "[core][base]") {
  const Result<int> good = 3;
  CHECK(good);
  CHECK(*good == 3);
  const Result<int> bad = Error{ErrorKind::Full, "no room"};
  CHECK_FALSE(bad);
  CHECK(bad.error().message == "no room");
  CHECK(std::string(to_string(bad.error().kind)) == "Full");
  const Status fine;
  CHECK(fine);
  const Status failed = Error{ErrorKind::Denied, "no"};
  CHECK(failed.error().kind == ErrorKind::Denied);
}

}  // namespace signet

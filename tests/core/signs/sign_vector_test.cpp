#include "core/signs/sign_vector.hpp"

#include <cmath>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet {

TEST_CASE("a SignVector survives its packed bytes at every address", "[core][signs]") {
  for (const std::size_t d : {1U, 7U, 8U, 9U, 63U, 64U, 65U, 300U}) {
    const SignVector signs = test::random_signs(d, d);
    CHECK(signs.bytes().size() == sign_bytes(d));
    for (std::size_t offset = 0; offset < 16; ++offset) {
      Bytes frame(offset);
      frame.insert(frame.end(), signs.bytes().begin(), signs.bytes().end());
      const auto read = SignVector::from_bytes(ByteView(frame).subspan(offset), d);
      REQUIRE(read);
      CHECK(*read == signs);
    }
  }
}

TEST_CASE("padding bits of a received vote are ignored", "[core][signs]") {
  Bytes frame(sign_bytes(13), std::byte{0xff});
  const auto read = SignVector::from_bytes(frame, 13);
  REQUIRE(read);
  SignVector ones(13);
  for (std::size_t i = 0; i < 13; ++i) ones.set(i, true);
  CHECK(*read == ones);
}

TEST_CASE("signs of another length are refused with both lengths named", "[core][signs]") {
  const auto read = SignVector::from_bytes(Bytes(3), 13);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::Mismatch);
  CHECK(read.error().message == "3 bytes of signs; dimension 13 needs 2");
}

TEST_CASE("pack takes the sign of every coordinate", "[core][signs][paper:alg1]") {
  Rng rng(5);
  std::vector<float> g(1000);
  for (auto& x : g) x = rng.uniform() - 0.5F;
  PackedSigns packed;
  pack(g, ZeroRule::Random, 1, packed);
  for (std::size_t i = 0; i < g.size(); ++i) CHECK(packed.signs.positive(i) == (g[i] > 0));
  CHECK(packed.abstained.empty());
}

TEST_CASE("a zero gradient votes by a fair coin that a seed repeats", "[core][signs]") {
  const std::vector<float> zeros(100'000, 0.0F);
  PackedSigns first, again, other;
  pack(zeros, ZeroRule::Random, 7, first);
  pack(zeros, ZeroRule::Random, 7, again);
  pack(zeros, ZeroRule::Random, 8, other);
  CHECK(first.signs == again.signs);
  CHECK_FALSE(first.signs == other.signs);
  double up = 0;
  for (std::size_t i = 0; i < zeros.size(); ++i) up += first.signs.positive(i) ? 1 : 0;
  CHECK(std::abs(up / 1e5 - 0.5) < 6 * 0.5 / std::sqrt(1e5));
}

TEST_CASE("a zero gradient abstains where the job says so", "[core][signs]") {
  std::vector<float> g{1.0F, 0.0F, -1.0F, -0.0F};
  PackedSigns packed;
  pack(g, ZeroRule::Abstain, 7, packed);
  REQUIRE_FALSE(packed.abstained.empty());
  CHECK_FALSE(packed.abstained.positive(0));
  CHECK(packed.abstained.positive(1));
  CHECK_FALSE(packed.abstained.positive(2));
  CHECK(packed.abstained.positive(3));
  g[1] = g[3] = 2.0F;
  pack(g, ZeroRule::Abstain, 7, packed);
  CHECK(packed.abstained.empty());
}

TEST_CASE("apply_step subtracts eta times the sign and leaves ties alone",
          "[core][signs][paper:alg1]") {
  std::vector<float> x{1.0F, 1.0F, 1.0F};
  SignVector signs(3), ties(3);
  signs.set(0, true);
  ties.set(2, true);
  apply_step(x, 0.25F, signs, ties);
  CHECK(x == std::vector<float>{0.75F, 1.25F, 1.0F});
  apply_step(x, 0.25F, signs, {});
  CHECK(x == std::vector<float>{0.5F, 1.5F, 1.25F});
}

}  // namespace signet

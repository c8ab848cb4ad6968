#include "core/signs/sign_vector.hpp"

#include <cmath>
#include <vector>

#include "core/base/digest.hpp"
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

TEST_CASE("memory kept from other gradients does not show in the signs", "[core][signs]") {
  PackedSigns kept;
  for (const std::size_t d : {300U, 64U, 301U, 1U, 300U}) {
    for (const ZeroRule rule : {ZeroRule::Random, ZeroRule::Abstain}) {
      for (const float every : {0.0F, 1.0F, -1.0F}) {
        INFO("dimension " << d << ", values " << every);
        std::vector<float> g(d, every);
        g[d / 2] = 1.0F;
        PackedSigns fresh;
        pack(g, rule, d, fresh);
        pack(g, rule, d, kept);
        CHECK(kept.signs == fresh.signs);
        CHECK(kept.abstained == fresh.abstained);
        const bool abstains = rule == ZeroRule::Abstain && every == 0.0F && d > 1;
        CHECK(kept.abstained.empty() != abstains);
      }
    }
  }
}

TEST_CASE("pack_momentum averages and then packs what it has averaged", "[core][signs]") {
  for (const ZeroRule rule : {ZeroRule::Random, ZeroRule::Abstain}) {
    Rng rng(11);
    std::vector<float> momentum(1000, 0.0F), expected(1000, 0.0F);
    PackedSigns packed, plain;
    for (std::uint64_t round = 0; round < 20; ++round) {
      std::vector<float> gradient(1000);
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        gradient[i] = i % 7 == 0 ? 0.0F : rng.uniform() - 0.5F;
        const float kept = 0.9F * expected[i], added = (1.0F - 0.9F) * gradient[i];
        expected[i] = kept + added;
      }
      pack_momentum(momentum, gradient, 0.9F, rule, round, packed);
      pack(expected, rule, round, plain);
      CHECK(momentum == expected);
      CHECK(packed.signs == plain.signs);
      CHECK(packed.abstained == plain.abstained);
      CHECK(packed.abstained.empty() == (rule == ZeroRule::Random));
    }
  }
}

TEST_CASE("with error feedback the signs sent and the error left add up to the gradients",
          "[core][signs]") {
  // Quarters, so that every sum is exact; the signs are worth half a unit each.
  Rng rng(12);
  std::vector<float> error(300, 0.0F), gradients(300, 0.0F), sent(300, 0.0F);
  PackedSigns packed;
  bool any_abstained = false;
  for (std::uint64_t round = 0; round < 50; ++round) {
    std::vector<float> gradient(300);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = 0.25F * (static_cast<float>(rng.below(9)) - 4.0F);
      gradients[i] += gradient[i];
    }
    pack_error_feedback(error, gradient, 0.5F, ZeroRule::Abstain, round, packed);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const bool none = !packed.abstained.empty() && packed.abstained.positive(i);
      any_abstained = any_abstained || none;
      sent[i] += none ? 0.0F : (packed.signs.positive(i) ? 0.5F : -0.5F);
      CHECK(sent[i] + error[i] == gradients[i]);
    }
  }
  CHECK(any_abstained);
}

TEST_CASE("apply_step_digest is apply_step and the digest of what it leaves", "[core][signs]") {
  for (const std::size_t d : {1U, 64U, 1000U, 1'050'001U}) {
    for (const bool with_ties : {false, true}) {
      INFO("dimension " << d << (with_ties ? " with ties" : ""));
      Rng rng(d);
      std::vector<float> x(d);
      for (auto& value : x) value = rng.uniform() - 0.5F;
      std::vector<float> expected = x;
      const SignVector signs = test::random_signs(d, 1);
      const SignVector ties = with_ties ? test::random_signs(d, 2, 0.1F) : SignVector();
      apply_step(expected, 0.01F, signs, ties);
      CHECK(apply_step_digest(x, 0.01F, signs, ties) == digest(std::span<const float>(expected)));
      CHECK(x == expected);
    }
  }
}

}  // namespace signet

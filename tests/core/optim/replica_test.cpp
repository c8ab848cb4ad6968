#include "core/optim/replica.hpp"

#include <vector>

#include "core/base/digest.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet {

TEST_CASE("a Replica steps by x_{k+1} = x_k - eta v", "[core][optim][paper:alg1]") {
  std::vector<float> x{0.5F, -0.5F, 0.0F};
  Replica replica(x, RoundId{3});
  SignVector v(3);
  v.set(0, true);
  v.set(2, true);
  const auto digest_after = replica.apply(0.125F, v, {});
  CHECK(replica.next_round() == RoundId{4});
  const std::vector<float> expected{0.375F, -0.375F, -0.125F};
  CHECK(std::vector<float>(replica.parameters().begin(), replica.parameters().end()) == expected);
  CHECK(digest_after == digest(std::span<const float>(expected)));
}

TEST_CASE("replicas that saw the same updates are equal bit for bit", "[core][optim]") {
  std::vector<float> start(1000);
  Rng rng(9);
  for (auto& x : start) x = rng.uniform() - 0.5F;
  Replica a(start, {}), b(start, {});
  for (std::uint64_t k = 0; k < 50; ++k) {
    const auto signs = test::random_signs(1000, k);
    const auto ties = k % 3 == 0 ? test::random_signs(1000, 100 + k) : SignVector();
    CHECK(a.apply(0.001F * static_cast<float>(k), signs, ties) ==
          b.apply(0.001F * static_cast<float>(k), signs, ties));
  }
  Replica c(start, {});
  c.apply(0.5F, test::random_signs(1000, 1), {});
  CHECK(c.digest() != a.digest());
}

TEST_CASE("a Replica's digest is that of its parameters after every round", "[core][optim]") {
  for (const std::size_t d : {1U, 1000U, 1'050'000U}) {
    std::vector<float> start(d);
    Rng rng(d);
    for (auto& x : start) x = rng.uniform() - 0.5F;
    Replica replica(start, {});
    CHECK(replica.digest() == digest(replica.parameters()));
    for (std::uint64_t k = 0; k < 3; ++k) {
      const auto ties = k == 1 ? test::random_signs(d, 50) : SignVector();
      const auto digest_after = replica.apply(0.01F, test::random_signs(d, k), ties);
      CHECK(digest_after == digest(replica.parameters()));
      CHECK(replica.digest() == digest_after);
    }
  }
}

}  // namespace signet

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

}  // namespace signet

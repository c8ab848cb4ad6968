#include "core/kernels/kernels.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/kernels/tables.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

bool bit(const std::vector<Word>& words, std::size_t i) {
  return ((words[i / 64] >> (i % 64)) & 1U) != 0;
}

const std::vector<std::size_t> kWordCounts{0, 1, 2, 3, 7, 8, 9, 31, 63, 64, 65, 127, 128, 129, 200};
const std::vector<std::size_t> kFloatCounts{0, 1, 2, 31, 63, 64, 65, 100, 127, 128, 129, 300};

template <typename Check>
void for_each_available(Check check) {
  for (const Kernels& k : all_kernels()) {
    if (!k.available()) continue;
    INFO("kernels " << k.name);
    check(k);
  }
}

}  // namespace

TEST_CASE("portable kernels come last and are always available", "[core][kernels]") {
  REQUIRE_FALSE(all_kernels().empty());
  CHECK(all_kernels().back().name == "portable");
  CHECK(all_kernels().back().available());
}

TEST_CASE("every available kernel answers its known questions", "[core][kernels]") {
  for_each_available([](const Kernels& k) { CHECK(kernels::answers_rightly(k)); });
}

TEST_CASE("a table with a wrong kernel is found out by its known questions", "[core][kernels]") {
  Kernels broken = all_kernels().back();
  broken.compare = [](const Word*, std::size_t words, std::size_t, std::uint64_t, Word* above,
                      Word* equal) {
    for (std::size_t i = 0; i < words; ++i) above[i] = equal[i] = 0;
  };
  CHECK_FALSE(kernels::answers_rightly(broken));
  broken = all_kernels().back();
  broken.apply_signs = [](float*, float, const Word*, const Word*, std::size_t) {};
  CHECK_FALSE(kernels::answers_rightly(broken));
}

TEST_CASE("add_vote and compare count votes at every address", "[core][kernels]") {
  for_each_available([](const Kernels& k) {
    for (const std::size_t words : kWordCounts) {
      for (const std::size_t offset : {0U, 1U, 3U, 8U, 17U, 63U}) {
        constexpr std::size_t kVoters = 7, kPlanes = 4;
        Rng rng(words * 64 + offset);
        std::vector<Word> planes(words * kPlanes, 0);
        std::vector<int> counts(words * 64, 0);
        for (std::size_t v = 0; v < kVoters; ++v) {
          std::vector<Word> vote(words);
          for (auto& w : vote) w = rng.next();
          Bytes frame(words * 8 + offset);
          if (words > 0) std::memcpy(frame.data() + offset, vote.data(), words * 8);
          const std::size_t first_plane = v == 6 ? 1 : 0;  // the last voter weighs two
          k.add_vote(frame.data() + offset, words, planes.data(), kPlanes, first_plane);
          for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i] += bit(vote, i) ? (v == 6 ? 2 : 1) : 0;
        }
        std::vector<Word> above(words), equal(words);
        for (std::uint64_t threshold = 0; threshold <= 8; ++threshold) {
          k.compare(planes.data(), words, kPlanes, threshold, above.data(), equal.data());
          bool right = true;
          for (std::size_t i = 0; i < counts.size(); ++i) {
            const auto count = static_cast<std::uint64_t>(counts[i]);
            right = right && bit(above, i) == (count > threshold) &&
                    bit(equal, i) == (count == threshold);
          }
          CHECK(right);
        }
      }
    }
  });
}

TEST_CASE("count_differences and count_common count bits", "[core][kernels]") {
  for_each_available([](const Kernels& k) {
    for (const std::size_t words : kWordCounts) {
      Rng rng(words);
      std::vector<Word> a(words), b(words), mask(words);
      for (std::size_t i = 0; i < words; ++i) {
        a[i] = rng.next();
        b[i] = i % 5 == 0 ? ~a[i] : rng.next();
        mask[i] = i % 3 == 0 ? 0 : rng.next();
      }
      std::uint64_t differ = 0, common = 0;
      for (std::size_t i = 0; i < words * 64; ++i) {
        differ += bit(a, i) != bit(b, i) && !bit(mask, i) ? 1U : 0U;
        common += bit(a, i) && bit(b, i) ? 1U : 0U;
      }
      Bytes frame(words * 8 + 5);
      if (words > 0) std::memcpy(frame.data() + 5, a.data(), words * 8);
      CHECK(k.count_differences(frame.data() + 5, b.data(), mask.data(), words) == differ);
      CHECK(k.count_common(a.data(), b.data(), words) == common);
    }
  });
}

TEST_CASE("pack_signs tells positive, negative and zero apart", "[core][kernels]") {
  const float special[] = {0.0F,
                           -0.0F,
                           std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           std::numeric_limits<float>::denorm_min(),
                           -std::numeric_limits<float>::denorm_min()};
  for_each_available([&special](const Kernels& k) {
    for (const std::size_t count : kFloatCounts) {
      Rng rng(count);
      std::vector<float> x(count);
      for (std::size_t i = 0; i < count; ++i)
        x[i] = i % 4 == 0 ? special[i / 4 % std::size(special)] : rng.uniform() - 0.5F;
      const std::size_t words = (count + 63) / 64;
      std::vector<Word> positive(words, ~Word{0}), zero(words, ~Word{0});
      k.pack_signs(x.data(), count, positive.data(), zero.data());
      for (std::size_t i = 0; i < words * 64; ++i) {
        const bool inside = i < count;
        CHECK(bit(positive, i) == (inside && x[i] > 0));
        CHECK(bit(zero, i) == (inside && !(x[i] > 0) && !(x[i] < 0)));
      }
    }
  });
}

TEST_CASE("blend is beta m + (1 - beta) g in float32", "[core][kernels]") {
  for_each_available([](const Kernels& k) {
    for (const std::size_t count : kFloatCounts) {
      Rng rng(count + 1);
      std::vector<float> m(count), g(count), expected(count);
      const float beta = 0.9F;
      for (std::size_t i = 0; i < count; ++i) {
        m[i] = rng.uniform() - 0.5F;
        g[i] = rng.uniform() - 0.5F;
        const float kept = beta * m[i], fresh = (1.0F - beta) * g[i];
        expected[i] = kept + fresh;
      }
      k.blend(m.data(), g.data(), beta, count);
      CHECK(m == expected);
    }
  });
}

TEST_CASE("apply_signs is exactly one subtraction, and none on a tie", "[core][kernels]") {
  for_each_available([](const Kernels& k) {
    for (const std::size_t count : kFloatCounts) {
      for (const bool with_ties : {false, true}) {
        Rng rng(count);
        const std::size_t words = (count + 63) / 64;
        std::vector<Word> signs(words), ties(words);
        for (auto& w : signs) w = rng.next();
        for (auto& w : ties) w = rng.next();
        std::vector<float> x(count), expected(count);
        const float eta = 3e-4F;
        for (std::size_t i = 0; i < count; ++i) {
          x[i] = i % 7 == 0 ? -0.0F : rng.uniform() - 0.5F;
          const bool tie = with_ties && bit(ties, i);
          expected[i] = tie ? x[i] : x[i] - (bit(signs, i) ? eta : -eta);
        }
        k.apply_signs(x.data(), eta, signs.data(), with_ties ? ties.data() : nullptr, count);
        // Bit for bit, so that -0 and +0 are told apart.
        CHECK((count == 0 || std::memcmp(x.data(), expected.data(), count * sizeof(float)) == 0));
      }
    }
  });
}

}  // namespace signet

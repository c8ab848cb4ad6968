#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/kernels/kernels.hpp"
#include "tests/core/kernels/guarded.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

using test::Guarded;
using test::Place;

// From somewhere below this on, the floats of every table come from memory: each block is digested
// right after its steps, and planes are written past the caches.
constexpr std::size_t kFar = std::size_t{1} << 20;
constexpr std::size_t kFloatsMax = kFar + 4096;

// 0 to 300, and around the blocks that the fused kernel may take.
std::vector<std::size_t> float_counts() {
  std::vector<std::size_t> counts;
  for (std::size_t n = 0; n <= 300; ++n) counts.push_back(n);
  for (const std::size_t block : {512U, 1024U, 2048U, 4096U, 8192U})
    for (std::size_t n = block - 1; n <= block + 1; ++n) counts.push_back(n);
  for (const std::size_t more : {1U, 440U, 1025U}) counts.push_back(kFar + more);
  return counts;
}

float from_bits(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}

// Both zeros, NaNs with payloads (the third signalling), infinities, the ends of the denormals and
// of the normal numbers.
std::vector<float> special_floats() {
  std::vector<float> values;
  for (const std::uint32_t bits :
       {0x00000000U, 0x7fc12345U, 0x7f812345U, 0x7f800000U, 0x00000001U, 0x007fffffU, 0x00800000U,
        0x7f7fffffU, 0x3f800000U, 0x399d4952U}) {
    values.push_back(from_bits(bits));
    values.push_back(from_bits(bits | 0x80000000U));
  }
  return values;
}

// Special values in between others of many magnitudes, denormals among them.
std::vector<float> mixed_floats(std::size_t count, std::uint64_t seed) {
  static const std::vector<float> special = special_floats();
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    const float scale = std::ldexp(1.0F, static_cast<int>(rng.below(276)) - 149);
    const auto pick = static_cast<std::size_t>(rng.below(special.size()));
    value = rng.below(3) == 0 ? special[pick] : (rng.uniform() - 0.5F) * scale;
  }
  return values;
}

std::vector<Word> random_words(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Word> words((count + 63) / 64);
  for (Word& word : words) word = rng.next();
  return words;
}

bool bit_at(std::span<const Word> words, std::size_t i) {
  return ((words[i / 64] >> (i % 64)) & 1U) != 0;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return false;
  return true;
}

// The payload of a NaN that arithmetic made is left to the machine: such a sum never gets a sign.
bool same_floats(std::span<const float> a, std::span<const float> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = std::isnan(a[i]) && std::isnan(b[i]);
    if (!both_nan && !same_bits(a.subspan(i, 1), b.subspan(i, 1))) return false;
  }
  return true;
}

// Whether the planes (and the answer) are those of x, padding included.
bool are_signs_of(std::span<const float> x, const Word* positive, const Word* zero, bool any) {
  const std::size_t words = (x.size() + 63) / 64;
  bool any_expected = false;
  for (std::size_t i = 0; i < words * 64; ++i) {
    const bool up = i < x.size() && x[i] > 0, down = i < x.size() && x[i] < 0;
    const bool none = i < x.size() && !up && !down;
    if (bit_at({positive, words}, i) != up || bit_at({zero, words}, i) != none) return false;
    any_expected = any_expected || none;
  }
  return any == any_expected;
}

float* put(Guarded& memory, std::span<const float> values, Place where) {
  auto* at = memory.place<float>(values.size(), where);
  if (!values.empty()) std::memcpy(at, values.data(), values.size_bytes());
  return at;
}

const Word* put(Guarded& memory, std::span<const Word> values, Place where) {
  auto* at = memory.place<Word>(values.size(), where);
  if (!values.empty()) std::memcpy(at, values.data(), values.size_bytes());
  return at;
}

// Arrays that end at a forbidden page have every address modulo 64 that floats can have.
template <typename Check>
void for_each_table_and_count(Check check) {
  for (const Kernels& table : all_kernels()) {
    if (!table.available()) continue;
    for (const std::size_t count : float_counts())
      for (const Place where : {Place::Start, Place::End}) {
        INFO("kernels " << table.name << ", count " << count << ", at the "
                        << (where == Place::Start ? "start" : "end"));
        check(table, count, where);
      }
  }
}

// The planes of a vector need not share an address modulo 64.
Place other(Place where) {
  return where == Place::Start ? Place::End : Place::Start;
}

// The two planes of a pack kernel, at the end of memory or its start, with a word before them that
// must stay.
struct Planes {
  static constexpr Word kMark = 0x0123456789abcdefU;
  Guarded positive_memory{kFloatsMax / 8 + 64}, zero_memory{kFloatsMax / 8 + 64};
  Word *positive = nullptr, *zero = nullptr;
  Place where = Place::Start;

  void place(std::size_t count, Place place) {
    where = place;
    positive = positive_memory.place<Word>((count + 63) / 64, where);
    zero = zero_memory.place<Word>((count + 63) / 64, other(where));
    (where == Place::End ? positive : zero)[-1] = kMark;
  }
  bool holds_signs_of(std::span<const float> x, bool any) const {
    return are_signs_of(x, positive, zero, any) &&
           (where == Place::End ? positive : zero)[-1] == kMark;
  }
};

}  // namespace

TEST_CASE("pack_signs of every table tells positive, negative and neither apart",
          "[core][kernels]") {
  Guarded memory(kFloatsMax * 4);
  Planes planes;
  for_each_table_and_count([&](const Kernels& table, std::size_t count, Place where) {
    // Without special values now and then, so that "no zero was seen" is an answer as well.
    auto values = count % 3 == 0 ? mixed_floats(count, count) : std::vector<float>(count, -1.5F);
    if (count % 3 == 1) values.back() = 0.0F;
    const float* x = put(memory, values, where);
    planes.place(count, where);
    const bool any = table.pack_signs(x, count, planes.positive, planes.zero);
    CHECK(planes.holds_signs_of(values, any));
  });
}

TEST_CASE("pack_momentum of every table is two products, one sum and the sign of it",
          "[core][kernels]") {
  Guarded momentum_memory(kFloatsMax * 4), gradient_memory(kFloatsMax * 4);
  Planes planes;
  std::size_t fused_would_differ = 0;
  for_each_table_and_count([&](const Kernels& table, std::size_t count, Place where) {
    const auto before = mixed_floats(count, 2 * count), gradient = mixed_floats(count, count + 9);
    const float beta = count % 2 == 0 ? 0.9F : 0.37F;
    std::vector<float> expected(count);
    for (std::size_t i = 0; i < count; ++i) {
      const float kept = beta * before[i], added = (1.0F - beta) * gradient[i];
      expected[i] = kept + added;
      fused_would_differ += std::fma(beta, before[i], added) != expected[i] ? 1U : 0U;
    }
    float* momentum = put(momentum_memory, before, where);
    const float* g = put(gradient_memory, gradient, where);
    planes.place(count, where);
    const bool any = table.pack_momentum(momentum, g, beta, count, planes.positive, planes.zero);
    CHECK(same_floats({momentum, count}, expected));
    CHECK(planes.holds_signs_of(expected, any));
  });
  CHECK(fused_would_differ > 1000);
}

TEST_CASE("pack_error_feedback of every table keeps what the signs left out", "[core][kernels]") {
  Guarded error_memory(kFloatsMax * 4), gradient_memory(kFloatsMax * 4);
  Planes planes;
  for_each_table_and_count([&](const Kernels& table, std::size_t count, Place where) {
    const auto before = mixed_floats(count, 3 * count), gradient = mixed_floats(count, count + 7);
    const float scale = count % 2 == 0 ? 0.01F : 1e-41F;
    std::vector<float> sums(count), expected(count);
    for (std::size_t i = 0; i < count; ++i) {
      sums[i] = expected[i] = before[i] + gradient[i];
      if (sums[i] > 0) expected[i] = sums[i] - scale;
      if (sums[i] < 0) expected[i] = sums[i] + scale;
    }
    float* error = put(error_memory, before, where);
    const float* g = put(gradient_memory, gradient, where);
    planes.place(count, where);
    const bool any =
        table.pack_error_feedback(error, g, scale, count, planes.positive, planes.zero);
    CHECK(same_floats({error, count}, expected));
    CHECK(planes.holds_signs_of(sums, any));
  });
}

TEST_CASE("apply_signs and apply_and_digest subtract once, and leave a tie's bits alone",
          "[core][kernels]") {
  Guarded memory(kFloatsMax * 4), sign_memory(kFloatsMax / 8 + 64), tie_memory(kFloatsMax / 8 + 64);
  const float etas[] = {3e-4F, 1e-41F, 0.0F, std::numeric_limits<float>::max()};
  for_each_table_and_count([&](const Kernels& table, std::size_t count, Place where) {
    const auto before = mixed_floats(count, 5 * count);
    const auto signs = random_words(count, count + 1), ties = random_words(count, count + 2);
    const float eta = etas[count % 4];
    for (const bool with_ties : {false, true}) {
      std::vector<float> expected = before;
      for (std::size_t i = 0; i < count; ++i) {
        if (with_ties && bit_at(ties, i)) continue;
        expected[i] = before[i] - (bit_at(signs, i) ? eta : -eta);
      }
      const Word* s = put(sign_memory, signs, where);
      const Word* t = with_ties ? put(tie_memory, ties, where) : nullptr;
      float* x = put(memory, before, where);
      table.apply_signs(x, eta, s, t, count);
      CHECK(same_bits({x, count}, expected));
      x = put(memory, before, where);
      CHECK(table.apply_and_digest(x, eta, s, t, count) ==
            digest(std::span<const float>(expected)));
      CHECK(same_bits({x, count}, expected));
    }
  });
}

TEST_CASE("the digest of every table is the library's at every length and address",
          "[core][kernels]") {
  constexpr std::size_t kBytesMax = 8200;
  Guarded memory(kBytesMax);
  Rng rng(4);
  Bytes bytes(kBytesMax);
  for (auto& b : bytes) b = static_cast<std::byte>(rng.next());
  for (const Kernels& table : all_kernels()) {
    if (!table.available()) continue;
    for (std::size_t size = 0; size <= kBytesMax; size += size < 600 ? 1 : 97) {
      INFO("kernels " << table.name << ", " << size << " bytes");
      auto* at = memory.place<std::byte>(size, Place::End);
      if (size > 0) std::memcpy(at, bytes.data(), size);
      CHECK(table.digest(at, size) == digest(ByteView(bytes).first(size)));
    }
  }
}

}  // namespace signet

#include "core/kernels/kernels.hpp"

#include <iterator>

#include "core/kernels/tables.hpp"
#include "tests/core/kernels/slow_votes.hpp"

namespace signet {

namespace {

using kernels::answers_rightly;

const Kernels& right() {
  return all_kernels().back();
}

void flip(std::byte* plane, std::size_t i) {
  plane[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
}
void flip(Word* plane, std::size_t i) {
  plane[i / 64] ^= Word{1} << (i % 64);
}

// One function each, replaced by one that is right but for one bit, one number or one step.
void (*const kMistakes[])(Kernels&) = {
    [](Kernels& k) {
      k.majority = [](const VoteRows& votes, const Outcome& outcome) {
        right().majority(votes, outcome);
        flip(outcome.majority, votes.dimension - 1);
      };
    },
    [](Kernels& k) {
      k.count_mismatches = [](const VoteRows& votes, const std::byte* majority,
                              const std::byte* ties, std::uint64_t* mismatches) {
        right().count_mismatches(votes, majority, ties, mismatches);
        ++mismatches[votes.voters - 1];
      };
    },
    [](Kernels& k) {
      k.fused = [](const VoteRows& votes, const Outcome& outcome, std::uint64_t* mismatches,
                   const std::size_t* ends, std::size_t layers, std::uint64_t* margins) {
        right().fused(votes, outcome, mismatches, ends, layers, margins);
        ++margins[layers - 1];
      };
    },
    [](Kernels& k) {
      k.count_differences = [](const std::byte* a, const std::byte* b, const std::byte*,
                               const std::byte*, std::size_t dimension) {
        return right().count_differences(a, b, nullptr, nullptr, dimension);
      };
    },
    [](Kernels& k) {
      k.fill = [](const Counters& counters, std::uint64_t value) {
        right().fill(counters, value ^ 1U);
      };
    },
    [](Kernels& k) {
      k.add_votes = [](const Counters& counters, const VoteRows& votes, std::size_t,
                       const std::uint64_t* start) {
        right().add_votes(counters, votes, 0, start);
      };
    },
    [](Kernels& k) { k.add_counters = [](const Counters&, const Counters&) {}; },
    [](Kernels& k) {
      k.add_constant = [](const Counters& counters, std::uint64_t value) {
        right().add_constant(counters, value + 1);
      };
    },
    [](Kernels& k) {
      k.finish = [](const Counters& counters, const VoteRows& votes, std::size_t first,
                    std::uint64_t addend, std::uint64_t total, const Outcome& outcome) {
        right().finish(counters, votes, first, addend, total, outcome);
        flip(outcome.ties, counters.dimension - 1);
      };
    },
    [](Kernels& k) {
      k.foresee = [](const Counters& counters, const VoteRows& votes, const std::uint64_t* start,
                     std::uint64_t addend, std::uint64_t total, const Foreseen& foreseen) {
        right().foresee(counters, votes, start, addend, total, foreseen);
        flip(foreseen.open, counters.dimension - 1);
      };
    },
    [](Kernels& k) {
      k.conclude = [](const Foreseen& foreseen, const std::byte* last, std::size_t dimension,
                      std::uint64_t total, const Outcome& outcome) {
        right().conclude(foreseen, last, dimension, total, outcome);
        *outcome.margin += last == nullptr ? 2 : 0;
      };
    },
    [](Kernels& k) {
      k.margin = [](const Counters& counters, std::uint64_t total, std::size_t first,
                    std::size_t last) { return right().margin(counters, total, first, last - 1); };
    },
    [](Kernels& k) {
      k.histogram = [](const Counters& counters, std::uint64_t offset, std::size_t first,
                       std::size_t last, std::uint64_t* into) {
        right().histogram(counters, offset + 1, first, last, into);
      };
    },
    [](Kernels& k) {
      k.pack_signs = [](const float* x, std::size_t count, Word* positive, Word* zero) {
        const bool any = right().pack_signs(x, count, positive, zero);
        flip(zero, count - 1);
        return any;
      };
    },
    [](Kernels& k) {
      k.pack_momentum = [](float* momentum, const float* gradient, float beta, std::size_t count,
                           Word* positive, Word* zero) {
        return right().pack_momentum(momentum, gradient, 1.0F - beta, count, positive, zero);
      };
    },
    [](Kernels& k) {
      k.pack_error_feedback = [](float* error, const float* gradient, float, std::size_t count,
                                 Word* positive, Word* zero) {
        return right().pack_error_feedback(error, gradient, 0.0F, count, positive, zero);
      };
    },
    [](Kernels& k) {
      k.apply_signs = [](float* x, float eta, const Word* signs, const Word*, std::size_t count) {
        right().apply_signs(x, eta, signs, nullptr, count);
      };
    },
    [](Kernels& k) {
      k.apply_and_digest = [](float* x, float eta, const Word* signs, const Word* ties,
                              std::size_t count) {
        return right().apply_and_digest(x, eta, signs, ties, count - 1);
      };
    },
    [](Kernels& k) {
      k.digest = [](const std::byte* bytes, std::size_t size) {
        return right().digest(bytes, size - 1);
      };
    },
};

// A function that comes to the table must come to the known questions: all members but the name
// and available() are functions with a mistake above.
static_assert(sizeof(Kernels) ==
              sizeof(std::string_view) + (1 + std::size(kMistakes)) * sizeof(void (*)()));

}  // namespace

TEST_CASE("portable kernels come last and are always available", "[core][kernels]") {
  REQUIRE_FALSE(all_kernels().empty());
  CHECK(all_kernels().back().name == "portable");
  CHECK(all_kernels().back().available());
}

TEST_CASE("every available table answers its known questions", "[core][kernels]") {
  test::for_each_table([](const Kernels& table) {
    INFO("kernels " << table.name);
    CHECK(answers_rightly(table));
  });
}

TEST_CASE("a table with any one wrong function is found out by its known questions",
          "[core][kernels]") {
  for (std::size_t i = 0; i < std::size(kMistakes); ++i) {
    INFO("mistake " << i);
    Kernels wrong = right();
    kMistakes[i](wrong);
    CHECK_FALSE(answers_rightly(wrong));
  }
}

}  // namespace signet

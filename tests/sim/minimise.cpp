#include "tests/sim/minimise.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace signet::test {

namespace {

class Minimiser {
 public:
  Minimiser(std::uint64_t runs_max, std::function<bool(const FaultyFleet&)> fails)
      : runs_left_(runs_max), fails_(std::move(fails)) {}

  FaultyFleet run(FaultyFleet drawn) {
    drawn = without_kinds(std::move(drawn));
    drawn = calmed(std::move(drawn));
    return without_faults(std::move(drawn));
  }

 private:
  bool fails(const FaultyFleet& drawn) {
    if (runs_left_ == 0) return false;
    --runs_left_;
    return fails_(drawn);
  }

  FaultyFleet without_kinds(FaultyFleet drawn) {
    for (std::size_t kind = 0; kind + 1 < kFaultKinds; ++kind) {
      FaultyFleet less = drawn;
      if (std::exchange(chance_of(less.faults, static_cast<FaultKind>(kind)), 0) > 0 && fails(less))
        drawn = std::move(less);
    }
    return drawn;
  }

  FaultyFleet calmed(FaultyFleet drawn) {
    for (const std::string& what : calms()) {
      FaultyFleet less = drawn;
      calm(less, what);
      if (fails(less)) drawn = std::move(less);
    }
    return drawn;
  }

  /// In chunks that become smaller.
  FaultyFleet without_faults(FaultyFleet drawn) {
    std::vector<Fault> left = struck_in(drawn);
    for (std::size_t chunk = (left.size() + 1) / 2; chunk > 0 && !left.empty();) {
      bool shorter = false;
      for (std::size_t from = 0; from < left.size() && runs_left_ > 0;) {
        std::vector<Fault> less = left;
        const auto begin = less.begin() + static_cast<std::ptrdiff_t>(from);
        less.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk, left.size() - from)));
        FaultyFleet attempt = drawn;
        attempt.only = std::set<Fault>(less.begin(), less.end());
        if (fails(attempt)) {
          left = std::move(less);
          shorter = true;
        } else {
          from += chunk;
        }
      }
      if (runs_left_ == 0 || (chunk == 1 && !shorter)) break;
      if (!shorter) chunk = (chunk + 1) / 2;
      if (chunk > left.size()) chunk = left.size();
    }
    drawn.only = std::set<Fault>(left.begin(), left.end());
    return drawn;
  }

  static std::vector<Fault> struck_in(const FaultyFleet& drawn) {
    std::vector<Fault> struck = run_faulty_fleet(drawn).faults;
    if (drawn.only) std::erase_if(struck, [&](const Fault& f) { return !drawn.only->contains(f); });
    return struck;
  }

  std::uint64_t runs_left_;
  std::function<bool(const FaultyFleet&)> fails_;
};

}  // namespace

FaultyFleet minimise(FaultyFleet drawn, std::uint64_t runs_max,
                     const std::function<bool(const FaultyFleet&)>& fails) {
  const auto breaks = [](const FaultyFleet& fleet) {
    return !broken_by(fleet, run_faulty_fleet(fleet)).empty();
  };
  return Minimiser(runs_max, fails ? fails : breaks).run(std::move(drawn));
}

}  // namespace signet::test

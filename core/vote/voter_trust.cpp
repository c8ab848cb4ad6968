#include "core/vote/voter_trust.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/base/check.hpp"

namespace signet {

namespace {

constexpr std::size_t kWindowWordsMin = 64;
constexpr double kReliabilityMax = 0.99;
// Weight of the newest round; a plain mean before that many rounds are seen.
constexpr double kNewest = 0.1;
// Below this a voter says nothing about the others.
constexpr double kReliabilityMin = 1e-3;
constexpr std::uint32_t kHereBit = std::uint32_t{1} << 31;  // of the saved number of rounds
constexpr int kFirstSteps = 16;  // of the fixed point that the first round starts from

// The coordinates that a round compares: words [first, first + count).
struct Window {
  std::size_t first = 0, count = 0, bits = 0;
};

Window window_of(RoundId round, std::size_t dimension, std::size_t voters) {
  const std::size_t words = sign_words(dimension);
  const std::size_t pairs = voters * (voters - 1) / 2;
  const std::size_t count =
      std::min(words, std::max(kWindowWordsMin, VoterTrust::kPairBits / pairs / 64));
  const std::size_t windows = (words + count - 1) / count;
  const std::size_t first =
      std::min(static_cast<std::size_t>(round.value % windows) * count, words - count);
  return {first, count, std::min(count * 64, dimension - first * 64)};
}

const std::byte* at(const SignVector& plane, const Window& window) {
  return plane.empty() ? nullptr
                       : reinterpret_cast<const std::byte*>(plane.words().data() + window.first);
}

std::size_t abstentions(const SignVector& a, const SignVector& b, const Window& window) {
  std::size_t count = 0;
  for (std::size_t w = window.first; w < window.first + window.count; ++w)
    count += static_cast<std::size_t>(
        std::popcount((a.empty() ? 0 : a.words()[w]) | (b.empty() ? 0 : b.words()[w])));
  return count;
}

// c_ij in [-1, 1]; 0 where they have no coordinate in common.
double agreement_of(const VoterTrust::Voter& a, const VoterTrust::Voter& b, const Window& window) {
  const std::uint64_t differ = best_kernels().count_differences(
      at(*a.signs, window), at(*b.signs, window), at(*a.abstained, window),
      at(*b.abstained, window), window.bits);
  std::size_t common = window.bits;
  if (!a.abstained->empty() || !b.abstained->empty())
    common -= abstentions(*a.abstained, *b.abstained, window);
  return common == 0 ? 0 : 1 - 2 * static_cast<double>(differ) / static_cast<double>(common);
}

// The value below which half of the weight lies; 0 without weight.
double weighted_median(std::vector<std::pair<double, double>>& values_weights) {
  std::ranges::sort(values_weights);
  double total = 0;
  for (const auto& [value, weight] : values_weights) total += weight;
  double below = 0;
  for (const auto& [value, weight] : values_weights)
    if ((below += weight) >= total / 2 && total > 0) return value;
  return 0;
}

double limited(double reliability) {
  return std::clamp(reliability, -kReliabilityMax, kReliabilityMax);
}

// 1 for a voter that is right more often than wrong, -1 for the opposite. More than half are
// honest: where these add up to less than 0, all have the wrong sign.
int side_of(double reliability) {
  return (reliability > 0 ? 1 : 0) - (reliability < 0 ? 1 : 0);
}

// One step: what the others' reliabilities say about each voter.
std::vector<double> step(const std::vector<double>& agreement, const std::vector<double>& r) {
  const std::size_t n = r.size();
  std::vector<double> next(n);
  std::vector<std::pair<double, double>> terms;
  for (std::size_t i = 0; i < n; ++i) {
    terms.clear();
    for (std::size_t j = 0; j < n; ++j)
      if (j != i && std::abs(r[j]) >= kReliabilityMin)
        terms.emplace_back(agreement[i * n + j] / r[j], std::abs(r[j]));
    next[i] = limited(weighted_median(terms));
  }
  return next;
}

// Reliabilities from one round alone.
std::vector<double> first_guess(const std::vector<double>& agreement, std::size_t n) {
  std::vector<double> sizes;
  std::vector<double> r(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::pair<double, double>> terms;
    for (std::size_t j = 0; j < n; ++j)
      if (j != i) {
        terms.emplace_back(agreement[i * n + j], 1);
        sizes.push_back(std::abs(agreement[i * n + j]));
      }
    r[i] = weighted_median(terms);
  }
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::ranges::nth_element(sizes, middle);
  const double scale = std::max(std::sqrt(*middle), kReliabilityMin);
  for (double& x : r) x = limited(x / scale);
  // c / r overshoots what r falls short of: the mean of both is Newton's step for a square root.
  for (int k = 0; k < kFirstSteps; ++k) {
    const auto next = step(agreement, r);
    for (std::size_t i = 0; i < n; ++i) r[i] = (r[i] + next[i]) / 2;
  }
  int lead = 0;
  for (const double x : r) lead += side_of(x);
  if (lead < 0)
    for (double& x : r) x = -x;
  return r;
}

}  // namespace

void VoterTrust::observe(RoundId round, std::span<const Voter> voters) {
  const std::size_t n = voters.size();
  for (auto& [name, figure] : figures_) figure.here = false;
  if (n < 3) {
    for (const auto& voter : voters)
      if (const auto it = figures_.find(voter.name); it != figures_.end()) it->second.here = true;
    return weigh();
  }
  const std::size_t dimension = voters.front().signs->dimension();
  SIGNET_CHECK(dimension > 0, "voters have signs");
  const Window window = window_of(round, dimension, n);
  std::vector<double> agreement(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    SIGNET_CHECK(voters[i].signs->dimension() == dimension,
                 "votes of one round have one dimension");
    for (std::size_t j = i + 1; j < n; ++j)
      agreement[i * n + j] = agreement[j * n + i] = agreement_of(voters[i], voters[j], window);
  }
  learn(voters, agreement);
  weigh();
}

void VoterTrust::learn(std::span<const Voter> voters, const std::vector<double>& agreement) {
  const std::size_t n = voters.size();
  std::vector<double> r(n);
  std::vector<Figure*> figures(n);
  bool known = false;
  for (std::size_t i = 0; i < n; ++i) {
    figures[i] = &figures_.try_emplace(std::string(voters[i].name)).first->second;
    r[i] = figures[i]->reliability;
    known = known || std::abs(r[i]) >= kReliabilityMin;
  }
  const std::vector<double> seen = known ? step(agreement, r) : first_guess(agreement, n);
  for (std::size_t i = 0; i < n; ++i) {
    figures[i]->rounds = std::min(figures[i]->rounds + 1, kHereBit - 1);
    figures[i]->here = true;
    // The pull towards c / r is halved: see first_guess().
    const double pull = std::max(kNewest, 1.0 / figures[i]->rounds) * (known ? 0.5 : 1.0);
    figures[i]->reliability = limited(r[i] + (seen[i] - r[i]) * pull);
  }
  // All that are known, not those of this round alone: in a round of few most may be liars. Each by
  // how often it has voted: a board that comes under one name after another counts as one.
  std::int64_t lead = 0;
  for (const auto& [name, figure] : figures_)
    lead += side_of(figure.reliability) * std::int64_t{figure.rounds};
  if (lead < 0)
    for (auto& [name, figure] : figures_) figure.reliability = -figure.reliability;
}

void VoterTrust::weigh() {
  const auto log_odds = [](const Figure& f) {
    return f.rounds < kProbation ? 0 : std::log((1 + f.reliability) / (1 - f.reliability));
  };
  double most = 0, ever = 0;
  for (const auto& [name, figure] : figures_) {
    ever = std::max(ever, log_odds(figure));
    if (figure.here) most = std::max(most, log_odds(figure));
  }
  if (most <= 0) most = ever;
  int common = 0;
  for (auto& [name, figure] : figures_) {
    figure.weight = most > 0 ? static_cast<int>(std::lround(
                                   std::clamp(log_odds(figure) / most, -1.0, 1.0) * kWeightMax))
                             : 0;
    common = std::gcd(common, figure.weight);
  }
  all_equal_ = common == 0;
  // Equal weights are 1: fewer planes to count.
  for (auto& [name, figure] : figures_) figure.weight /= std::max(common, 1);
}

double VoterTrust::reliability(std::string_view name) const {
  const auto it = figures_.find(name);
  return it == figures_.end() ? 0 : it->second.reliability;
}

int VoterTrust::weight(std::string_view name) const {
  if (all_equal_) return 1;
  const auto it = figures_.find(name);
  return it == figures_.end() ? 0 : it->second.weight;
}

std::uint32_t VoterTrust::rounds(std::string_view name) const {
  const auto it = figures_.find(name);
  return it == figures_.end() ? 0 : it->second.rounds;
}

void VoterTrust::forget(std::string_view name) {
  const auto it = figures_.find(name);
  if (it == figures_.end()) return;
  figures_.erase(it);
  weigh();
}

void VoterTrust::rename(std::string_view from, const std::string& to) {
  const auto it = figures_.find(from);
  if (it == figures_.end()) return;
  auto node = figures_.extract(it);
  node.key() = to;
  figures_.erase(to);
  figures_.insert(std::move(node));
}

// [bytes of the name u8 | name | reliability f64 | rounds u32, its highest bit set where the voter
// was in the last round] for each voter, in the order of their names, in the byte order of the
// machine: the state file does not travel.
Bytes VoterTrust::state() const {
  Bytes bytes;
  const auto put = [&bytes](const void* from, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), first, first + size);
  };
  for (const auto& [name, figure] : figures_) {
    bytes.push_back(static_cast<std::byte>(name.size()));
    put(name.data(), name.size());
    put(&figure.reliability, sizeof figure.reliability);
    const std::uint32_t rounds = figure.rounds | (figure.here ? kHereBit : 0U);
    put(&rounds, sizeof rounds);
  }
  return bytes;
}

Status VoterTrust::restore(ByteView state) {
  Figures figures;
  while (!state.empty()) {
    const auto length = std::to_integer<std::size_t>(state[0]);
    Figure figure;
    const std::size_t size = 1 + length + sizeof figure.reliability + sizeof figure.rounds;
    if (state.size() < size)
      return Error{ErrorKind::Corrupt, "the saved reliabilities of the voters are cut off"};
    const std::string name(reinterpret_cast<const char*>(state.data()) + 1, length);
    std::memcpy(&figure.reliability, state.data() + 1 + length, sizeof figure.reliability);
    std::memcpy(&figure.rounds, state.data() + 1 + length + sizeof figure.reliability,
                sizeof figure.rounds);
    figure.here = (figure.rounds & kHereBit) != 0;
    figure.rounds &= ~kHereBit;
    if (!(std::abs(figure.reliability) <= kReliabilityMax))
      return Error{ErrorKind::Corrupt, "a saved reliability is not in [-1, 1]"};
    figures[name] = figure;
    state = state.subspan(size);
  }
  figures_ = std::move(figures);
  weigh();
  return {};
}

}  // namespace signet

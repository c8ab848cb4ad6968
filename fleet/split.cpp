#include "fleet/split.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/check.hpp"
#include "core/base/random.hpp"
#include "core/config/text.hpp"
#include "core/data/sampler.hpp"

namespace signet {

namespace {

// Streams of random numbers that must not meet.
constexpr std::uint64_t kSplitShares = 0x73706c6974, kSplitOrder = 0x6f72646572;
constexpr double kAlphaMax = 1e6;
constexpr double kAlphaMin = 1e-6;  // below it the logarithms of shares overflow
constexpr std::size_t kClassesMax = 65536;
constexpr std::size_t kFewestSamples = 10;  // of a Dirichlet shard

using Indices = std::vector<std::size_t>;

Error refuse_split(std::string_view text) {
  return {
      ErrorKind::Malformed,
      "is " + config::quoted(text) +
          "; allowed: equal, dirichlet:ALPHA with ALPHA from 1e-6 to 1e6 (small is unequal, for "
          "example dirichlet:0.1), classes:COUNT with 1 to 65536 classes an agent (for example "
          "classes:1)"};
}

/// All of `text` as a number.
template <typename T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// The numbers below `count` in an order drawn from `seed`.
Indices shuffled(std::size_t count, std::uint64_t seed) {
  if (count == 0) return {};
  return Sampler(seed, kSplitOrder, count, count).draw(RoundId{0});
}

/// Samples of each class, shuffled.
std::vector<Indices> samples_by_class(const Dataset& all, std::uint64_t seed) {
  std::vector<Indices> classes;
  const auto labels = all.labels();
  for (const std::size_t i : shuffled(all.size(), seed)) {
    const auto label = static_cast<std::size_t>(labels[i]);
    if (label >= classes.size()) classes.resize(label + 1);
    classes[label].push_back(i);
  }
  return classes;
}

/// Uniform in (0, 1], so that its logarithm is finite.
double uniform_above_0(Rng& rng) {
  return static_cast<double>((rng.next() >> 11) + 1) * 0x1p-53;
}

/// Logarithm of a Gamma(alpha, 1) variate (Marsaglia and Tsang, "A simple method for generating
/// gamma variables", ACM TOMS 26, 2000). That of alpha < 1 is one of alpha + 1 times u^(1/alpha),
/// which is far below the smallest double for small alpha: hence the logarithm.
double log_gamma_variate(Rng& rng, double alpha) {
  if (alpha < 1) return log_gamma_variate(rng, alpha + 1) + std::log(uniform_above_0(rng)) / alpha;
  const double d = alpha - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = rng.normal(), root = 1.0 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(uniform_above_0(rng)) < 0.5 * x * x + d - d * v + d * std::log(v))
      return std::log(d) + std::log(v);
  }
}

/// One draw from the symmetric Dirichlet distribution: [count] shares that add up to 1.
std::vector<double> dirichlet(Rng& rng, double alpha, std::size_t count) {
  std::vector<double> shares(count);
  for (double& share : shares) share = log_gamma_variate(rng, alpha);
  const double most = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) sum += share = std::exp(share - most);
  for (double& share : shares) share /= sum;
  return shares;
}

/// Cuts `samples` at the running sums of `shares`.
void deal(const Indices& samples, const std::vector<double>& shares, std::vector<Indices>& agents) {
  double sum = 0;
  std::size_t from = 0;
  for (std::size_t agent = 0; agent < agents.size(); ++agent) {
    sum += shares[agent];
    const double cut = std::min(sum, 1.0) * static_cast<double>(samples.size());
    const bool is_last = agent + 1 == agents.size();
    const std::size_t to = is_last ? samples.size() : static_cast<std::size_t>(cut);
    for (; from < to; ++from) agents[agent].push_back(samples[from]);
  }
}

void fill_up(std::vector<Indices>& agents, std::size_t fewest) {
  const auto by_size = [](const Indices& a, const Indices& b) { return a.size() < b.size(); };
  for (Indices& agent : agents)
    while (agent.size() < fewest) {
      Indices& most = *std::max_element(agents.begin(), agents.end(), by_size);
      agent.push_back(most.back());
      most.pop_back();
    }
}

std::vector<Indices> deal_dirichlet(const std::vector<Indices>& classes, double alpha,
                                    std::size_t agents_count, std::uint64_t seed) {
  Rng rng(mix(seed, kSplitShares));
  std::vector<Indices> agents(agents_count);
  std::size_t samples = 0;
  for (const Indices& members : classes) {
    deal(members, dirichlet(rng, alpha, agents_count), agents);
    samples += members.size();
  }
  fill_up(agents, std::min(kFewestSamples, samples / agents_count));
  return agents;
}

Result<std::vector<Indices>> deal_classes(const std::vector<Indices>& classes,
                                          std::size_t per_agent, std::size_t agents_count,
                                          std::uint64_t seed) {
  const std::string said = std::to_string(agents_count) + " agents with " +
                           std::to_string(per_agent) + " of " + std::to_string(classes.size()) +
                           " classes each";
  if (per_agent > classes.size())
    return Error{ErrorKind::Mismatch, said + ": there are not so many classes"};
  // Counted down to avoid a product that could wrap on a 32-bit board.
  if ((classes.size() + per_agent - 1) / per_agent > agents_count)
    return Error{ErrorKind::Mismatch, said +
                                          ": some class would be nobody's; take more agents, or "
                                          "more classes for each"};
  const Indices order = shuffled(classes.size(), mix(seed, kSplitShares));
  std::vector<Indices> owners(classes.size()), agents(agents_count);
  std::size_t next = 0;
  for (std::size_t agent = 0; agent < agents_count; ++agent)
    for (std::size_t i = 0; i < per_agent; ++i, next = (next + 1) % classes.size())
      owners[order[next]].push_back(agent);
  for (std::size_t c = 0; c < classes.size(); ++c)
    for (std::size_t i = 0; i < classes[c].size(); ++i)
      agents[owners[c][i % owners[c].size()]].push_back(classes[c][i]);
  for (const Indices& agent : agents)
    if (agent.empty()) return Error{ErrorKind::Mismatch, said + ": one would have no sample"};
  return agents;
}

}  // namespace

Result<SplitSpec> parse_split(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  SplitSpec spec;
  if (text == "equal") return spec;
  if (colon == std::string_view::npos) return refuse_split(text);
  const std::string_view rest = text.substr(colon + 1);
  if (word == "dirichlet") {
    const auto alpha = number_in<double>(rest);
    if (!alpha || !(*alpha >= kAlphaMin && *alpha <= kAlphaMax)) return refuse_split(text);
    spec.kind = SplitKind::Dirichlet;
    spec.alpha = *alpha;
    return spec;
  }
  const auto count = number_in<std::size_t>(rest);
  if (word != "classes" || !count || *count < 1 || *count > kClassesMax) return refuse_split(text);
  spec.kind = SplitKind::Classes;
  spec.classes_per_agent = *count;
  return spec;
}

std::string to_text(const SplitSpec& spec) {
  switch (spec.kind) {
    case SplitKind::Equal: return "equal";
    case SplitKind::Dirichlet: return "dirichlet:" + config::toml_number(spec.alpha);
    case SplitKind::Classes: return "classes:" + std::to_string(spec.classes_per_agent);
  }
  return "";
}

Result<std::vector<Dataset>> split(const Dataset& all, const SplitSpec& spec, std::size_t agents,
                                   std::uint64_t seed) {
  SIGNET_CHECK(agents > 0, "samples are dealt out to somebody");
  if (all.size() < agents)
    return Error{ErrorKind::Mismatch, std::to_string(all.size()) + " samples for " +
                                          std::to_string(agents) +
                                          " agents; every agent needs one at least"};
  std::vector<Dataset> shards;
  if (spec.kind == SplitKind::Equal) {
    for (std::size_t i = 0; i < agents; ++i) shards.push_back(all.shard(i, agents));
    return shards;
  }
  if (all.labels().empty())
    return Error{ErrorKind::Mismatch, "split " + to_text(spec) +
                                          " is by class, and these samples have no labels; use "
                                          "equal"};
  const auto classes = samples_by_class(all, seed);
  auto dealt = spec.kind == SplitKind::Dirichlet
                   ? deal_dirichlet(classes, spec.alpha, agents, seed)
                   : deal_classes(classes, spec.classes_per_agent, agents, seed);
  if (!dealt) return dealt.error();
  for (Indices& indices : *dealt) {
    std::ranges::sort(indices);
    shards.push_back(all.pick(indices));
  }
  return shards;
}

}  // namespace signet

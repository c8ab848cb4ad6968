#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/check.hpp"
#include "core/data/dataset.hpp"

namespace signet {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// Mean and variance of `count` > 0 bytes from exact integer sums. Centring on the nearest integer
/// keeps the subtraction from losing digits; unsigned wrap-around cancels, because the result fits.
void finish_bytes(std::uint64_t count, std::uint64_t sum, std::uint64_t squares, double& mean,
                  double& variance) {
  const auto n = static_cast<double>(count);
  const std::uint64_t centre = (sum + count / 2) / count;
  const std::uint64_t spread = squares + centre * (centre * count - 2 * sum);
  const auto rest = static_cast<double>(static_cast<std::int64_t>(sum - centre * count)) / n;
  mean = static_cast<double>(centre) + rest;
  variance = std::max(0.0, static_cast<double>(spread) / n - rest * rest);
}

// Both overloads fill the entries that have values; the others keep the NaN they come with.
void summarise_values(const std::vector<std::uint8_t>& raw, std::size_t features_count,
                      DataSummary& summary) {
  // Always by feature: the sums of all together are the sums of these.
  std::vector<std::uint64_t> sum(features_count), squares(features_count);
  for (std::size_t row = 0; row < raw.size(); row += features_count)
    for (std::size_t f = 0; f < features_count; ++f) {
      const std::uint64_t value = raw[row + f];
      sum[f] += value;
      squares[f] += value * value;
    }
  const bool together = summary.mean.size() == 1;
  for (std::size_t f = 1; together && f < features_count; ++f) {
    sum[0] += sum[f];
    squares[0] += squares[f];
  }
  const std::uint64_t count = together ? raw.size() : summary.samples;
  for (std::size_t e = 0; e < summary.mean.size(); ++e)
    finish_bytes(count, sum[e], squares[e], summary.mean[e], summary.variance[e]);
}

/// Calls visit(entry, value) for every value that is not missing.
template <typename Visit>
void for_each_value(const std::vector<float>& raw, std::size_t features_count, std::size_t entries,
                    const Visit& visit) {
  const std::size_t stride = entries == 1 ? 0 : 1;
  for (std::size_t row = 0; row < raw.size(); row += features_count)
    for (std::size_t f = 0; f < features_count; ++f)
      if (!std::isnan(raw[row + f])) visit(f * stride, static_cast<double>(raw[row + f]));
}

void summarise_values(const std::vector<float>& raw, std::size_t features_count,
                      DataSummary& summary) {
  const std::size_t entries = summary.mean.size();
  std::vector<double> count(entries), sum(entries), squares(entries), drift(entries);
  for_each_value(raw, features_count, entries, [&](std::size_t entry, double value) {
    count[entry] += 1;
    sum[entry] += value;
  });
  for (std::size_t e = 0; e < entries; ++e)
    if (count[e] > 0) summary.mean[e] = sum[e] / count[e];
  for_each_value(raw, features_count, entries, [&](std::size_t entry, double value) {
    const double away = value - summary.mean[entry];
    squares[entry] += away * away;
    drift[entry] += away;
  });
  // The drift would be 0 without rounding; its square takes out what rounding put into the sum.
  for (std::size_t e = 0; e < entries; ++e)
    if (count[e] > 0)
      summary.variance[e] = std::max(0.0, (squares[e] - drift[e] * drift[e] / count[e]) / count[e]);
}

std::optional<Error> check_parts(std::span<const DataSummary> parts) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const DataSummary& part = parts[i];
    const std::string name = "data summary " + std::to_string(i);
    if (part.variance.size() != part.mean.size())
      return Error{ErrorKind::Mismatch, name + " has " + std::to_string(part.mean.size()) +
                                            " means and " + std::to_string(part.variance.size()) +
                                            " variances; both must be as many"};
    if (part.mean.size() != parts[0].mean.size())
      return Error{ErrorKind::Mismatch, name + " has " + std::to_string(part.mean.size()) +
                                            " entries, summary 0 has " +
                                            std::to_string(parts[0].mean.size()) +
                                            "; all agents must use data of the same shape"};
    if (part.samples > std::numeric_limits<std::uint64_t>::max() - total)
      return Error{ErrorKind::Mismatch, name + " claims " + std::to_string(part.samples) +
                                            " samples; together that is more than 2^64"};
    total += part.samples;
  }
  if (total == 0)
    return Error{ErrorKind::Mismatch,
                 "none of " + std::to_string(parts.size()) +
                     " data summaries has any samples; give at least one agent data"};
  return std::nullopt;
}

/// Running union of one entry over the parts.
struct Union {
  double count = 0, mean = 0, squares = 0;

  void add(double more, double more_mean, double more_variance) {
    const double total = count + more;
    const double delta = more_mean - mean;
    mean += delta * (more / total);
    squares += more_variance * more + delta * delta * (count * (more / total));
    count = total;
  }
};

}  // namespace

DataSummary Dataset::summarise(std::size_t entries) const {
  SIGNET_CHECK(entries == 0 || entries == 1 || entries == features_count_,
               "a summary is of nothing, of all features together or of each");
  DataSummary summary;
  summary.samples = size_;
  summary.mean.assign(entries, kNoValue);
  summary.variance.assign(entries, kNoValue);
  if (entries > 0 && size_ > 0)
    std::visit([&](const auto& raw) { summarise_values(raw, features_count_, summary); },
               features_);
  return summary;
}

Result<DataSummary> pool(std::span<const DataSummary> parts) {
  if (auto error = check_parts(parts)) return *std::move(error);
  DataSummary pooled;
  for (const DataSummary& part : parts) pooled.samples += part.samples;
  for (std::size_t e = 0; e < parts[0].mean.size(); ++e) {
    Union all;
    for (const DataSummary& part : parts)
      if (part.samples > 0 && std::isfinite(part.mean[e]) && std::isfinite(part.variance[e]))
        all.add(static_cast<double>(part.samples), part.mean[e], part.variance[e]);
    pooled.mean.push_back(all.count > 0 ? all.mean : kNoValue);
    pooled.variance.push_back(all.count > 0 ? all.squares / all.count : kNoValue);
  }
  return pooled;
}

Normalisation normalisation_from(const DataSummary& pooled) {
  SIGNET_CHECK(pooled.mean.size() == pooled.variance.size(), "a variance for every mean");
  constexpr double largest = std::numeric_limits<float>::max();
  constexpr double smallest = std::numeric_limits<float>::min();  // its reciprocal is finite
  Normalisation result;
  for (std::size_t e = 0; e < pooled.mean.size(); ++e) {
    // Comparisons are written so that NaN takes the neutral value.
    const double mean = pooled.mean[e], deviation = std::sqrt(pooled.variance[e]);
    const bool usable = deviation >= smallest && deviation <= largest;
    result.mean.push_back(std::abs(mean) <= largest ? static_cast<float>(mean) : 0.0F);
    result.deviation.push_back(usable ? static_cast<float>(deviation) : 1.0F);
  }
  return result;
}

}  // namespace signet

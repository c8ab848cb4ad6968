#include "fleet/baselines/baseline.hpp"

#include <cmath>
#include <numbers>

#include "core/config/nearest.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace {

constexpr std::size_t kLocalStepsMax = 100'000;

bool is_local(Method method) {
  return method == Method::FedAvg || method == Method::FedProx || method == Method::Scaffold;
}

bool has_momentum(Method method) {
  return method == Method::Sgd || method == Method::SignSgd || method == Method::FedAvg ||
         method == Method::FedProx;
}

/// Index of `text` in `words`.
Result<std::size_t> word_in(std::string_view text, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == text) return i;
  const auto meant = config::nearest_word(text, words);
  return Error{ErrorKind::Malformed, "is " + config::quoted(text) +
                                         "; allowed: " + config::join(words) +
                                         (meant ? "; did you mean " + *meant + "?" : "")};
}

Error wrong(const BaselineSpec& spec, const std::string& what) {
  return {ErrorKind::Mismatch, "method " + to_text(spec.method) + ": " + what};
}

}  // namespace

BaselineSpec usual_spec(Method method) {
  BaselineSpec spec;
  spec.method = method;
  if (method == Method::Adam || method == Method::SignSgd) spec.rate = 1e-3;
  if (is_local(method)) {
    spec.rate = 0.05;
    spec.local_steps = 10;
  }
  if (method == Method::FedProx) spec.mu = 0.01;
  return spec;
}

const std::vector<std::string>& method_names() {
  static const std::vector<std::string> names{"sgd",     "adam",     "signsgd",    "fedavg",
                                              "fedprox", "scaffold", "centralised"};
  return names;
}

std::string to_text(Method method) {
  return method_names()[static_cast<std::size_t>(method)];
}

Result<Method> parse_method(std::string_view text) {
  const auto index = word_in(text, method_names());
  if (!index) return index.error();
  return static_cast<Method>(*index);
}

Result<Schedule> parse_schedule(std::string_view text) {
  const auto index = word_in(text, {"constant", "cosine", "inverse_sqrt"});
  if (!index) return index.error();
  return static_cast<Schedule>(*index);
}

Status check(const BaselineSpec& spec) {
  if (!std::isfinite(spec.rate) || spec.rate <= 0) return wrong(spec, "the rate must be above 0");
  if (spec.method == Method::Centralised && spec.schedule != Schedule::Constant)
    return wrong(spec, "the job's controller says the rate; a schedule has no part in it");
  if (!(spec.momentum >= 0 && spec.momentum < 1))
    return wrong(spec, "momentum must be 0 to below 1");
  if (spec.momentum > 0 && !has_momentum(spec.method))
    return wrong(spec, "there is no momentum to set; sgd, signsgd, fedavg and fedprox have one");
  if (spec.local_steps < 1 || spec.local_steps > kLocalStepsMax)
    return wrong(spec, "local steps must be 1 to " + std::to_string(kLocalStepsMax));
  if (spec.local_steps > 1 && !is_local(spec.method))
    return wrong(spec, "there are no local steps; fedavg, fedprox and scaffold have some");
  if (!std::isfinite(spec.mu) || spec.mu < 0) return wrong(spec, "mu must not be negative");
  if (spec.mu > 0 && spec.method != Method::FedProx) return wrong(spec, "only fedprox has a mu");
  for (const std::size_t batch : spec.batches)
    if (batch == 0) return wrong(spec, "a batch has one sample at least");
  return {};
}

double scheduled_rate(const BaselineSpec& spec, std::uint64_t round, std::uint64_t rounds) {
  const auto k = static_cast<double>(round), total = static_cast<double>(rounds);
  switch (spec.schedule) {
    case Schedule::Constant: return spec.rate;
    case Schedule::Cosine: return spec.rate * (1 + std::cos(std::numbers::pi * k / total)) / 2;
    case Schedule::InverseSqrt: return spec.rate / std::sqrt(total);
  }
  return spec.rate;
}

}  // namespace signet

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/job/job.hpp"
#include "fleet/trace.hpp"

namespace signet {

/// What sign voting is compared with. M agents; w_j: agent j's share of all samples, the weight of
/// McMahan et al. 2017 (arXiv:1602.05629), equation (1); g_j: the mean gradient of its batch.
enum class Method {
  Sgd,      ///< x -= eta v, v = momentum v + sum_j w_j g_j (Polyak's heavy ball)
  Adam,     ///< Kingma and Ba (arXiv:1412.6980), Algorithm 1, on sum_j w_j g_j: .9, .999, 1e-8
  SignSgd,  ///< x -= eta sign(v), v as for Sgd, sign(0) = 0 (Bernstein et al., arXiv:1802.04434)
  /// Every agent takes local_steps of SGD, then x -= v, v = momentum v + sum_j w_j (x - x_j):
  /// McMahan et al., Algorithm 1 with all agents; with momentum Hsu, Qi and Brown
  /// (arXiv:1909.06335).
  FedAvg,
  FedProx,   ///< FedAvg with mu (y - x) added to each local gradient (arXiv:1812.06127)
  Scaffold,  ///< FedAvg with control variates, option II (arXiv:1910.06378, Algorithm 1)
  /// Algorithm 2 of Yang et al. 2020: one process, each sample of a round is a voter. The rate is
  /// that of the job's controller, told equation (1)'s sum over these voters.
  Centralised,
};

/// eta_k from eta, for round k of K.
enum class Schedule {
  Constant,
  Cosine,       ///< eta (1 + cos(pi k / K)) / 2
  InverseSqrt,  ///< eta / sqrt(K), one rate for the whole run, as the job's inverse_sqrt
};

/// One comparison. What a method has no use for must stay as it is here: check() says so.
struct BaselineSpec {
  Method method = Method::Sgd;
  double rate = 0.1;  ///< eta; of the local steps where there are some
  Schedule schedule = Schedule::Constant;
  double momentum = 0;          ///< in [0, 1); Sgd, SignSgd, FedAvg and FedProx
  std::size_t local_steps = 1;  ///< batches an agent and round; FedAvg, FedProx and Scaffold
  double mu = 0;                ///< FedProx
  /// Samples a batch of each agent, [agents]; empty: training.batch of the job for all.
  std::vector<std::size_t> batches;
};

/// `method` with the settings it is usually run with.
BaselineSpec usual_spec(Method method);

/// "sgd", "adam", "signsgd", "fedavg", "fedprox", "scaffold", "centralised", in this order.
const std::vector<std::string>& method_names();
std::string to_text(Method method);
/// Both fail with Malformed: what was given and all that is allowed, to stand behind an option's
/// name.
Result<Method> parse_method(std::string_view text);
Result<Schedule> parse_schedule(std::string_view text);  ///< "constant", "cosine", "inverse_sqrt"

/// Fails with Mismatch where a setting is out of bounds, or not one of the method.
Status check(const BaselineSpec& spec);

/// eta_k.
double scheduled_rate(const BaselineSpec& spec, std::uint64_t round, std::uint64_t rounds);

/// Trains by `spec` from the job's x_0, with the samples, their order, the normalisation and the
/// judgement of a fleet of signet agents named agent-0, agent-1 ...; job.training.momentum, job.tie
/// and job.rate have no part in it, but for Centralised, which takes the last two. Stops after
/// job.stop.rounds, or at the first loss or parameter that is not finite; other reasons to stop are
/// left out.
///
/// Bytes:   4 d each way, agent and round; Scaffold 8 d; Centralised none.
/// Threads: bits do not depend on their number.
/// Memory:  5 to 8 times 4 d bytes for each thread, beside the data; Scaffold 4 d for each agent,
///          Centralised d / 4 for each sample of a round.
/// Errors:  as check(); Mismatch when data and model do not fit (Learner::create), or spec.batches
///          has another number than there are shards.
/// `progress` hears of each round when it is over; it may be empty.
Result<Trace> train_baseline(const Job& job, std::vector<Dataset> shards,
                             std::optional<Dataset> test, const BaselineSpec& spec,
                             std::size_t threads,
                             const std::function<void(const TraceRow&)>& progress);

}  // namespace signet

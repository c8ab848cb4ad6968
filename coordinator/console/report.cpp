#include "coordinator/console/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/console/json_value.hpp"
#include "coordinator/console/progress.hpp"
#include "core/base/digest.hpp"

namespace signet {

namespace {

std::optional<double> mean_of(std::uint64_t sum, const RunSummary& summary) {
  const std::size_t told = summary.confirmed + summary.different;
  if (told == 0) return std::nullopt;
  return static_cast<double>(sum) / static_cast<double>(told);
}

/// What agents tell at the end of a run.
const char* why_not_told(const RunSummary& summary) {
  return summary.stopped ? "not known: agents are asked at the end of the run"
                         : "not told by any agent";
}

std::string replicas_equal_text(const FinalReport& r) {
  const RunSummary& s = r.summary;
  if (r.replicas_equal()) return "yes";
  if (s.stopped && s.confirmed + s.different == 0) return why_not_told(s);
  return fmt::format("{} ({} of {} agents confirmed the digest, {} differ)",
                     s.different > 0 ? "NO" : "not shown", s.confirmed, s.agents, s.different);
}

std::string against_float32(const RunSummary& summary, const std::optional<double>& bytes,
                            double float32) {
  if (!bytes) return why_not_told(summary);
  const double one_way = float32 / 2;
  if (*bytes <= 0 || one_way <= 0) return human_bytes(*bytes);
  return fmt::format("{}  (float32: {}, {:.1f} times as much)", human_bytes(*bytes),
                     human_bytes(one_way), one_way / *bytes);
}

}  // namespace

std::optional<double> FinalReport::bytes_up_per_agent() const {
  return mean_of(summary.bytes_sent_sum, summary);
}

std::optional<double> FinalReport::bytes_down_per_agent() const {
  return mean_of(summary.bytes_received_sum, summary);
}

std::string report_table(const FinalReport& r) {
  const RunSummary& s = r.summary;
  return table_row("ended", s.why) +
         table_row("test accuracy", r.test_accuracy
                                        ? fmt::format("{:.2f} %", 100 * *r.test_accuracy)
                                        : std::string("no test data")) +
         table_row("rounds", fmt::format("{} in {}  ({:.1f} a second)", r.rounds,
                                         human_time(s.elapsed_s), r.rounds_per_second())) +
         table_row("each agent sent",
                   against_float32(s, r.bytes_up_per_agent(), r.float32_bytes_per_agent())) +
         table_row("each agent received",
                   against_float32(s, r.bytes_down_per_agent(), r.float32_bytes_per_agent())) +
         table_row("all replicas equal", replicas_equal_text(r)) +
         table_row("digest", to_hex(s.digest)) +
         table_row("trained model", r.model_path.empty() ? "not written" : r.model_path);
}

std::string report_json(const FinalReport& r) {
  const nlohmann::ordered_json json{
      {"test_accuracy", or_null(r.test_accuracy)},
      {"test_loss", or_null(r.test_loss)},
      {"rounds", r.rounds},
      {"seconds", r.summary.elapsed_s},
      {"rounds_per_second", r.rounds_per_second()},
      {"bytes_up_per_agent", or_null(r.bytes_up_per_agent())},
      {"bytes_down_per_agent", or_null(r.bytes_down_per_agent())},
      {"float32_bytes_per_agent", r.float32_bytes_per_agent()},
      {"replicas_equal", r.replicas_equal()},
      {"agents", r.summary.agents},
      {"memory_peak_bytes", r.memory_peak_bytes},
      {"closing_seconds", or_null(r.closing_seconds)},
      {"dimension", r.dimension},
      {"digest", to_hex(r.summary.digest)},
      {"seed", r.seed},
      {"ended", r.summary.why},
      {"model", r.model_path},
  };
  // Names of files need not be UTF-8.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace signet

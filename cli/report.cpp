#include "cli/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/console/json_value.hpp"
#include "coordinator/console/progress.hpp"
#include "core/base/digest.hpp"

namespace signet {

namespace {

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f} %", 100 * *share) : std::string("no test data");
}

nlohmann::ordered_json json_row(const TraceRow& row) {
  return {{"round", row.round},
          {"rate", row.rate},
          {"train_loss", row.train_loss},
          {"margin", row.margin},
          {"test_accuracy", or_null(row.test_accuracy)},
          {"test_loss", or_null(row.test_loss)}};
}

}  // namespace

std::string simulate_table(const SimulateReport& r) {
  const Trace& t = r.trace;
  return table_row("method",
                   fmt::format("{}, {} agents, {} parameters", r.method, r.agents, r.dimension)) +
         table_row("test accuracy", percent(t.test_accuracy)) +
         table_row("train loss",
                   fmt::format("{:.4f}{}", t.train_loss, t.diverged ? "  (DIVERGED)" : "")) +
         table_row("rounds", fmt::format("{} in {}  ({:.1f} a second)", t.rounds,
                                         human_time(r.seconds), r.rounds_per_second())) +
         table_row("samples", std::to_string(t.samples)) +
         table_row("each agent sent", human_bytes(static_cast<double>(t.bytes_up_per_agent))) +
         table_row("each agent received",
                   human_bytes(static_cast<double>(t.bytes_down_per_agent))) +
         table_row("memory at most", human_bytes(static_cast<double>(r.memory_peak_bytes))) +
         table_row("digest", to_hex(t.digest));
}

std::string simulate_json(const SimulateReport& r, bool rows) {
  const Trace& t = r.trace;
  nlohmann::ordered_json json{
      {"test_accuracy", or_null(t.test_accuracy)},
      {"test_loss", or_null(t.test_loss)},
      {"train_loss", t.train_loss},
      {"diverged", t.diverged},
      {"digest", to_hex(t.digest)},
      {"bytes_up_per_agent", t.bytes_up_per_agent},
      {"bytes_down_per_agent", t.bytes_down_per_agent},
      {"samples", t.samples},
      {"rounds", t.rounds},
      {"dimension", r.dimension},
      {"agents", r.agents},
      {"method", r.method},
      {"seconds", r.seconds},
      {"rounds_per_second", r.rounds_per_second()},
      {"memory_peak_bytes", r.memory_peak_bytes},
      {"memory_per_agent_bytes", or_null(r.memory_per_agent_bytes)},
  };
  if (rows) {
    json["rows"] = nlohmann::ordered_json::array();
    for (const TraceRow& row : t.rows) json["rows"].push_back(json_row(row));
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace signet

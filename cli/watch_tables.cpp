#include "cli/watch_tables.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "coordinator/console/progress.hpp"
#include "core/vote/data_likeness.hpp"

namespace signet {

namespace {

std::string shown(const char* format, const std::optional<double>& value, double scale = 1) {
  return value ? fmt::format(fmt::runtime(format), scale * *value) : std::string("-");
}

std::string shown_votes(const StatusAnswer& s) {
  std::string text = fmt::format("votes {}, quorum {}", s.votes, s.quorum);
  if (s.answers > s.votes) text += fmt::format(", abstentions {}", s.answers - s.votes);
  if (s.deadline_s) text += fmt::format(", deadline in {:.1f} s", *s.deadline_s);
  return text;
}

std::string shown_ratio(const std::optional<double>& ratio) {
  if (!ratio) return "-";
  return fmt::format("{:.1f}: the agents' data seem {}", *ratio,
                     *ratio < DataLikeness::kUnequal ? "alike" : "to differ in kind");
}

std::string shown_state(const StatusAnswer& s) {
  if (!s.ended.empty()) return s.state + ": " + s.ended;
  return s.state == "waiting" ? "waiting for agents" : s.state;
}

std::string shown_refusals(const std::map<std::string, std::uint64_t>& refused) {
  std::string text;
  for (const auto& [reason, count] : refused)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  return text.empty() ? "-" : text;
}

using Row = std::vector<std::string>;

Row row_of(const AgentAnswer& a) {
  return {a.name,
          // An agent that is enrolled, or needs no key, is told of by what it does.
          a.key == "revoked" ? a.key : a.state, shown("{:.1f} s", a.heard_s),
          std::to_string(a.samples), std::to_string(a.votes), std::to_string(a.abstentions),
          std::to_string(a.late), std::to_string(a.resyncs), shown("{:.3f} s", a.response_s),
          shown("{:.0f} %", a.mismatch, 100), std::to_string(a.weight), shown_refusals(a.refused),
          a.remark};
}

std::string laid_out(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::string status_table(const StatusAnswer& s) {
  std::string text = table_row("job", s.job) + table_row("run", s.run) +
                     table_row("state", shown_state(s)) +
                     table_row("round", fmt::format("{} of {} done", s.round, s.rounds));
  if (!s.waiting.empty()) text += table_row("why it waits", s.waiting);
  text += table_row("agents", fmt::format("{} live, {} ready, {} known, {} wanted", s.agents_live,
                                          s.agents_ready, s.agents_known, s.agents_wanted));
  if (s.state == "collecting") text += table_row("open round", shown_votes(s));
  return text + table_row("rate", shown("{:.2e}", s.rate)) +
         table_row("train loss", shown("{:.4f}", s.train_loss)) +
         table_row("test accuracy", shown("{:.2f} %", s.test_accuracy, 100)) +
         table_row("loss ratio", shown_ratio(s.loss_ratio)) +
         table_row("bytes",
                   fmt::format("up {}, down {}", human_bytes(static_cast<double>(s.bytes_up)),
                               human_bytes(static_cast<double>(s.bytes_down)))) +
         (s.refused.empty() ? "" : table_row("messages refused", shown_refusals(s.refused))) +
         table_row("training time", human_time(s.training_s)) +
         table_row("coordinator up for", human_time(s.uptime_s));
}

std::string agents_table(std::span<const AgentAnswer> agents) {
  std::vector<Row> rows{{"AGENT", "STATE", "HEARD", "SAMPLES", "VOTES", "ABSTAINED", "LATE",
                         "RESYNCS", "RESPONSE", "MISMATCH", "WEIGHT", "REFUSED", "REMARK"}};
  for (const AgentAnswer& agent : agents) rows.push_back(row_of(agent));
  return laid_out(rows);
}

}  // namespace signet

#pragma once

#include "coordinator/control/answers.hpp"

namespace signet {

// Every field of an answer with its key, once for writing and reading: `visit(key, field)`.
// `Answer` is the struct or its const.

template <typename Answer, typename Visit>
void each_status_field(Answer& a, Visit&& visit) {
  visit("job", a.job);
  visit("run", a.run);
  visit("state", a.state);
  visit("waiting", a.waiting);
  visit("round", a.round);
  visit("rounds", a.rounds);
  visit("agents_wanted", a.agents_wanted);
  visit("agents_known", a.agents_known);
  visit("agents_live", a.agents_live);
  visit("agents_ready", a.agents_ready);
  visit("quorum", a.quorum);
  visit("votes", a.votes);
  visit("answers", a.answers);
  visit("awaited_count", a.awaited_count);
  visit("awaited", a.awaited);
  visit("deadline_s", a.deadline_s);
  visit("rate", a.rate);
  visit("train_loss", a.train_loss);
  visit("test_accuracy", a.test_accuracy);
  visit("loss_ratio", a.loss_ratio);
  visit("refused", a.refused);
  visit("bytes_up", a.bytes_up);
  visit("bytes_down", a.bytes_down);
  visit("training_s", a.training_s);
  visit("uptime_s", a.uptime_s);
  visit("ended", a.ended);
}

template <typename Answer, typename Visit>
void each_agent_field(Answer& a, Visit&& visit) {
  visit("name", a.name);
  visit("key", a.key);
  visit("state", a.state);
  visit("heard_s", a.heard_s);
  visit("samples", a.samples);
  visit("votes", a.votes);
  visit("abstentions", a.abstentions);
  visit("last_abstention", a.last_abstention);
  visit("late", a.late);
  visit("refused", a.refused);
  visit("resyncs", a.resyncs);
  visit("response_s", a.response_s);
  visit("mismatch", a.mismatch);
  visit("wrong_signs", a.wrong_signs);
  visit("weight", a.weight);
  visit("remark", a.remark);
}

template <typename Answer, typename Visit>
void each_token_field(Answer& a, Visit&& visit) {
  visit("number", a.number);
  visit("name", a.name);
}

}  // namespace signet

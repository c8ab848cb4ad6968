#include "agent/session/agent_session.hpp"

#include <algorithm>
#include <utility>

#include "core/base/short_number.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

constexpr Duration kAskFirst = std::chrono::milliseconds(500);
// A chunk may be under way for long, and each question again is one more on a slow link.
constexpr Duration kAskChunk = std::chrono::seconds(4);
constexpr Duration kAskLongest = std::chrono::seconds(10);

}  // namespace

AgentSession::AgentSession(Identity identity, Instant now)
    : identity_(std::move(identity)),
      name_(identity_.name),
      rng_(mix(identity_.jitter_seed, hash_text(identity_.name))),
      next_hello_(now),
      last_heard_(now),
      hello_wait_(kHelloFirst) {}

void AgentSession::step(Instant now, const AgentEvent& event, AgentActions& actions) {
  if (ended_) return;
  out_ = &actions;
  std::visit([this, now](const auto& e) { on(now, e); }, event);
  out_ = nullptr;
}

Instant AgentSession::deadline() const {
  if (ended_) return kNever;
  if (phase_ == Phase::Joining) return next_hello_;
  Instant next = std::min({next_heartbeat_, last_heard_ + job_->round.silence, rest_until_});
  if (catching_up_) next = std::min(next, ask_again_);
  return next;
}

// --- events ---------------------------------------------------------------------------------

void AgentSession::on(Instant now, const Arrived& event) {
  // What is broadcast comes over a connection of its own: it does not show that our votes arrive.
  if (!event.broadcast) last_heard_ = now;
  std::visit([this, now](const auto& message) { on_message(now, message); }, event.message);
}

void AgentSession::on(Instant now, const Trained& event) {
  training_ = vote_is_pause_ = false;
  rest_after_gradient(now);
  const Contribution& c = *event.contribution;
  SIGNET_CHECK(replica_ && c.round == replica_->next_round(), "the replica waits for its training");
  Vote vote;
  vote.run = run_;
  vote.round = c.round;
  vote.digest = replica_->digest();
  vote.samples = static_cast<std::uint32_t>(c.samples);
  if (c.finite) {
    last_loss_ = c.loss;
    vote.local = static_cast<float>(c.local);
    vote.cross = static_cast<float>(c.cross);
    vote.loss = static_cast<float>(c.loss);
    if (c.curvature) vote.curvature = static_cast<float>(*c.curvature);
    vote.signs = c.signs.signs.bytes();
    if (!c.signs.abstained.empty()) vote.abstained = c.signs.abstained.bytes();
  } else {
    vote.abstention = Abstention::NotFinite;
    vote.reason = c.reason;
    remark(Severity::Warning,
           "abstains from round " + std::to_string(c.round.value) + ": " + c.reason);
  }
  vote_frames_ = std::make_shared<const std::vector<Bytes>>(encode(vote));
  voted_round_ = c.round;
  // Updates that came meanwhile: if this round's is among them, the vote is late and not sent.
  vote_sent_ = Instant{};
  advance(now);
}

void AgentSession::on(Instant now, const Tick& /*event*/) {
  if (phase_ == Phase::Joining) {
    if (now >= next_hello_) say_hello(now);
    return;
  }
  if (now - last_heard_ >= job_->round.silence) return rejoin_after_silence(now);
  if (now >= next_heartbeat_) {
    const Activity activity = loading_ == Loading::UnderWay ? Activity::Loading
                              : catching_up_                ? Activity::CatchingUp
                              : training_                   ? Activity::Training
                                                            : Activity::Idle;
    send(Heartbeat{run_, replica_ ? replica_->next_round() : RoundId{}, activity, false});
    next_heartbeat_ = now + jittered(job_->round.heartbeat);
  }
  if (catching_up_ && now >= ask_again_) request_catch_up(now, true);
  if (now >= rest_until_) {
    rest_until_ = kNever;
    reconsider(now);
  }
}

void AgentSession::on(Instant /*now*/, const StopAsked& /*event*/) {
  if (phase_ == Phase::Joined)
    send(Goodbye{run_, Farewell::Stopped, "the agent was stopped",
                 replica_ ? replica_->next_round() : RoundId{}, replica_ ? replica_->digest() : 0,
                 sent_, received_});
  end(Ending::Stopped, "stopped");
}

// --- rounds ---------------------------------------------------------------------------------

void AgentSession::on_message(Instant now, const Update& update) {
  if (!begun_ || update.run != run_ || !replica_) return;
  open_round_ = std::max(open_round_, update.round.next());
  if (update.round < replica_->next_round() && !replica_bad_) return;
  if (auto kept = pending_.keep(update, replica_->dimension()); !kept)
    return remark(Severity::Warning, "unusable update: " + kept.error().message);
  advance(now);
}

void AgentSession::advance(Instant now) {
  if (!begun_ || training_ || ended_ || !replica_) return;
  apply_pending(now);
  if (replica_bad_ || replica_->next_round() != open_round_) {
    // Further than the coordinator (it lost rounds to a power cut): only a snapshot helps.
    if (replica_->next_round() > open_round_) {
      replica_bad_ = true;
      pending_.clear();
    }
    const bool progressed = catching_up_ && !assembly_ && !replica_bad_ &&
                            replica_->next_round().value >= asked_from_.value + kCatchUpBatch;
    if (!catching_up_ || progressed) request_catch_up(now, true);
    return;
  }
  if (catching_up_) {
    catching_up_ = false;
    assembly_.reset();
  }
  if (final_) return end_when_final(now);
  train_or_vote(now);
}

void AgentSession::apply_pending(Instant /*now*/) {
  if (assembly_ && assembly_->complete()) {
    auto replica = assembly_->finish();
    assembly_.reset();
    catching_up_ = false;
    if (!replica) {
      remark(Severity::Warning, replica.error().message);
    } else if (!replica_bad_ && replica->next_round() == replica_->next_round() &&
               replica->digest() == replica_->digest()) {
      // We asked for more and there is none: what we took for the open round was of before a
      // restart that lost rounds. Unless the run is over: then it is an answer that came late.
      open_round_ = final_ ? final_->round : replica_->next_round();
    } else if (replica_bad_ || replica->next_round() > replica_->next_round() ||
               asked_from_ == replica_->next_round()) {
      // Not newer than ours, although it answers what we asked: ours is of another history.
      replica_ = std::move(*replica);
      replica_bad_ = false;
      voted_round_.reset();  // that vote was made at other parameters
      open_round_ = std::max(open_round_, replica_->next_round());
      remark(Severity::Info,
             "caught up by snapshot at round " + std::to_string(replica_->next_round().value));
    }
  }
  if (replica_bad_) return;
  pending_.drop_before(replica_->next_round());
  while (auto update = pending_.take(replica_->next_round())) {
    if (replica_->digest() == update->digest) {
      replica_->apply(update->rate, update->signs, update->ties);
      continue;
    }
    replica_bad_ = true;
    ++resyncs_;
    remark(Severity::Warning, "this replica differs at round " +
                                  std::to_string(replica_->next_round().value) +
                                  "; taking a snapshot");
    return;
  }
}

void AgentSession::train_or_vote(Instant now) {
  const RoundId round = replica_->next_round();
  if (voted_round_ && *voted_round_ == round) {
    if (vote_sent_ == Instant{}) send_vote(now);
    return;
  }
  voted_round_.reset();
  if (rests(now)) return abstain_for_now(now, round);
  // Not earlier: the learner must not be told while it computes a gradient.
  if (!std::exchange(normalised_, true)) out_->emplace_back(UseNormalisation{normalisation_});
  training_ = learner_used_ = true;
  vote_is_pause_ = false;
  training_since_ = now;
  out_->emplace_back(Train{round});
}

void AgentSession::send_vote(Instant now) {
  vote_sent_ = now;
  vote_unheard_ = !vote_is_pause_;
  if (!vote_is_pause_) ++votes_;
  out_->emplace_back(Send{vote_frames_});
}

void AgentSession::on_message(Instant now, const Heartbeat& heartbeat) {
  if (phase_ != Phase::Joined) return;
  // Our ready hello, or the welcome into a run that has begun, was lost or could not be used.
  if (loading_ == Loading::Done && (heartbeat.activity == Activity::Loading ||
                                    (!begun_ && heartbeat.activity != Activity::Waiting)))
    return say_hello(now);
  if (heartbeat.run != run_ || !begun_) return;
  const bool behind = heartbeat.round > open_round_;
  open_round_ = std::max(open_round_, heartbeat.round);
  if (heartbeat.vote_received || heartbeat.round > voted_round_.value_or(RoundId{0})) {
    vote_unheard_ = false;
    silences_ = 0;
  }
  const bool vote_lost = voted_round_ && *voted_round_ == heartbeat.round &&
                         !heartbeat.vote_received && now - vote_sent_ > job_->round.heartbeat / 2;
  if (vote_lost) vote_sent_ = Instant{};
  if (behind || vote_lost || catching_up_ || (replica_ && replica_->next_round() != open_round_))
    advance(now);
}

// --- catching up ----------------------------------------------------------------------------

void AgentSession::request_catch_up(Instant now, bool anew) {
  const bool within = assembly_ && assembly_->next_chunk() > 0;
  ask_wait_ = catching_up_ && anew && asked_from_ == replica_->next_round()
                  ? grown(ask_wait_, kAskLongest)
                  : kAskFirst;
  if (within) ask_wait_ = std::max(ask_wait_, kAskChunk);
  catching_up_ = true;
  asked_from_ = replica_->next_round();
  CatchUpRequest request{run_, !replica_bad_, replica_->next_round(), replica_->digest(), {}, 0};
  if (within) {
    request.snapshot_round = assembly_->round();
    request.chunk = assembly_->next_chunk();
  }
  send(request);
  ask_again_ = now + jittered(ask_wait_);
}

void AgentSession::on_message(Instant now, const SnapshotChunk& chunk) {
  if (!begun_ || chunk.run != run_ || !catching_up_ || !replica_) return;
  if (!assembly_) assembly_.emplace(replica_->dimension());
  const auto added = assembly_->add(chunk);
  if (!added) {
    assembly_.reset();
    return remark(Severity::Warning, added.error().message);
  }
  if (!*added) return;
  ask_wait_ = kAskFirst;
  if (assembly_->complete()) return advance(now);
  request_catch_up(now, false);
}

// --- the end --------------------------------------------------------------------------------

void AgentSession::on_message(Instant now, const Goodbye& goodbye) {
  if (goodbye.reason == Farewell::Finished) {
    if (goodbye.run != run_ || !begun_) {
      // Never part of it: a run that is over needs nobody.
      if (phase_ == Phase::Joined && loading_ == Loading::Done && !replica_) {
        send(Goodbye{goodbye.run, Farewell::Stopped, "took no part", {}, 0, sent_, received_});
        end(Ending::Finished, "the run was over before this agent took part");
      }
      return;
    }
    final_ = goodbye;
    open_round_ = goodbye.round;
    // A gradient under way is not needed any more, and the replica does not change for it.
    if (training_ && replica_->next_round() == open_round_ && !replica_bad_)
      return end_when_final(now);
    return advance(now);
  }
  if (goodbye.run == run_ && phase_ == Phase::Joined)
    rejoin(now, "the coordinator left: " + goodbye.text);
}

void AgentSession::end_when_final(Instant now) {
  const bool equal = replica_->digest() == final_->digest;
  if (!equal && !std::exchange(final_differed_, true)) {
    // Of a history that the coordinator lost to a power cut, and went through anew.
    replica_bad_ = true;
    ++resyncs_;
    remark(Severity::Warning, "this replica is not the final one; taking a snapshot");
    return advance(now);
  }
  send(Goodbye{run_, Farewell::Finished, "final replica", replica_->next_round(),
               replica_->digest(), sent_, received_});
  end(Ending::Finished, std::string("the run is over (") + final_->text + "); this replica is " +
                            (equal ? "equal to" : "NOT equal to") + " the coordinator's");
}

void AgentSession::end(Ending ending, std::string text) {
  ended_ = true;
  out_->emplace_back(Exit{ending, std::move(text)});
}

// --- helpers --------------------------------------------------------------------------------

template <typename T>
void AgentSession::on_message(Instant /*now*/, const T& /*message*/) {
  remark(Severity::Debug, "a message that only an agent sends");
}

void AgentSession::send(const Message& message) {
  out_->emplace_back(Send{std::make_shared<const std::vector<Bytes>>(encode(message))});
}

void AgentSession::remark(Severity severity, std::string text) {
  out_->emplace_back(Remark{severity, std::move(text)});
}

Duration AgentSession::jittered(Duration wait) {
  // Between 0.75 and 1.25 of the wait, so that a fleet does not come back in one instant.
  return Duration(wait.count() * 3 / 4 + static_cast<Duration::rep>(rng_.below(
                                             static_cast<std::uint64_t>(wait.count()) / 2 + 1)));
}

std::string AgentSession::status() const {
  const std::string at_rest = allowance_.pace == Pace::Full ? "" : ", " + why_at_rest();
  if (phase_ == Phase::Joining) return "looking for the coordinator" + at_rest;
  if (loading_ == Loading::UnderWay) return "loading data" + at_rest;
  if (!begun_ || !replica_) return "waiting for the run to begin" + at_rest;
  std::string round = "round " + std::to_string(replica_->next_round().value);
  if (last_loss_) round += ", loss " + short_number(*last_loss_);
  if (catching_up_) return round + ", catching up to " + std::to_string(open_round_.value);
  if (vote_is_pause_ && !training_) return round + ", abstained: " + why_at_rest();
  return round + (training_ ? ", training" : ", waiting for the update") + at_rest;
}

}  // namespace signet

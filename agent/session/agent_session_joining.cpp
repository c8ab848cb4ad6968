// The way into a run: hello, the job and its data, welcome, refusals.
#include <algorithm>
#include <utility>

#include "agent/session/agent_session.hpp"
#include "core/base/digest.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

constexpr Duration kHelloLongest = std::chrono::seconds(30);
// A taken name is given up after both: a session that died is taken for dead before that, and
// neither repeated messages nor a network that was away make it shorter.
constexpr unsigned kNameTakenMax = 12;
constexpr Duration kNameTakenFor = std::chrono::minutes(1);
// So is a key that is not let in: the coordinator may be about to learn of it.
constexpr unsigned kDeniedMax = 4;
constexpr Duration kDeniedFor = std::chrono::minutes(1);

}  // namespace

void AgentSession::say_hello(Instant now) {
  Hello hello;
  hello.name = identity_.name;
  hello.software = identity_.software;
  if (replica_) {
    hello.run = run_;
    hello.next_round = replica_->next_round();
    hello.digest = replica_->digest();
  }
  // Not before a welcome: only then is it known that the data were loaded for this very job.
  if (phase_ == Phase::Joined && loading_ == Loading::Done) {
    hello.ready = announced_ = true;
    hello.data = summary_;
  }
  send(hello);
  hello_open_ = true;
  if (phase_ == Phase::Joining && hello_wait_ > 10 * kHelloFirst)
    remark(
        Severity::Warning,
        "no answer from the coordinator" +
            (waiting_reason_.empty() ? std::string() : " (" + waiting_reason_ + ")") +
            "; trying again in about " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(hello_wait_).count()) +
            " s");
  next_hello_ = now + jittered(hello_wait_);
  hello_wait_ = grown(hello_wait_, kHelloLongest);
}

// Where a vote takes longer than the silence limit both sides hear nothing of each other meanwhile,
// and the vote that is half sent begins anew.
void AgentSession::rejoin_after_silence(Instant now) {
  if (vote_unheard_ && ++silences_ >= 2) {
    std::size_t bytes = 0;
    for (const auto& frame : *vote_frames_) bytes += frame.size();
    remark(Severity::Warning,
           "a vote of " + std::to_string(bytes) + " bytes was not heard within round.silence_s, " +
               std::to_string(silences_) +
               " times in a row: where the link is that slow, raise round.silence_s in the job");
  }
  rejoin(now, "the coordinator is silent");
}

void AgentSession::rejoin(Instant now, const std::string& why) {
  remark(Severity::Warning, why + "; joining again");
  phase_ = Phase::Joining;
  begun_ = announced_ = catching_up_ = false;
  assembly_.reset();
  waiting_reason_ = why;
  hello_wait_ = kHelloFirst;
  next_hello_ = now;
  out_->emplace_back(Reconnect{});
  say_hello(now);
}

void AgentSession::on_message(Instant now, const Welcome& welcome) {
  if (welcome.protocol < kProtocolOldest || welcome.protocol > kProtocol)
    return end(Ending::Refused, "the coordinator speaks protocol " +
                                    std::to_string(welcome.protocol) + ", this agent " +
                                    std::to_string(kProtocolOldest) + " to " +
                                    std::to_string(kProtocol) + "; update the older one");
  const bool renamed = !welcome.name.empty() && welcome.name != name_;
  const bool anew = renamed || !job_ || welcome.job != job_text_;
  if (loading_ == Loading::UnderWay && anew) return;  // said again when loaded
  if (anew) {
    auto job = parse_job(welcome.job, "job");
    if (!job)
      return end(Ending::BadJob, "the coordinator's job cannot be read: " + job.error().message);
    if (training_) return;  // the learner is busy with the old job; the next welcome will do
    // Other stop conditions or waits: data, replica and momentum stay as they are.
    const bool same_work =
        !renamed && loading_ == Loading::Done && changed_keys(*job_, *job).empty();
    if (renamed) name_ = welcome.name;
    job_text_ = welcome.job;
    job_ = std::move(*job);
    if (!same_work) {
      forget_replica();
      load_data();
    }
    remark(Severity::Info, "welcome to run " + to_hex(welcome.run.value) + ", job '" + job_->name +
                               "'" + (renamed ? ", as '" + name_ + "'" : ""));
  }
  if (phase_ == Phase::Joining) {
    phase_ = Phase::Joined;
    next_heartbeat_ = now + jittered(job_->round.heartbeat);
    hello_wait_ = kHelloFirst;
    name_taken_ = denied_ = 0;
  }
  if (loading_ != Loading::Done) return;
  if (!announced_) return say_hello(now);
  if (welcome.begun) begin(now, welcome);
}

void AgentSession::forget_replica() {
  replica_.reset();
  begun_ = catching_up_ = false;
  assembly_.reset();
  voted_round_.reset();
  pending_.clear();
}

void AgentSession::load_data() {
  loading_ = Loading::UnderWay;
  normalised_ = false;  // the new learner has not been told
  learner_used_ = false;
  out_->emplace_back(LoadData{*job_, name_});
}

void AgentSession::begin(Instant now, const Welcome& welcome) {
  if (run_ != welcome.run) {
    if (training_) return;  // a gradient of the other run is under way; the next welcome will do
    run_ = welcome.run;
    forget_replica();
    replica_bad_ = false;
    final_.reset();
    final_differed_ = false;
    if (learner_used_) {
      // Its momentum is the other run's: load anew, and then say that we are ready.
      return load_data();
    }
  }
  if (!begun_) {  // a coordinator that came back may go on: it says when it is over
    final_.reset();
    final_differed_ = false;
  }
  // A second welcome of one joining may be older than the updates that came meanwhile.
  open_round_ = begun_ ? std::max(open_round_, welcome.round) : welcome.round;
  begun_ = true;
  out_->emplace_back(Subscribe{welcome.update_port});
  if (normalisation_ != welcome.normalisation) {
    normalisation_ = welcome.normalisation;
    normalised_ = false;
  }
  if (!replica_) replica_.emplace(initial_, RoundId{0});
  vote_sent_ = Instant{};  // the coordinator may have lost it: say it again
  advance(now);
}

void AgentSession::on_message(Instant now, const Refuse& refuse) {
  const std::string said = std::string(to_string(refuse.reason)) + ": " + refuse.text;
  switch (refuse.reason) {
    case RefusalReason::Protocol:
    case RefusalReason::NameMismatch:
    case RefusalReason::DataMismatch: return end(Ending::Refused, said);
    case RefusalReason::NameTaken:
      waiting_reason_ = said;
      phase_ = Phase::Joining;
      // A coordinator that stood still answers all that was asked meanwhile at once.
      if (!std::exchange(hello_open_, false)) return;
      remark(Severity::Warning, said);
      if (name_taken_ == 0) name_taken_since_ = now;
      if (++name_taken_ >= kNameTakenMax && now - name_taken_since_ >= kNameTakenFor)
        return end(Ending::Refused, said);
      return;
    case RefusalReason::UnknownPeer:
    case RefusalReason::WrongRun:
      if (phase_ == Phase::Joined) {
        // The coordinator came back and does not know us; the connection itself is good.
        phase_ = Phase::Joining;
        begun_ = announced_ = catching_up_ = false;
        assembly_.reset();  // it may have lost the very rounds
        hello_wait_ = kHelloFirst;
        say_hello(now);
      }
      return;
    case RefusalReason::EarlyVote: return rejoin(now, said);
    case RefusalReason::LateVote:
      open_round_ = std::max(open_round_, refuse.round);
      return advance(now);
    case RefusalReason::WrongDigest:
      replica_bad_ = true;
      ++resyncs_;
      remark(Severity::Warning, said + "; taking a snapshot");
      return advance(now);
    case RefusalReason::Malformed:
      if (phase_ == Phase::Joining) return end(Ending::Refused, said);
      remark(Severity::Warning, said);
      return;
    case RefusalReason::RepeatedVote:
    case RefusalReason::NotBegun: return;
  }
}

void AgentSession::on(Instant now, const DataLoaded& event) {
  loading_ = Loading::Done;
  summary_ = event.summary;
  initial_ = event.initial_parameters;
  remark(Severity::Info, "data loaded: " + std::to_string(summary_.samples) +
                             " samples, model of " + std::to_string(initial_.size()) +
                             " parameters");
  if (phase_ == Phase::Joined) say_hello(now);
}

void AgentSession::on(Instant /*now*/, const DataFailed& event) {
  send(Goodbye{run_, Farewell::Failed, event.error.message, {}, 0, sent_, received_});
  end(Ending::BadData, event.error.message);
}

void AgentSession::on(Instant now, const KeyDenied& /*event*/) {
  const std::string why =
      "the coordinator does not let this board's key in: it was revoked there, or is of another "
      "fleet; delete the key file and join with a new token";
  remark(Severity::Warning, why);
  waiting_reason_ = "key not let in";
  if (phase_ == Phase::Joined) {
    phase_ = Phase::Joining;
    begun_ = announced_ = catching_up_ = false;
    assembly_.reset();
    hello_wait_ = kHelloFirst;
    next_hello_ = now + jittered(hello_wait_);
  }
  if (denied_ == 0) denied_since_ = now;
  if (++denied_ >= kDeniedMax && now - denied_since_ >= kDeniedFor) end(Ending::Refused, why);
}

}  // namespace signet

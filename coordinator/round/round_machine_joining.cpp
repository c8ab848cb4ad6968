// Who takes part: hello, heartbeat, catching up, goodbye.
#include <algorithm>
#include <limits>
#include <utility>

#include "coordinator/round/round_machine.hpp"
#include "core/base/digest.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

// Most samples of one agent: a learner's limit, and what keeps the sum over agents from wrapping.
constexpr std::uint64_t kSamplesMax = std::numeric_limits<std::uint32_t>::max();
// Of one agent, each of which may be of another kind.
constexpr std::uint64_t kFailuresTold = 64;
// A flood of hellos must not become a flood of messages to somebody else.
constexpr Duration kLookEvery = std::chrono::milliseconds(100);

}  // namespace

void RoundMachine::on_message(Instant now, const PeerId& peer, const Hello& hello) {
  greet(now, peer, hello, false);
}

void RoundMachine::greet_by_key(Instant now, const PeerId& peer, Hello hello,
                                const std::string& name) {
  if (!hello.name.empty() && hello.name != name)
    return refuse(peer, {RefusalReason::NameMismatch,
                         "this board's key is enrolled as '" + name + "', and it calls itself '" +
                             hello.name + "'; leave the name out of its configuration",
                         {}});
  hello.name = name;
  greet(now, peer, hello, true);
}

void RoundMachine::greet(Instant now, const PeerId& peer, const Hello& hello, bool proven) {
  if (hello.protocol_max < kProtocolOldest || hello.protocol_min > kProtocol)
    return refuse(peer, {RefusalReason::Protocol,
                         "this coordinator speaks protocol " + std::to_string(kProtocolOldest) +
                             " to " + std::to_string(kProtocol) + ", agent '" + hello.name +
                             "' speaks " + std::to_string(hello.protocol_min) + " to " +
                             std::to_string(hello.protocol_max) + "; update the older one",
                         {}});
  // Two missed heartbeats: the old session of this name is taken for dead and replaced. Whoever has
  // proven to be the same does not wait for that.
  const Duration taken_for = proven ? Duration::zero() : job_.round.heartbeat * 5 / 2;
  const std::size_t live_before = roster_.live_count();
  auto joined = roster_.join(peer, hello.name, now, taken_for);
  // Whoever this peer was before may have been the last that was waited for.
  if (phase_ == Phase::Voting) try_close(now);
  if (!joined) {
    const bool taken = joined.error().kind == ErrorKind::Denied;
    if (taken) look_for_holder(now, hello.name);
    return refuse(
        peer,
        {taken ? RefusalReason::NameTaken : RefusalReason::Malformed, joined.error().message, {}});
  }
  // Back when the run is over: it is told, and asked for its digest, as those who stayed.
  if (phase_ == Phase::Finishing && roster_.live_count() > live_before) ++summary_.agents;
  (*joined)->proven = proven;
  if (hello.ready) return become_ready(now, **joined, hello);
  send(peer, welcome_for(**joined));
}

// Whoever is gone may have been the last one that was waited for.
void RoundMachine::wait_for_fewer(Instant now) {
  if (phase_ == Phase::Voting) try_close(now);
  if (phase_ == Phase::Finishing) try_finish(now);
}

// Whoever asked for a name that is taken asks again soon. By then it is known whether the one that
// has it still has a connection, and nobody who has one loses its name.
void RoundMachine::look_for_holder(Instant now, const std::string& name) {
  Member& holder = *roster_.find_name(name);
  if (holder.looked_for && now - *holder.looked_for < kLookEvery) return;
  holder.looked_for = now;
  send(holder.peer, heartbeat_for(holder));
}

void RoundMachine::on(Instant /*now*/, const PeerGone& event) {
  roster_.hang_up(event.peer);
}

void RoundMachine::become_ready(Instant now, Member& member, const Hello& hello) {
  std::size_t inputs = 1;
  for (const std::size_t extent : job_.model.input) inputs *= extent;
  const std::size_t entries =
      job_.normalise == Normalise::Feature ? inputs : (job_.normalise == Normalise::All ? 1 : 0);
  if (hello.data.samples == 0 || hello.data.samples > kSamplesMax ||
      hello.data.mean.size() != entries) {
    ++member.refusals[static_cast<std::size_t>(RefusalReason::DataMismatch)];
    refuse(member.peer,
           {RefusalReason::DataMismatch,
            "agent '" + member.name + "' has " + std::to_string(hello.data.samples) +
                " samples and statistics of " + std::to_string(hello.data.mean.size()) +
                " quantities; the job needs 1 to " + std::to_string(kSamplesMax) + " samples and " +
                std::to_string(entries),
            {}});
    roster_.leave(member);
    return wait_for_fewer(now);
  }
  const bool was_ready = member.ready;
  member.last_failure.clear();
  member.data = hello.data;
  roster_.mark_ready(member);
  if (!was_ready) {
    if (member.saved_samples != member.data.samples) save_agent(member);
    if (is_power_of_two(++member.joins))
      note(Level::Info, "agent " + member.name + " joined with " +
                            std::to_string(member.data.samples) + " samples" +
                            (member.joins > 2 ? " (" + counted(member.joins, "time") + ")" : ""));
  }
  const auto expected = std::ranges::find(expected_, member.name);
  if (expected != expected_.end()) {
    expected_.erase(expected);
    roster_.await(member);
    // It has to be brought up to date and to vote: the clock starts anew for it.
    round_deadline_ = std::max(round_deadline_, now + deadline_length());
  }
  if (phase_ == Phase::Gathering && roster_.ready_count() >= job_.round.agents) return begin(now);
  send(member.peer, welcome_for(member));
  if (phase_ == Phase::Finishing)
    send(member.peer, Goodbye{run_, Farewell::Finished, summary_.why, replica_.next_round(),
                              replica_.digest(), 0, 0});
}

Welcome RoundMachine::welcome_for(const Member& member) const {
  Welcome welcome;
  welcome.agent = member.id;
  welcome.run = run_;
  welcome.job = job_text_;
  welcome.begun = begun();
  welcome.round = replica_.next_round();
  welcome.update_port = update_port_;
  if (begun()) welcome.normalisation = *normalisation_;
  if (member.proven) welcome.name = member.name;
  return welcome;
}

Heartbeat RoundMachine::heartbeat_for(const Member& member) const {
  const Activity activity = !member.ready                ? Activity::Loading
                            : phase_ == Phase::Gathering ? Activity::Waiting
                            : phase_ == Phase::Voting    ? Activity::Idle
                                                         : Activity::Finished;
  // Of a paused agent's vote it would be said otherwise that it is here before it is.
  return {run_, replica_.next_round(), activity, member.answered && !member.paused};
}

void RoundMachine::on(Instant now, const AgentRevoked& event) {
  std::erase(expected_, event.name);
  trust_.forget(event.name);  // whoever has the name later is somebody else
  Member* member = roster_.find_name(event.name);
  if (member != nullptr && member->live) roster_.leave(*member);
  wait_for_fewer(now);
}

void RoundMachine::on(Instant /*now*/, const AgentRenamed& event) {
  Member* member = roster_.rename(event.from, event.to);
  if (member == nullptr) return;
  note(Level::Info, "agent " + event.from + " is called " + event.to + " from now on");
  std::ranges::replace(expected_, event.from, event.to);
  trust_.rename(event.from, event.to);
  if (member->ready) save_agent(*member);
}

void RoundMachine::save_agent(Member& member) {
  member.saved_samples = member.data.samples;
  out_->emplace_back(SaveAgent{member.name, member.id, member.data.samples});
}

void RoundMachine::on_message(Instant /*now*/, const PeerId& peer, const CatchUpRequest& request) {
  Member* member = roster_.find(peer);
  if (member == nullptr || !begun())
    return refuse(peer, {RefusalReason::UnknownPeer, "say hello first", replica_.next_round()});
  if (request.chunk == 0 && !request.has_replica && request.run == run_ &&
      !std::exchange(member->differs, true) && is_power_of_two(++member->resyncs))
    note(Level::Info, "agent " + member->name + " takes a snapshot");
  for (auto& frames : catch_up_.answer(request, replica_, deadline_ms()))
    out_->emplace_back(SendTo{peer, std::move(frames)});
}

void RoundMachine::on_message(Instant /*now*/, const PeerId& peer, const Heartbeat& beat) {
  Member* member = roster_.find(peer);
  if (member == nullptr)
    return refuse(peer, {RefusalReason::UnknownPeer, "say hello first", replica_.next_round()});
  member->busy = beat.activity == Activity::Training || beat.activity == Activity::CatchingUp;
  send(peer, heartbeat_for(*member));
  // The broadcast may have been lost; what is said at the end is said again until it is answered.
  if (phase_ == Phase::Finishing)
    send(peer, Goodbye{run_, Farewell::Finished, summary_.why, replica_.next_round(),
                       replica_.digest(), 0, 0});
}

void RoundMachine::on_message(Instant now, const PeerId& peer, const Goodbye& goodbye) {
  Member* member = roster_.find(peer);
  if (member == nullptr) return;
  if (phase_ == Phase::Finishing && goodbye.reason == Farewell::Finished &&
      goodbye.round == replica_.next_round() && goodbye.run == run_) {
    ++(goodbye.digest == replica_.digest() ? summary_.confirmed : summary_.different);
    summary_.bytes_sent_sum += goodbye.bytes_sent;
    summary_.bytes_received_sum += goodbye.bytes_received;
  } else {
    const bool failed = goodbye.reason == Farewell::Failed;
    // Somebody is at work where a board fails at one thing after another.
    const bool news = failed && goodbye.text != member->last_failure;
    if (is_power_of_two(++member->farewells) || (news && member->farewells < kFailuresTold))
      note(failed ? Level::Warning : Level::Info,
           "agent " + member->name + " left: " + goodbye.text);
    if (failed) member->last_failure = goodbye.text;
  }
  roster_.leave(*member);
  wait_for_fewer(now);
}

}  // namespace signet

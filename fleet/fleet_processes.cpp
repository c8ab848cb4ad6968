// Processes: clocks of their own, and how they stand still.
#include <algorithm>
#include <utility>

#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

// No process waits longer than this, or than the job's longest wait, without looking up.
constexpr Duration kWaitMax = std::chrono::seconds(40);
constexpr Duration kClocksApart = std::chrono::hours(24 * 365);

}  // namespace

void Fleet::start_clock(Process& process, std::uint32_t subject) {
  ++process.life;
  process.still_until = Instant{};
  process.clock_ahead =
      faults_.clocks_apart ? between(subject, -kClocksApart, kClocksApart) : Duration{};
}

Instant Fleet::local(const Process& process) const {
  return now_ + process.clock_ahead;
}

Instant Fleet::global(const Process& process, Instant local) const {
  return local == kNever || local == Instant::min() ? local : local - process.clock_ahead;
}

void Fleet::maybe_stand_still(Process& process, std::uint32_t subject) {
  const bool suspended = strikes(FaultKind::Suspend, subject);
  if (!suspended && !strikes(FaultKind::Freeze, subject)) return;
  process.clock_stands = suspended;
  process.still_since = now_;
  process.still_until = now_ + between(subject, Duration{}, faults_.still_max);
  Delivery wake;
  wake.kind = subject == kCoordinator ? Delivery::Kind::CoordinatorWake : Delivery::Kind::AgentWake;
  wake.agent = subject == kCoordinator ? 0 : subject;
  wake.life = process.life;
  schedule(process.still_until, wake);
}

// What reaches a process that stands still waits for it; its own ticks are asked for anew.
bool Fleet::postpone(const Delivery& d) {
  using Kind = Delivery::Kind;
  const bool agents = d.kind == Kind::ToAgent || d.kind == Kind::Loaded ||
                      d.kind == Kind::Trained || d.kind == Kind::AgentTick ||
                      d.kind == Kind::AgentResumes;
  const bool coordinators = d.kind == Kind::ToCoordinator || d.kind == Kind::CoordinatorTick;
  if (!agents && !coordinators) return false;
  const Process& process = agents ? nodes_[d.agent]->process : *coordinator_;
  if (now_ >= process.still_until) return false;
  if (d.kind != Kind::AgentTick && d.kind != Kind::CoordinatorTick)
    schedule(process.still_until, d);
  return true;
}

// Where it pauses it has been stepped once more.
bool Fleet::maybe_pause(std::size_t index) {
  const auto subject = static_cast<std::uint32_t>(index);
  Node& node = *nodes_[index];
  if (node.paused || !strikes(FaultKind::Pause, subject)) return false;
  node.paused = true;
  Delivery resumes;
  resumes.kind = Delivery::Kind::AgentResumes;
  resumes.agent = index;
  resumes.life = node.process.life;
  schedule(now_ + between(subject, Duration{}, faults_.still_max), resumes);
  trace(node.name + " pauses");
  step_agent(index, AllowanceChanged{{Pace::Paused, "busy"}});
  return true;
}

void Fleet::resume(const Delivery& d) {
  if (!alive(d)) return;
  nodes_[d.agent]->paused = false;
  trace(nodes_[d.agent]->name + " has time again");
  step_agent(d.agent, AllowanceChanged{});
}

void Fleet::wake(const Delivery& d) {
  const bool agent = d.kind == Delivery::Kind::AgentWake;
  Process& process = agent ? nodes_[d.agent]->process : *coordinator_;
  if (process.life != d.life) return;
  if (process.clock_stands) process.clock_ahead -= now_ - process.still_since;
  process.clock_stands = false;
  if (agent) {
    nodes_[d.agent]->tick_at = kNever;
    if (alive(d)) step_agent(d.agent, Tick{});
  } else if (machine_) {
    next_coordinator_tick_ = Instant{};
    step_coordinator(TimePassed{});
  }
}

void Fleet::check_wait(const std::string& who, const Process& process, Instant deadline) {
  const Duration longest =
      std::max({kWaitMax, job_.round.deadline_max, job_.round.rejoin, job_.round.silence});
  if (deadline > local(process) + longest)
    violation(who + " waits for more than " + std::to_string(seconds(longest)) + " s");
}

}  // namespace signet

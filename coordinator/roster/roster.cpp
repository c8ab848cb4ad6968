#include "coordinator/roster/roster.hpp"

#include <algorithm>

namespace signet {

bool valid_agent_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

void Roster::remember(std::string name, AgentId id, std::uint64_t samples) {
  Member& member = members_[name];
  member.name = std::move(name);
  member.id = id;
  member.data.samples = samples;
  next_id_ = std::max(next_id_, id.value + 1);
}

Result<Member*> Roster::join(const PeerId& peer, const std::string& name, Instant now,
                             Duration taken_for) {
  if (!valid_agent_name(name))
    return Error{ErrorKind::Malformed,
                 "an agent's name is 1 to 64 characters of A-Z a-z 0-9 . _ -"};
  const auto known = members_.find(name);
  if (known != members_.end() && known->second.live && known->second.peer != peer &&
      now - known->second.last_heard < taken_for)
    return Error{ErrorKind::Denied, "another agent named '" + name +
                                        "' is in this run; give each board a name of its own "
                                        "(--name, or name in its configuration)"};
  if (known == members_.end() && members_.size() >= kMembersMax)
    return Error{ErrorKind::Full, "this run has seen " + std::to_string(kMembersMax) +
                                      " agents, which is the limit"};
  if (Member* before = find(peer); before != nullptr && before->name != name) leave(*before);
  Member& member = members_[name];
  if (member.name.empty()) {
    member.name = name;
    member.id = AgentId{next_id_++};
  }
  if (member.peer != peer) names_.erase(member.peer);
  member.peer = peer;
  member.live = true;
  member.last_heard = now;
  names_[peer] = name;
  return &member;
}

Member* Roster::find(const PeerId& peer) {
  const auto name = names_.find(peer);
  return name == names_.end() ? nullptr : &members_.find(name->second)->second;
}

Member* Roster::find_name(std::string_view name) {
  const auto member = members_.find(name);
  return member == members_.end() ? nullptr : &member->second;
}

void Roster::leave(Member& member) {
  names_.erase(member.peer);
  member.live = member.ready = member.awaited = false;
}

std::vector<Member*> Roster::lose_silent(Instant now) {
  std::vector<Member*> lost;
  for (auto& [name, member] : members_)
    if (member.live && now - member.last_heard >= silence_) lost.push_back(&member);
  for (Member* member : lost) leave(*member);
  return lost;
}

Instant Roster::next_silence() const {
  Instant next = kNever;
  for (const auto& [name, member] : members_)
    if (member.live) next = std::min(next, member.last_heard + silence_);
  return next;
}

std::size_t Roster::live_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(members_, [](const auto& m) { return m.second.live; }));
}

std::size_t Roster::ready_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      members_, [](const auto& m) { return m.second.live && m.second.ready; }));
}

}  // namespace signet

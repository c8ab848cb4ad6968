#include "coordinator/roster/roster.hpp"

#include <algorithm>

#include "core/base/check.hpp"

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
  member.known = true;
  member.saved_samples = samples;
  next_id_ = std::max(next_id_, id.value + 1);
}

Result<Member*> Roster::join(const PeerId& peer, const std::string& name, Instant now,
                             Duration taken_for) {
  if (!valid_agent_name(name))
    return Error{ErrorKind::Malformed,
                 "an agent's name is 1 to 64 characters of A-Z a-z 0-9 . _ -"};
  const auto known = members_.find(name);
  if (known != members_.end() && known->second.live && known->second.peer != peer &&
      !known->second.hung_up && now - known->second.last_heard < taken_for)
    return Error{ErrorKind::Denied, "another agent named '" + name +
                                        "' is in this run; give each board a name of its own "
                                        "(--name, or name in its configuration)"};
  if (known == members_.end() && members_.size() >= kMembersMax)
    return Error{ErrorKind::Full, "this run has seen " + std::to_string(kMembersMax) +
                                      " agents, which is the limit"};
  if (Member* before = find(peer); before != nullptr && before->name != name) leave(*before);
  if (known == members_.end()) forget_strangers();
  Member& member = members_[name];
  if (member.name.empty()) {
    member.name = name;
    member.id = AgentId{next_id_++};
  }
  forget_peer(member);
  member.peer = peer;
  member.hung_up = false;
  peers_[peer] = &member;
  if (member.live) {
    heard(member, now);
  } else {
    strangers_.erase({member.last_heard, &member});
    member.last_heard = now;
    update(member, [&] { member.live = true; });
    member.lost = false;
    by_silence_.emplace(now, &member);
  }
  return &member;
}

Member* Roster::rename(const std::string& from, const std::string& to) {
  SIGNET_CHECK(members_.find(to) == members_.end(), "a name is one member's");
  auto node = members_.extract(from);
  if (node.empty()) return nullptr;
  // The member itself does not move: peers_ and by_silence_ go on pointing to it. Only its place in
  // the order of names changes.
  auto place = participants_.extract(&node.mapped());
  node.key() = node.mapped().name = to;
  participants_.insert(std::move(place));
  node.mapped().id = AgentId{next_id_++};
  return &members_.insert(std::move(node)).position->second;
}

Member* Roster::find(const PeerId& peer) {
  const auto member = peers_.find(peer);
  return member == peers_.end() ? nullptr : member->second;
}

Member* Roster::find_name(std::string_view name) {
  const auto member = members_.find(name);
  return member == members_.end() ? nullptr : &member->second;
}

template <typename Change>
void Roster::update(Member& member, Change change) {
  const auto count = [&](std::size_t& counter, bool before, bool after) {
    counter = counter + (after ? 1U : 0U) - (before ? 1U : 0U);
  };
  const bool ready = member.live && member.ready, answered = member.answered;
  const bool voted = member.voted, paused = member.paused;
  const bool was_missing = missing(member), took_part = takes_part(member);
  change();
  count(ready_, ready, member.live && member.ready);
  count(answered_, answered, member.answered);
  count(voted_, voted, member.voted);
  count(paused_, paused, member.paused);
  count(missing_, was_missing, missing(member));
  if (took_part == takes_part(member)) return;
  if (took_part) {
    participants_.erase(&member);
  } else {
    participants_.insert(&member);
  }
}

void Roster::heard(Member& member, Instant now) {
  // The node is moved, not made anew.
  auto node = by_silence_.extract({member.last_heard, &member});
  SIGNET_CHECK(!node.empty(), "only live members are heard");
  member.last_heard = node.value().first = now;
  by_silence_.insert(std::move(node));
}

void Roster::forget_peer(const Member& member) {
  // It may be somebody else by now.
  const auto peer = peers_.find(member.peer);
  if (peer != peers_.end() && peer->second == &member) peers_.erase(peer);
}

void Roster::forget_strangers() {
  while (strangers_.size() > kStrangersMax) {
    const std::string oldest = strangers_.begin()->second->name;
    strangers_.erase(strangers_.begin());
    members_.erase(oldest);
  }
}

void Roster::leave(Member& member) {
  forget_peer(member);
  by_silence_.erase({member.last_heard, &member});
  if (!member.known) strangers_.emplace(member.last_heard, &member);
  update(member, [&] { member.live = member.ready = member.awaited = false; });
}

void Roster::hang_up(const PeerId& peer) {
  if (Member* member = find(peer)) member->hung_up = true;
}

void Roster::mark_ready(Member& member) {
  member.known = true;
  update(member, [&] { member.ready = true; });
}

void Roster::await(Member& member) {
  update(member, [&] { member.awaited = true; });
}

void Roster::give_up(Member& member) {
  update(member, [&] { member.awaited = false; });
}

void Roster::answer(Member& member, Answer answer) {
  update(member, [&] {
    member.answered = member.awaited = true;
    member.voted = answer == Answer::Vote;
    member.paused = answer == Answer::Pause;
  });
}

void Roster::open_round() {
  for (auto next = participants_.begin(); next != participants_.end();) {
    Member& member = **next++;  // Whoever has left is none any more.
    update(member, [&member] { member.answered = member.voted = member.paused = false; });
  }
}

std::vector<Member*> Roster::lose_silent(Instant now) {
  std::vector<Member*> lost;
  while (!by_silence_.empty() && now - by_silence_.begin()->first >= silence_) {
    lost.push_back(by_silence_.begin()->second);
    leave(*lost.back());
    lost.back()->lost = true;
  }
  std::ranges::sort(lost, {}, [](const Member* member) { return std::string_view(member->name); });
  return lost;
}

Instant Roster::next_silence() const {
  return by_silence_.empty() ? kNever : by_silence_.begin()->first + silence_;
}

}  // namespace signet

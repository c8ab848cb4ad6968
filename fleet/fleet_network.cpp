// The network between the coordinator and its agents.
#include <algorithm>
#include <array>
#include <utility>

#include "core/wire/codec.hpp"
#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

// Directions of a partition.
constexpr std::uint64_t kCutVotes = 1, kCutAnswers = 2, kCutUpdates = 4;

std::uint64_t bytes_in(const std::vector<Bytes>& frames) {
  std::uint64_t sum = 0;
  for (const Bytes& frame : frames) sum += frame.size();
  return sum;
}

/// What a rogue makes of a vote: `which` of the ways to break the protocol, with no signs but its
/// own.
std::vector<Bytes> broken(Vote vote, std::uint64_t which) {
  Bytes other = to_bytes(vote.signs);
  switch (which % 8) {
    case 0:  // A second vote.
      for (std::byte& byte : other) byte = ~byte;
      vote.signs = other;
      break;
    case 1: vote.round = vote.round.next(); break;
    case 2: vote.round.value -= vote.round.value > 0 ? 1 : 0; break;
    case 3: vote.digest ^= 1; break;
    case 4: vote.run.value ^= 1; break;
    case 5:  // Of another model.
      other.push_back(std::byte{0xff});
      vote.signs = other;
      vote.abstained = {};
      break;
    case 6:
      vote.abstention = Abstention::Paused;
      vote.reason = "a second answer";
      break;
    default: {
      auto frames = encode(vote);
      frames.front()[frames.front().size() / 2] ^= std::byte{0x40};
      return frames;
    }
  }
  return encode(vote);
}

}  // namespace

void Fleet::transmit(Delivery delivery) {
  ++result_.messages;
  const Node& node = *nodes_[delivery.agent];
  const auto subject = static_cast<std::uint32_t>(delivery.agent);
  const bool up = delivery.kind == Delivery::Kind::ToCoordinator;
  if (!up && !delivery.broadcast && delivery.connection != node.connection) return;
  if (up) {
    result_.bytes_up += bytes_in(*delivery.frames);
  } else if (!delivery.broadcast || node.subscribed) {
    result_.bytes_down += bytes_in(*delivery.frames);
  }
  if (up && node.rogue && strikes(FaultKind::Tamper, subject)) tamper_with(delivery);
  if (cut_off(delivery) || strikes(FaultKind::Loss, subject)) return;
  if (strikes(FaultKind::Duplicate, subject))
    schedule(now_ + between(subject, faults_.delay_min, faults_.delay_max), delivery);
  schedule(now_ + between(subject, faults_.delay_min, faults_.delay_max), std::move(delivery));
}

bool Fleet::cut_off(const Delivery& delivery) {
  Node& node = *nodes_[delivery.agent];
  const auto subject = static_cast<std::uint32_t>(delivery.agent);
  if (now_ >= node.cut_until && strikes(FaultKind::Partition, subject)) {
    const std::uint64_t directions =
        1 + dice_.draw(subject) % (kCutVotes + kCutAnswers + kCutUpdates);
    const Duration length = between(subject, Duration{}, faults_.partition_max);
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (i == delivery.agent || strikes(FaultKind::PartitionSpread, static_cast<std::uint32_t>(i)))
        cut(i, directions, length);
  }
  const std::uint64_t direction = delivery.kind == Delivery::Kind::ToCoordinator ? kCutVotes
                                  : delivery.broadcast                           ? kCutUpdates
                                                                                 : kCutAnswers;
  return now_ < node.cut_until && (node.cut & direction) != 0;
}

void Fleet::cut(std::size_t agent, std::uint64_t directions, Duration length) {
  Node& node = *nodes_[agent];
  node.cut = directions;
  node.cut_until = now_ + length;
  ++result_.partitions;
  if (options_.trace)
    trace(node.name + " is cut off for " + std::to_string(seconds(length)) +
          " s:" + ((directions & kCutVotes) != 0 ? " what it sends" : "") +
          ((directions & kCutAnswers) != 0 ? " answers" : "") +
          ((directions & kCutUpdates) != 0 ? " updates" : ""));
}

// What was on its way when its connection or its receiver went may still come out of some buffer.
bool Fleet::connected(const Delivery& d) {
  const Node& node = *nodes_[d.agent];
  const bool up = d.kind == Delivery::Kind::ToCoordinator;
  const bool same = d.broadcast ? node.subscribed : d.connection == node.connection;
  if (same && (!up || d.life == coordinator_->life)) return true;
  return up && strikes(FaultKind::Stale, static_cast<std::uint32_t>(d.agent));
}

void Fleet::tamper_with(const Delivery& delivery) {
  const std::vector<ByteView> views(delivery.frames->begin(), delivery.frames->end());
  const auto message = decode(views);
  const auto* vote = message ? std::get_if<Vote>(&*message) : nullptr;
  if (vote == nullptr || vote->abstention != Abstention::None) return;
  const auto subject = static_cast<std::uint32_t>(delivery.agent);
  Delivery more = delivery;
  more.frames = std::make_shared<const std::vector<Bytes>>(broken(*vote, dice_.draw(subject)));
  schedule(now_ + between(subject, faults_.delay_min, faults_.delay_max), std::move(more));
}

std::string Fleet::described(const Delivery& d) const {
  const std::vector<ByteView> views(d.frames->begin(), d.frames->end());
  const auto message = decode(views);
  if (!message) return "garbage";
  std::string text = kind_of(*message);
  const auto add = [&text](const char* what, RoundId round) {
    text += std::string(what) + std::to_string(round.value);
  };
  if (const auto* vote = std::get_if<Vote>(&*message)) add(" of round ", vote->round);
  if (const auto* update = std::get_if<Update>(&*message)) add(" of round ", update->round);
  if (const auto* beat = std::get_if<Heartbeat>(&*message)) add(" at round ", beat->round);
  if (const auto* welcome = std::get_if<Welcome>(&*message)) add(" at round ", welcome->round);
  if (const auto* chunk = std::get_if<SnapshotChunk>(&*message)) add(" of x_", chunk->next_round);
  if (const auto* ask = std::get_if<CatchUpRequest>(&*message))
    add(" from round ", ask->next_round);
  if (const auto* refuse = std::get_if<Refuse>(&*message))
    text += std::string(" (") + to_string(refuse->reason) + ")";
  return text;
}

}  // namespace signet

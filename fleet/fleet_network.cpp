// The network between the coordinator and its agents.
#include <utility>

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

}  // namespace

void Fleet::transmit(Delivery delivery) {
  ++result_.messages;
  const Node& node = *nodes_[delivery.agent];
  const bool up = delivery.kind == Delivery::Kind::ToCoordinator;
  if (!up && !delivery.broadcast && delivery.connection != node.connection) return;
  if (up) {
    result_.bytes_up += bytes_in(*delivery.frames);
  } else if (!delivery.broadcast || node.subscribed) {
    result_.bytes_down += bytes_in(*delivery.frames);
  }
  if (cut_off(delivery) || chance(faults_.loss)) return;
  if (chance(faults_.duplicate))
    schedule(now_ + between(faults_.delay_min, faults_.delay_max), delivery);
  schedule(now_ + between(faults_.delay_min, faults_.delay_max), std::move(delivery));
}

bool Fleet::cut_off(const Delivery& delivery) {
  Node& node = *nodes_[delivery.agent];
  if (now_ >= node.cut_until && chance(faults_.partition)) {
    node.cut = 1 + rng_.below(kCutVotes + kCutAnswers + kCutUpdates);
    node.cut_until = now_ + between(Duration{}, faults_.partition_max);
    ++result_.partitions;
  }
  const std::uint64_t direction = delivery.kind == Delivery::Kind::ToCoordinator ? kCutVotes
                                  : delivery.broadcast                           ? kCutUpdates
                                                                                 : kCutAnswers;
  return now_ < node.cut_until && (node.cut & direction) != 0;
}

}  // namespace signet

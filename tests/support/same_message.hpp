#pragma once

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <variant>

#include "core/wire/messages.hpp"

namespace signet::test {

// All fields of a message. A field that is added breaks these, so that it cannot be left out of
// what follows.
inline auto fields_of(const Hello& m) {
  const auto& [low, high, name, software, run, round, digest, ready, data] = m;
  return std::tie(low, high, name, software, run, round, digest, ready, data);
}
inline auto fields_of(const Welcome& m) {
  const auto& [protocol, agent, run, job, begun, round, port, normalisation, name] = m;
  return std::tie(protocol, agent, run, job, begun, round, port, normalisation, name);
}
inline auto fields_of(const Refuse& m) {
  const auto& [reason, text, round, low, high] = m;
  return std::tie(reason, text, round, low, high);
}
inline auto fields_of(const Vote& m) {
  const auto& [run, round, digest, local, cross, loss, samples, abstention, reason, signs, plane,
               curvature] = m;
  return std::tie(run, round, digest, local, cross, loss, samples, abstention, reason, signs, plane,
                  curvature);
}
inline auto fields_of(const Update& m) {
  const auto& [run, round, rate, digest, deadline, voters, signs, ties] = m;
  return std::tie(run, round, rate, digest, deadline, voters, signs, ties);
}
inline auto fields_of(const CatchUpRequest& m) {
  const auto& [run, has_replica, next, digest, snapshot, chunk] = m;
  return std::tie(run, has_replica, next, digest, snapshot, chunk);
}
inline auto fields_of(const SnapshotChunk& m) {
  const auto& [run, next, digest, chunk, chunks, data] = m;
  return std::tie(run, next, digest, chunk, chunks, data);
}
inline auto fields_of(const Heartbeat& m) {
  const auto& [run, round, activity, vote_received] = m;
  return std::tie(run, round, activity, vote_received);
}
inline auto fields_of(const Goodbye& m) {
  const auto& [run, reason, text, round, digest, sent, received] = m;
  return std::tie(run, reason, text, round, digest, sent, received);
}

inline bool same_field(ByteView a, ByteView b) {
  return std::ranges::equal(a, b);
}
template <typename T>
bool same_field(const T& a, const T& b) {
  return a == b;
}

/// Whether every field of both says the same; views by the bytes that they show.
inline bool same_message(const Message& a, const Message& b) {
  return std::visit(
      [](const auto& x, const auto& y) {
        if constexpr (!std::is_same_v<decltype(x), decltype(y)>) {
          return false;
        } else {
          const auto left = fields_of(x), right = fields_of(y);
          return std::apply(
              [&right](const auto&... fields) {
                return std::apply(
                    [&](const auto&... others) { return (same_field(fields, others) && ...); },
                    right);
              },
              left);
        }
      },
      a, b);
}

}  // namespace signet::test

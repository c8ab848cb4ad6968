#include "core/wire/messages.hpp"

#include <array>

namespace signet {

const char* to_string(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::Protocol: return "no common protocol version";
    case RefusalReason::NameTaken: return "name taken";
    case RefusalReason::UnknownPeer: return "not joined";
    case RefusalReason::WrongRun: return "another run";
    case RefusalReason::LateVote: return "late vote";
    case RefusalReason::EarlyVote: return "early vote";
    case RefusalReason::RepeatedVote: return "repeated vote";
    case RefusalReason::WrongDigest: return "wrong digest";
    case RefusalReason::Malformed: return "malformed";
    case RefusalReason::DataMismatch: return "data mismatch";
    case RefusalReason::NotBegun: return "not begun";
    case RefusalReason::NameMismatch: return "name mismatch";
  }
  return "?";
}

const char* kind_of(const Message& message) {
  static constexpr std::array kinds{"hello",          "welcome",   "refuse",
                                    "vote",           "update",    "catch-up request",
                                    "snapshot chunk", "heartbeat", "goodbye"};
  static_assert(kinds.size() == std::variant_size_v<Message>);
  return kinds[message.index()];
}

}  // namespace signet

#include "coordinator/enrolment/registrar.hpp"

#include <utility>

namespace signet {

namespace {

// Boards join by hand. More is somebody who knocks, and must not fill the log or hold up training.
constexpr double kRequestsPerSecond = 5, kRequestsAtOnce = 20;

}  // namespace

Registrar::Registrar(Parts parts, FleetRecord record, Instant now)
    : parts_(std::move(parts)),
      fleet_(std::move(record)),
      throttle_(kRequestsPerSecond, kRequestsAtOnce, now) {}

Result<std::unique_ptr<Registrar>> Registrar::open(Parts parts, Instant now) {
  auto record = parts.store.load();
  if (!record) return record.error();
  return std::unique_ptr<Registrar>(new Registrar(std::move(parts), std::move(*record), now));
}

Status Registrar::change(const FleetChange& change) {
  if (auto saved = parts_.store.save(change); !saved) return saved;
  fleet_.apply(change);
  return {};
}

EnrolAnswer Registrar::decide(const std::string& key, const EnrolRequest& request,
                              std::string& note) {
  auto decision = fleet_.decide(key, request);
  if (decision.answer.verdict != EnrolVerdict::Enrolled) {
    note = "a board was not enrolled: " + decision.answer.text;
    return decision.answer;
  }
  if (!decision.change) return decision.answer;
  if (auto saved = change(*decision.change); !saved) {
    note = "a board was not enrolled: " + saved.error().message;
    return {kEnrolmentProtocol, EnrolVerdict::TryLater, "",
            "the coordinator could not save it; its log says why"};
  }
  note = "agent " + decision.answer.name + " is enrolled";
  return decision.answer;
}

std::optional<Registrar::Reply> Registrar::answer(Instant now, const std::string& key,
                                                  ByteView request) {
  if (!throttle_.admits(now)) return std::nullopt;
  const auto read = decode_enrol_request(request);
  if (!read) return std::nullopt;
  Reply reply;
  reply.frame = encode(decide(key, *read, reply.note));
  return reply;
}

Result<Registrar::Made> Registrar::make_token(const std::string& name,
                                              std::vector<std::string> addresses,
                                              std::uint16_t enrolment_port) {
  JoinToken token{std::move(addresses), enrolment_port, parts_.server_key, parts_.draw_secret()};
  const auto changes = fleet_.make_token(hash_secret(token.secret), name);
  if (!changes) return changes.error();
  for (const FleetChange& one : *changes)
    if (auto saved = change(one); !saved) return saved.error();
  const auto& made = std::get<TokenMade>(changes->back()).token;
  return Made{made.number, to_text(token)};
}

Status Registrar::drop_token(std::uint64_t number) {
  const auto dropped = fleet_.drop_token(number);
  return dropped ? change(*dropped) : Status(dropped.error());
}

Result<std::string> Registrar::revoke(std::string_view name) {
  const auto revoked = fleet_.revoke(name);
  if (!revoked) return revoked.error();
  if (auto saved = change(*revoked); !saved) return saved.error();
  return std::get<BoardRevoked>(*revoked).key;
}

Status Registrar::rename(std::string_view from, const std::string& to) {
  const auto renamed = fleet_.rename(from, to);
  return renamed ? change(*renamed) : Status(renamed.error());
}

}  // namespace signet

#include "core/wire/codec.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/signs/sign_vector.hpp"
#include "core/wire/aligned_header.hpp"
#include "schemas/catch_up_generated.h"
#include "schemas/join_generated.h"
#include "schemas/presence_generated.h"
#include "schemas/round_generated.h"

namespace signet {

namespace {

using Builder = flatbuffers::FlatBufferBuilder;

flatbuffers::Optional<float> optional_of(const std::optional<float>& value) {
  return value ? flatbuffers::Optional<float>(*value) : flatbuffers::nullopt;
}

// Wraps `body` (a finished table) in its family's root and returns the header frame.
template <typename Root, typename Body>
Bytes wrap(Builder& builder, Body type, flatbuffers::Offset<void> body, const char* identifier) {
  typename Root::Builder root(builder);
  root.add_body_type(type);
  root.add_body(body);
  builder.Finish(root.Finish(), identifier);
  return finish_frame(builder);
}

Bytes header_of(const Hello& m) {
  Builder b;
  const auto name = b.CreateString(m.name);
  const auto software = b.CreateString(m.software);
  const auto mean = b.CreateVector(m.data.mean);
  const auto variance = b.CreateVector(m.data.variance);
  const auto body =
      fb::CreateHello(b, m.protocol_min, m.protocol_max, name, software, m.run.value,
                      m.next_round.value, m.digest, m.ready, m.data.samples, mean, variance);
  return wrap<fb::Join>(b, fb::JoinBody::Hello, body.Union(), fb::JoinIdentifier());
}

Bytes header_of(const Welcome& m) {
  Builder b;
  const auto job = b.CreateString(m.job);
  const auto mean = b.CreateVector(m.normalisation.mean);
  const auto deviation = b.CreateVector(m.normalisation.deviation);
  const auto name = m.name.empty() ? 0 : b.CreateString(m.name);
  const auto body = fb::CreateWelcome(b, m.protocol, m.agent.value, m.run.value, job, m.begun,
                                      m.round.value, m.update_port, mean, deviation, name);
  return wrap<fb::Join>(b, fb::JoinBody::Welcome, body.Union(), fb::JoinIdentifier());
}

Bytes header_of(const Refuse& m) {
  Builder b;
  const auto text = b.CreateString(m.text);
  const auto body = fb::CreateRefuse(b, static_cast<std::uint8_t>(m.reason), text, m.round.value,
                                     m.protocol_min, m.protocol_max);
  return wrap<fb::Join>(b, fb::JoinBody::Refuse, body.Union(), fb::JoinIdentifier());
}

Bytes header_of(const Vote& m) {
  Builder b;
  const auto reason = m.reason.empty() ? 0 : b.CreateString(m.reason);
  const auto body =
      fb::CreateVote(b, m.run.value, m.round.value, m.digest, m.local, m.cross, m.loss, m.samples,
                     static_cast<std::uint8_t>(m.abstention), reason, optional_of(m.curvature));
  return wrap<fb::Round>(b, fb::RoundBody::Vote, body.Union(), fb::RoundIdentifier());
}

Bytes header_of(const Update& m) {
  Builder b;
  const auto body =
      fb::CreateUpdate(b, m.run.value, m.round.value, m.rate, m.digest, m.deadline_ms, m.voters);
  return wrap<fb::Round>(b, fb::RoundBody::Update, body.Union(), fb::RoundIdentifier());
}

Bytes header_of(const CatchUpRequest& m) {
  Builder b;
  const auto body = fb::CreateCatchUpRequest(b, m.run.value, m.has_replica, m.next_round.value,
                                             m.digest, m.snapshot_round.value, m.chunk);
  return wrap<fb::CatchUp>(b, fb::CatchUpBody::CatchUpRequest, body.Union(),
                           fb::CatchUpIdentifier());
}

Bytes header_of(const SnapshotChunk& m) {
  Builder b;
  const auto body =
      fb::CreateSnapshotChunk(b, m.run.value, m.next_round.value, m.digest, m.chunk, m.chunks);
  return wrap<fb::CatchUp>(b, fb::CatchUpBody::SnapshotChunk, body.Union(),
                           fb::CatchUpIdentifier());
}

Bytes header_of(const Heartbeat& m) {
  Builder b;
  const auto body = fb::CreateHeartbeat(b, m.run.value, m.round.value,
                                        static_cast<std::uint8_t>(m.activity), m.vote_received);
  return wrap<fb::Presence>(b, fb::PresenceBody::Heartbeat, body.Union(), fb::PresenceIdentifier());
}

Bytes header_of(const Goodbye& m) {
  Builder b;
  const auto text = b.CreateString(m.text);
  const auto body = fb::CreateGoodbye(b, m.run.value, static_cast<std::uint8_t>(m.reason), text,
                                      m.round.value, m.digest, m.bytes_sent, m.bytes_received);
  return wrap<fb::Presence>(b, fb::PresenceBody::Goodbye, body.Union(), fb::PresenceIdentifier());
}

std::string text_of(const flatbuffers::String* text) {
  return text != nullptr ? text->str() : "";
}

/// As text_of(), of a text for people and no longer than they are written: its reader keeps and
/// logs it. Cut before a UTF-8 character.
std::string short_text_of(const flatbuffers::String* text) {
  if (text == nullptr || text->size() <= kTextMax) return text_of(text);
  const std::string_view all = text->string_view();
  std::size_t size = kTextMax;
  while (size > 0 && (static_cast<unsigned char>(all[size]) & 0xC0U) == 0x80U) --size;
  return std::string(all.substr(0, size));
}

template <typename T>
std::vector<T> numbers_of(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  // Byte by byte: the verifier lets numbers of 8 bytes lie at any multiple of 4.
  std::vector<T> numbers(vector->size());
  if (!numbers.empty()) std::memcpy(numbers.data(), vector->Data(), numbers.size() * sizeof(T));
  return numbers;
}

Error malformed(std::string what) {
  return {ErrorKind::Malformed, std::move(what)};
}

// `value` as the enumeration E with members `low` to `high`; nullopt when it has no meaning.
template <typename E>
std::optional<E> meaning(std::uint8_t value, E low, E high) {
  if (value < static_cast<std::uint8_t>(low) || value > static_cast<std::uint8_t>(high))
    return std::nullopt;
  return static_cast<E>(value);
}

Result<Message> read(const fb::Hello& t) {
  Hello m;
  m.protocol_min = t.protocol_min();
  m.protocol_max = t.protocol_max();
  m.name = short_text_of(t.name());
  m.software = short_text_of(t.software());
  m.run = {t.run()};
  m.next_round = {t.next_round()};
  m.digest = t.digest();
  m.ready = t.ready();
  m.data = {t.samples(), numbers_of(t.mean()), numbers_of(t.variance())};
  if (m.data.mean.size() != m.data.variance.size())
    return malformed("hello: as many means as variances are needed");
  for (std::size_t i = 0; i < m.data.mean.size(); ++i) {
    // Both NaN: no sample of this board has a value there.
    const double mean = m.data.mean[i], variance = m.data.variance[i];
    if (std::isnan(mean) && std::isnan(variance)) continue;
    if (!std::isfinite(mean) || !std::isfinite(variance) || variance < 0)
      return malformed("hello: a mean or variance of the data is not a number");
  }
  return Message{std::move(m)};
}

Result<Message> read(const fb::Welcome& t) {
  Welcome m;
  m.protocol = t.protocol();
  m.agent = {t.agent()};
  m.run = {t.run()};
  m.job = text_of(t.job());
  m.begun = t.begun();
  m.round = {t.round()};
  m.update_port = t.update_port();
  m.normalisation = {numbers_of(t.normalisation_mean()), numbers_of(t.normalisation_deviation())};
  if (m.normalisation.mean.size() != m.normalisation.deviation.size())
    return malformed("welcome: as many means as deviations are needed");
  m.name = short_text_of(t.name());
  return Message{std::move(m)};
}

Result<Message> read(const fb::Refuse& t) {
  const auto reason = meaning(t.reason(), RefusalReason::Protocol, RefusalReason::NameMismatch);
  if (!reason) return malformed("refuse: unknown reason " + std::to_string(t.reason()));
  return Message{
      Refuse{*reason, short_text_of(t.text()), {t.round()}, t.protocol_min(), t.protocol_max()}};
}

Result<Message> read(const fb::Vote& t) {
  const auto abstention = meaning(t.abstention(), Abstention::None, Abstention::Paused);
  if (!abstention) return malformed("vote: unknown abstention " + std::to_string(t.abstention()));
  Vote m;
  m.run = {t.run()};
  m.round = {t.round()};
  m.digest = t.digest();
  m.local = t.local();
  m.cross = t.cross();
  m.loss = t.loss();
  m.samples = t.samples();
  m.abstention = *abstention;
  m.reason = short_text_of(t.reason());
  if (const auto curvature = t.curvature()) m.curvature = *curvature;
  // A number that is not finite would poison the mean over all agents.
  if (m.abstention == Abstention::None &&
      !(std::isfinite(m.local) && std::isfinite(m.cross) && std::isfinite(m.loss) &&
        std::isfinite(m.curvature.value_or(0))))
    return malformed("vote: loss and statistics must be finite");
  return Message{std::move(m)};
}

Result<Message> read(const fb::Update& t) {
  if (!std::isfinite(t.rate()) || t.rate() < 0)
    return malformed("update: the rate must be finite and not negative");
  return Message{
      Update{{t.run()}, {t.round()}, t.rate(), t.digest(), t.deadline_ms(), t.voters(), {}, {}}};
}

Result<Message> read(const fb::CatchUpRequest& t) {
  return Message{CatchUpRequest{
      {t.run()}, t.has_replica(), {t.next_round()}, t.digest(), {t.snapshot_round()}, t.chunk()}};
}

Result<Message> read(const fb::SnapshotChunk& t) {
  if (t.chunk() >= t.chunks()) return malformed("snapshot chunk: number outside the snapshot");
  return Message{SnapshotChunk{{t.run()}, {t.next_round()}, t.digest(), t.chunk(), t.chunks(), {}}};
}

Result<Message> read(const fb::Heartbeat& t) {
  const auto activity = meaning(t.activity(), Activity::Idle, Activity::Finished);
  if (!activity) return malformed("heartbeat: unknown activity " + std::to_string(t.activity()));
  return Message{Heartbeat{{t.run()}, {t.round()}, *activity, t.vote_received()}};
}

Result<Message> read(const fb::Goodbye& t) {
  const auto reason = meaning(t.reason(), Farewell::Finished, Farewell::Failed);
  if (!reason) return malformed("goodbye: unknown reason " + std::to_string(t.reason()));
  return Message{Goodbye{{t.run()},
                         *reason,
                         short_text_of(t.text()),
                         {t.round()},
                         t.digest(),
                         t.bytes_sent(),
                         t.bytes_received()}};
}

Result<Message> read_header(const AlignedHeader& header) {
  if (header.is(fb::JoinIdentifier())) {
    const auto* root = header.open<fb::Join>(fb::JoinIdentifier());
    if (root == nullptr) return malformed("join message: the verifier refused it");
    if (const auto* t = root->body_as_Hello()) return read(*t);
    if (const auto* t = root->body_as_Welcome()) return read(*t);
    if (const auto* t = root->body_as_Refuse()) return read(*t);
  } else if (header.is(fb::RoundIdentifier())) {
    const auto* root = header.open<fb::Round>(fb::RoundIdentifier());
    if (root == nullptr) return malformed("round message: the verifier refused it");
    if (const auto* t = root->body_as_Vote()) return read(*t);
    if (const auto* t = root->body_as_Update()) return read(*t);
  } else if (header.is(fb::CatchUpIdentifier())) {
    const auto* root = header.open<fb::CatchUp>(fb::CatchUpIdentifier());
    if (root == nullptr) return malformed("catch-up message: the verifier refused it");
    if (const auto* t = root->body_as_CatchUpRequest()) return read(*t);
    if (const auto* t = root->body_as_SnapshotChunk()) return read(*t);
  } else if (header.is(fb::PresenceIdentifier())) {
    const auto* root = header.open<fb::Presence>(fb::PresenceIdentifier());
    if (root == nullptr) return malformed("presence message: the verifier refused it");
    if (const auto* t = root->body_as_Heartbeat()) return read(*t);
    if (const auto* t = root->body_as_Goodbye()) return read(*t);
  }
  return malformed("header of unknown kind");
}

// Hands the raw frames to the messages that have some; false when they do not fit the kind.
bool attach(Message& message, std::span<const ByteView> raw) {
  const auto pair = [&raw](ByteView& first, ByteView& second) {
    if (raw.empty()) return false;
    first = raw[0];
    if (raw.size() > 1) second = raw[1];
    return raw.size() == 1 || second.size() == first.size();
  };
  if (auto* vote = std::get_if<Vote>(&message))
    return vote->abstention == Abstention::None ? pair(vote->signs, vote->abstained) : raw.empty();
  if (auto* update = std::get_if<Update>(&message)) return pair(update->signs, update->ties);
  if (auto* chunk = std::get_if<SnapshotChunk>(&message)) {
    if (raw.size() != 1 || raw[0].size() > kChunkBytes) return false;
    chunk->data = raw[0];
    return true;
  }
  return raw.empty();
}

void append_raw(std::vector<Bytes>& frames, ByteView first, ByteView second) {
  frames.push_back(to_bytes(first));
  if (!second.empty()) frames.push_back(to_bytes(second));
}

}  // namespace

std::size_t frame_max(std::size_t dimension) {
  return std::max({kHeaderMax, kChunkBytes, sign_bytes(dimension)});
}

std::vector<Bytes> encode(const Message& message) {
  std::vector<Bytes> frames;
  frames.push_back(std::visit([](const auto& m) { return header_of(m); }, message));
  if (const auto* vote = std::get_if<Vote>(&message); vote && vote->abstention == Abstention::None)
    append_raw(frames, vote->signs, vote->abstained);
  if (const auto* update = std::get_if<Update>(&message))
    append_raw(frames, update->signs, update->ties);
  if (const auto* chunk = std::get_if<SnapshotChunk>(&message)) append_raw(frames, chunk->data, {});
  return frames;
}

Result<Message> decode(std::span<const ByteView> frames) {
  if (frames.empty() || frames.size() > kFramesMax)
    return malformed(std::to_string(frames.size()) + " frames; a message has 1 to " +
                     std::to_string(kFramesMax));
  if (frames[0].size() > kHeaderMax)
    return malformed("header of " + std::to_string(frames[0].size()) + " bytes is too large");
  auto message = read_header(AlignedHeader(frames[0]));
  if (!message) return message;
  if (!attach(*message, frames.subspan(1)))
    return malformed(std::string(kind_of(*message)) + ": raw frames do not fit");
  return message;
}

}  // namespace signet

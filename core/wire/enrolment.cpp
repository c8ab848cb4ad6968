#include "core/wire/enrolment.hpp"

#include "core/wire/aligned_header.hpp"
#include "schemas/enrolment_generated.h"

namespace signet {

namespace {

Bytes enrolment_frame(flatbuffers::FlatBufferBuilder& builder, fb::EnrolmentBody type,
                      flatbuffers::Offset<void> body) {
  builder.Finish(fb::CreateEnrolment(builder, type, body), fb::EnrolmentIdentifier());
  return finish_frame(builder);
}

std::string text_in(const flatbuffers::String* text) {
  return text != nullptr ? text->str() : "";
}

Error no_enrolment(const char* what) {
  return {ErrorKind::Malformed, std::string("the bytes are no ") + what + " of an enrolment"};
}

}  // namespace

Bytes encode(const EnrolRequest& request) {
  flatbuffers::FlatBufferBuilder b;
  const auto secret = b.CreateVector(reinterpret_cast<const std::uint8_t*>(request.secret.data()),
                                     request.secret.size());
  const auto name = b.CreateString(request.name);
  const auto host = b.CreateString(request.host);
  const auto software = b.CreateString(request.software);
  const auto body = fb::CreateEnrolRequest(b, request.version, secret, name, host, software);
  return enrolment_frame(b, fb::EnrolmentBody::EnrolRequest, body.Union());
}

Bytes encode(const EnrolAnswer& answer) {
  flatbuffers::FlatBufferBuilder b;
  const auto name = b.CreateString(answer.name);
  const auto text = b.CreateString(answer.text);
  const auto body = fb::CreateEnrolAnswer(b, answer.version,
                                          static_cast<std::uint8_t>(answer.verdict), name, text);
  return enrolment_frame(b, fb::EnrolmentBody::EnrolAnswer, body.Union());
}

Result<EnrolRequest> decode_enrol_request(ByteView frame) {
  const AlignedHeader header(frame);
  const auto* root = header.is(fb::EnrolmentIdentifier())
                         ? header.open<fb::Enrolment>(fb::EnrolmentIdentifier())
                         : nullptr;
  const auto* body = root != nullptr ? root->body_as_EnrolRequest() : nullptr;
  if (body == nullptr) return no_enrolment("request");
  EnrolRequest request;
  request.version = body->version();
  request.secret =
      to_bytes(std::as_bytes(std::span(body->secret()->data(), body->secret()->size())));
  request.name = text_in(body->name());
  request.host = text_in(body->host());
  request.software = text_in(body->software());
  return request;
}

Result<EnrolAnswer> decode_enrol_answer(ByteView frame) {
  const AlignedHeader header(frame);
  const auto* root = header.is(fb::EnrolmentIdentifier())
                         ? header.open<fb::Enrolment>(fb::EnrolmentIdentifier())
                         : nullptr;
  const auto* body = root != nullptr ? root->body_as_EnrolAnswer() : nullptr;
  if (body == nullptr || body->verdict() < static_cast<std::uint8_t>(EnrolVerdict::Enrolled) ||
      body->verdict() > static_cast<std::uint8_t>(EnrolVerdict::TryLater))
    return no_enrolment("answer");
  EnrolAnswer answer;
  answer.version = body->version();
  answer.verdict = static_cast<EnrolVerdict>(body->verdict());
  answer.name = text_in(body->name());
  answer.text = text_in(body->text());
  return answer;
}

}  // namespace signet

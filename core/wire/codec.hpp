#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/wire/messages.hpp"

namespace signet {

/// Frames of a message: a header, then up to two raw frames.
inline constexpr std::size_t kFramesMax = 3;
/// Bytes of a header frame. The largest is a hello or welcome with per-feature statistics or a job.
inline constexpr std::size_t kHeaderMax = std::size_t{4} << 20;
/// Bytes of a name, or of a text for people, of which decode() reads no more: whoever sends it
/// wrote it for a log.
inline constexpr std::size_t kTextMax = 2000;
/// Bytes of snapshot data per chunk: small beside a slow link's second, large beside a header.
inline constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

/// Updates that one catch-up request is answered with at most: what a slow reader can be made to
/// queue. The asker knows by it when to ask on.
inline constexpr std::size_t kCatchUpBatch = 8;

/// Bytes of the largest frame that a run of this dimension can send: the transport refuses more.
std::size_t frame_max(std::size_t dimension);

/// Header first; raw frames are copied from the message's views.
std::vector<Bytes> encode(const Message& message);

/// Reads a message from bytes nobody has checked yet. The header is copied to aligned memory and
/// verified before any field is read; raw frames are not touched: the result views them in place.
/// Fails with Malformed (no frames, too many, too large, unknown identifier, the verifier refused,
/// a number without meaning, raw frames that the message cannot have).
Result<Message> decode(std::span<const ByteView> frames);

}  // namespace signet

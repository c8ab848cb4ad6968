#include "core/data/gunzip.hpp"

#include <algorithm>
#include <new>

#include <zlib.h>

#include "core/data/array.hpp"

namespace signet {
namespace {

constexpr std::size_t kGunzipStep = std::size_t{1} << 20;
constexpr std::size_t kDeflateRatioMax = 1032;  // 258 bytes from 2 bits, zlib's technical page

/// zlib's decoder, closed when it goes out of scope.
class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, MAX_WBITS + 16) == Z_OK) {}  // 16: gzip and only gzip
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return ready_; }
  const char* message() const { return stream_.msg != nullptr ? stream_.msg : "bad stream"; }
  void restart() { inflateReset(&stream_); }

  /// Decodes from `input` to `output` and drops from both what was used.
  int step(ByteView& input, std::span<std::byte>& output) {
    // zlib counts in 32 bits; 1 GiB at a time is below that everywhere.
    const auto in = static_cast<uInt>(std::min(input.size(), std::size_t{1} << 30));
    const auto out = static_cast<uInt>(std::min(output.size(), std::size_t{1} << 30));
    // zlib never writes to its input; the cast is for builds of it without ZLIB_CONST.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_in = in;
    stream_.avail_out = out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    input = input.subspan(in - stream_.avail_in);
    output = output.subspan(out - stream_.avail_out);
    return code;
  }

 private:
  z_stream stream_{};
  bool ready_;
};

/// What the last member's trailer claims, where the compressed size makes it possible: saves the
/// copies of a growing buffer. Pages are touched only as bytes arrive.
std::size_t claimed_size(ByteView compressed, std::size_t expanded_max) {
  if (compressed.size() < 18) return 0;  // shortest header and trailer
  const auto claimed = load_number<std::uint32_t>(compressed.data() + compressed.size() - 4, false);
  if (claimed / kDeflateRatioMax > compressed.size()) return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(claimed, expanded_max));
}

/// Room for what the trailer claims. A file that was cut off claims anything, and the system may
/// refuse it: then the buffer grows as bytes arrive.
Bytes room_for(std::size_t claimed) {
  Bytes room;
  try {
    room.reserve(claimed);
  } catch (const std::bad_alloc&) {
    room.clear();
  }
  return room;
}

}  // namespace

bool is_gzip(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

Result<Bytes> gunzip(ByteView compressed, const std::string& file, std::size_t expanded_max) {
  if (!is_gzip(compressed))
    return Error{ErrorKind::Malformed,
                 file +
                     ": not a gzip file, which starts with the bytes 1f 8b; if it is expanded "
                     "already, take .gz from its name"};
  Inflater inflater;
  if (!inflater.ready())
    return Error{ErrorKind::Full, file + ": no memory to expand it; free some and try again"};

  Bytes expanded =
      room_for(claimed_size(compressed, expanded_max) + kGunzipStep);  // a last step, not full
  ByteView input = compressed;
  while (true) {
    const std::size_t before = expanded.size();
    // One byte over the limit tells "exactly full" from "too large".
    expanded.resize(before + std::min(kGunzipStep, expanded_max - before + 1));
    std::span<std::byte> output = std::span(expanded).subspan(before);
    const std::size_t input_before = input.size(), output_before = output.size();
    const int code = inflater.step(input, output);
    expanded.resize(expanded.size() - output.size());

    if (expanded.size() > expanded_max)
      return Error{ErrorKind::Mismatch, file + ": expands to more than " +
                                            std::to_string(expanded_max) +
                                            " bytes; expand it with gunzip and keep that"};
    if (code == Z_STREAM_END) {
      if (std::all_of(input.begin(), input.end(), [](std::byte b) { return b == std::byte{0}; }))
        return expanded;
      if (!is_gzip(input))
        return Error{ErrorKind::Malformed, file + ": " + std::to_string(input.size()) +
                                               " bytes after the end of the gzip data are not "
                                               "gzip; the file is damaged: copy it again"};
      inflater.restart();
      continue;
    }
    const bool stuck = input.size() == input_before && output.size() == output_before;
    if (code == Z_BUF_ERROR || (code == Z_OK && stuck))
      return Error{ErrorKind::Malformed,
                   file + ": the gzip data end after " + std::to_string(compressed.size()) +
                       " bytes, in the middle; the file is truncated: copy it again"};
    if (code != Z_OK)
      return Error{ErrorKind::Malformed, file + ": the gzip data are damaged near byte " +
                                             std::to_string(compressed.size() - input.size()) +
                                             " (" + inflater.message() + "): copy it again"};
  }
}

}  // namespace signet

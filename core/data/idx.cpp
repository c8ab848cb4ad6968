#include "core/data/idx.hpp"

namespace signet {
namespace {

constexpr std::uint8_t kIdxByte = 0x08, kIdxFloat = 0x0D;

struct IdxHeader {
  std::uint8_t type = 0;
  std::vector<std::size_t> shape;
  std::size_t size = 0;  // bytes of the header itself
};

Error idx_malformed(const std::string& file, const std::string& what) {
  return {ErrorKind::Malformed, file + ": " + what};
}

Result<IdxHeader> read_idx_header(ByteView bytes, const std::string& file) {
  if (bytes.size() < 4)
    return idx_malformed(file, std::to_string(bytes.size()) +
                                   " bytes there, an IDX header has at least 8; the file is "
                                   "truncated: copy it again");
  const auto magic = load_number<std::uint32_t>(bytes.data(), true);
  IdxHeader header;
  header.type = static_cast<std::uint8_t>(magic >> 8 & 0xffU);
  const std::size_t rank = magic & 0xffU;
  if (magic >> 16 != 0 || rank == 0)
    return idx_malformed(file, "starts with the number " + std::to_string(magic) +
                                   ", not as an IDX file does (2051 for images, 2049 for labels); "
                                   "check that it is the right file, and not compressed");
  if (header.type != kIdxByte && header.type != kIdxFloat)
    return Error{ErrorKind::Mismatch, file + ": IDX type " + std::to_string(header.type) +
                                          " is not supported; save bytes (type 8) or 32-bit floats "
                                          "(type 13)"};
  header.size = 4 + 4 * rank;
  if (bytes.size() < header.size)
    return idx_malformed(file, std::to_string(header.size) + " bytes expected for its header, " +
                                   std::to_string(bytes.size()) +
                                   " there; the file is truncated: copy it again");
  for (std::size_t i = 0; i < rank; ++i)
    header.shape.push_back(load_number<std::uint32_t>(bytes.data() + 4 + 4 * i, true));
  const std::size_t element = header.type == kIdxByte ? 1 : 4;
  if (auto fits = check_file_size(file, bytes.size(), header.size, header.shape, element); !fits)
    return fits.error();
  return header;
}

}  // namespace

Result<FeatureArray> parse_idx(ByteView bytes, const std::string& file) {
  auto header = read_idx_header(bytes, file);
  if (!header) return header.error();
  const ByteView data = bytes.subspan(header->size);
  FeatureArray array{std::move(header->shape), {}};
  if (header->type == kIdxByte) {
    std::vector<std::uint8_t> values(data.size());
    if (!data.empty()) std::memcpy(values.data(), data.data(), data.size());
    array.values = std::move(values);
  } else {
    std::vector<float> values(data.size() / 4);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = load_number<float>(data.data() + 4 * i, true);
    array.values = std::move(values);
  }
  return array;
}

Result<std::vector<std::int64_t>> parse_idx_labels(ByteView bytes, const std::string& file) {
  const auto header = read_idx_header(bytes, file);
  if (!header) return header.error();
  if (header->shape.size() != 1 || header->type != kIdxByte)
    return Error{ErrorKind::Mismatch,
                 file + ": labels are one byte for each sample (IDX 2049); this is IDX type " +
                     std::to_string(header->type) + " of shape " + shape_text(header->shape) +
                     ": check that images and labels are not exchanged"};
  std::vector<std::int64_t> labels;
  labels.reserve(bytes.size() - header->size);
  for (const std::byte b : bytes.subspan(header->size))
    labels.push_back(std::to_integer<std::int64_t>(b));
  return labels;
}

}  // namespace signet

#include "core/model/safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/model/shape.hpp"

namespace signet {
namespace {

using Json = nlohmann::ordered_json;

/// The limit of the format's own reader: a header of this size is an attack, not a model.
constexpr std::uint64_t kHeaderMax = 100'000'000;

Error file_error(ErrorKind kind, std::string message) {
  return {kind, "safetensors: " + std::move(message)};
}
Error tensor_error(ErrorKind kind, const std::string& name, std::string message) {
  return file_error(kind, "tensor '" + name + "' " + std::move(message));
}

/// Where a tensor's bytes lie behind the header.
struct Extent {
  std::uint64_t begin = 0, end = 0;
};

struct SplitFile {
  Json header;
  ByteView data;
};

Result<SplitFile> split_file(ByteView file) {
  std::uint64_t header_size = 0;
  if (file.size() < sizeof(header_size)) {
    return file_error(ErrorKind::Malformed, std::to_string(file.size()) +
                                                " bytes are too few for a header; the file is cut "
                                                "short or no safetensors file");
  }
  std::memcpy(&header_size, file.data(), sizeof(header_size));
  const ByteView rest = file.subspan(sizeof(header_size));
  if (header_size > rest.size() || header_size > kHeaderMax) {
    return file_error(ErrorKind::Malformed, "a header of " + std::to_string(header_size) +
                                                " bytes in a file of " +
                                                std::to_string(file.size()) +
                                                "; the file is cut short or no safetensors file");
  }
  const ByteView text = rest.first(static_cast<std::size_t>(header_size));
  const auto* begin = reinterpret_cast<const char*>(text.data());
  Json header = Json::parse(begin, begin + text.size(), nullptr, false);
  if (!header.is_object()) {
    return file_error(ErrorKind::Malformed, "the header is no JSON object");
  }
  return SplitFile{std::move(header), rest.subspan(text.size())};
}

std::optional<Shape> read_sizes(const Json& tensor, const char* key) {
  const auto found = tensor.find(key);
  if (found == tensor.end() || !found->is_array()) return std::nullopt;
  Shape sizes;
  for (const Json& size : *found) {
    if (!size.is_number_unsigned()) return std::nullopt;
    const auto value = size.get<std::uint64_t>();
    if (value > SIZE_MAX) return std::nullopt;
    sizes.push_back(static_cast<std::size_t>(value));
  }
  return sizes;
}

/// Checks one entry of the header against the block it must fill.
Result<Extent> read_extent(const Json& tensor, const ParameterBlock& block, std::size_t data_size) {
  if (!tensor.is_object() || !tensor.contains("dtype") || !tensor["dtype"].is_string()) {
    return tensor_error(ErrorKind::Malformed, block.name, "has no dtype");
  }
  const auto dtype = tensor["dtype"].get<std::string>();
  if (dtype != "F32") {
    return tensor_error(ErrorKind::Mismatch, block.name,
                        "has dtype " + dtype + ", but the model needs F32; convert it");
  }
  const auto shape = read_sizes(tensor, "shape");
  const auto offsets = read_sizes(tensor, "data_offsets");
  if (!shape || !offsets || offsets->size() != 2) {
    return tensor_error(ErrorKind::Malformed, block.name, "has no shape or no data_offsets");
  }
  if (*shape != block.shape) {
    return tensor_error(ErrorKind::Mismatch, block.name,
                        "has shape " + shape_text(*shape) + ", but the model needs " +
                            shape_text(block.shape) + "; use the file of this model");
  }
  const std::size_t begin = (*offsets)[0], end = (*offsets)[1];
  if (begin > end || end > data_size || end - begin != block.size * sizeof(float)) {
    return tensor_error(ErrorKind::Malformed, block.name,
                        "has data_offsets " + std::to_string(begin) + " to " + std::to_string(end) +
                            ", but " + shape_text(block.shape) + " floats within " +
                            std::to_string(data_size) + " bytes are needed");
  }
  return Extent{begin, end};
}

/// The format demands that tensors cover the data without holes or overlaps.
Status check_coverage(std::vector<Extent> extents, std::size_t data_size) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::uint64_t covered = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != covered) {
      return file_error(ErrorKind::Malformed, "tensors overlap or leave a hole at byte " +
                                                  std::to_string(covered) + " of the data");
    }
    covered = extent.end;
  }
  if (covered == data_size) return {};
  return file_error(ErrorKind::Malformed, "tensors take " + std::to_string(covered) +
                                              " bytes, but the data has " +
                                              std::to_string(data_size));
}

Status check_names(const Json& header, const std::vector<ParameterBlock>& blocks) {
  for (const auto& entry : header.items()) {
    const auto& name = entry.key();
    const bool known = std::any_of(blocks.begin(), blocks.end(),
                                   [&](const ParameterBlock& block) { return block.name == name; });
    if (!known && name != "__metadata__") {
      return tensor_error(ErrorKind::Mismatch, name,
                          "is not part of the model; use the file of this model");
    }
  }
  return {};
}

}  // namespace

Bytes to_safetensors(const std::vector<ParameterBlock>& blocks, std::span<const float> parameters,
                     const std::vector<std::pair<std::string, std::string>>& metadata) {
  Json header = Json::object();
  for (const auto& [key, value] : metadata) header["__metadata__"][key] = value;
  std::size_t end = 0;
  for (const ParameterBlock& block : blocks) {
    SIGNET_CHECK(block.offset == end, "blocks follow each other");
    end += block.size;
    header[block.name] = {{"dtype", "F32"},
                          {"shape", block.shape},
                          {"data_offsets", {block.offset * sizeof(float), end * sizeof(float)}}};
  }
  SIGNET_CHECK(end == parameters.size(), "one value for each parameter of the blocks");
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');

  const auto header_size = static_cast<std::uint64_t>(text.size());
  const auto data = view_bytes(parameters);
  Bytes file(sizeof(header_size) + text.size() + data.size());
  std::memcpy(file.data(), &header_size, sizeof(header_size));
  std::memcpy(file.data() + sizeof(header_size), text.data(), text.size());
  std::copy(data.begin(), data.end(),
            file.begin() + static_cast<std::ptrdiff_t>(sizeof(header_size) + text.size()));
  return file;
}

Result<std::vector<float>> parameters_from_safetensors(ByteView file,
                                                       const std::vector<ParameterBlock>& blocks) {
  const auto split = split_file(file);
  if (!split) return split.error();
  const auto names = check_names(split->header, blocks);
  if (!names) return names.error();

  std::vector<float> parameters;
  std::vector<Extent> extents;
  for (const ParameterBlock& block : blocks) {
    const auto tensor = split->header.find(block.name);
    if (tensor == split->header.end()) {
      return tensor_error(
          ErrorKind::Mismatch, block.name,
          "(" + shape_text(block.shape) + ") is missing; use the file of this model");
    }
    const auto extent = read_extent(*tensor, block, split->data.size());
    if (!extent) return extent.error();
    extents.push_back(*extent);
    parameters.resize(block.offset + block.size);
    std::memcpy(parameters.data() + block.offset,
                split->data.data() + static_cast<std::size_t>(extent->begin),
                block.size * sizeof(float));
  }
  const auto coverage = check_coverage(std::move(extents), split->data.size());
  if (!coverage) return coverage.error();
  return parameters;
}

}  // namespace signet

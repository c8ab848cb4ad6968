#include "core/data/npy.hpp"

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "core/data/npy_header.hpp"

namespace signet {
namespace {

// Conversions between what a file holds and what we keep, saturating where C++ says undefined.
void keep_number(double from, float& to) {
  constexpr double largest = std::numeric_limits<float>::max();
  const bool beyond = std::abs(from) > largest;  // also infinity, but not NaN
  to = beyond ? std::copysign(std::numeric_limits<float>::infinity(), from < 0 ? -1.0F : 1.0F)
              : static_cast<float>(from);
}
void keep_number(float from, float& to) {
  to = from;
}
template <std::integral T>
void keep_number(T from, float& to) {
  to = static_cast<float>(from);
}
template <std::integral T>
void keep_number(T from, std::int64_t& to) {
  to = std::in_range<std::int64_t>(from) ? static_cast<std::int64_t>(from)
                                         : std::numeric_limits<std::int64_t>::max();
}

template <typename From, typename To>
std::vector<To> convert_numbers(ByteView data, bool big_endian) {
  std::vector<To> values(data.size() / sizeof(From));
  for (std::size_t i = 0; i < values.size(); ++i)
    keep_number(load_number<From>(data.data() + i * sizeof(From), big_endian), values[i]);
  return values;
}

/// One type a file may hold, and how its numbers become ours. Floats make no labels.
struct NpyType {
  std::string_view name;
  std::size_t width;
  std::vector<float> (*to_floats)(ByteView, bool);
  std::vector<std::int64_t> (*to_labels)(ByteView, bool);
};
template <typename T>
constexpr NpyType npy_integer(std::string_view name) {
  return {name, sizeof(T), convert_numbers<T, float>, convert_numbers<T, std::int64_t>};
}
template <typename T>
constexpr NpyType npy_float(std::string_view name) {
  return {name, sizeof(T), convert_numbers<T, float>, nullptr};
}
constexpr std::array kNpyTypes = {npy_float<float>("f4"),           npy_float<double>("f8"),
                                  npy_integer<std::uint8_t>("u1"),  npy_integer<std::int8_t>("i1"),
                                  npy_integer<std::uint16_t>("u2"), npy_integer<std::int16_t>("i2"),
                                  npy_integer<std::uint32_t>("u4"), npy_integer<std::int32_t>("i4"),
                                  npy_integer<std::uint64_t>("u8"), npy_integer<std::int64_t>("i8"),
                                  npy_integer<std::uint8_t>("b1")};

/// A .npy file whose length fits its header.
struct NpyFile {
  NpyHeader header;
  const NpyType* type = nullptr;
  ByteView data;
};

Error npy_malformed(const std::string& file, const std::string& what) {
  return {ErrorKind::Malformed, file + ": " + what};
}

/// The header's text, after magic, version and length.
Result<std::string_view> npy_header_text(ByteView bytes, const std::string& file) {
  constexpr std::string_view magic = "\x93NUMPY";
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!all.starts_with(magic))
    return npy_malformed(file,
                         "not a .npy file, which starts with \\x93NUMPY; write it with "
                         "numpy.save");
  if (all.size() < 12)
    return npy_malformed(file, std::to_string(all.size()) +
                                   " bytes there, a .npy header has at least 12; the file is "
                                   "truncated: copy it again");
  const int major = std::to_integer<int>(bytes[6]);
  if (major < 1 || major > 3)
    return npy_malformed(file, ".npy version " + std::to_string(major) +
                                   " is not known, only 1 to 3; write it again with numpy.save");
  const std::size_t start = major == 1 ? 10 : 12;
  const std::size_t length = major == 1 ? load_number<std::uint16_t>(bytes.data() + 8, false)
                                        : load_number<std::uint32_t>(bytes.data() + 8, false);
  if (length > all.size() - start)
    return npy_malformed(file, "a header of " + std::to_string(length) + " bytes expected, " +
                                   std::to_string(all.size() - start) +
                                   " there; the file is truncated: copy it again");
  return all.substr(start, length);
}

Result<NpyFile> open_npy(ByteView bytes, const std::string& file) {
  const auto text = npy_header_text(bytes, file);
  if (!text) return text.error();
  auto header = read_npy_header(*text);
  if (!header)
    return npy_malformed(file, "its header " + quoted_text(*text) +
                                   " cannot be read; write it again with numpy.save");
  const auto type = std::find_if(kNpyTypes.begin(), kNpyTypes.end(),
                                 [&](const NpyType& t) { return t.name == header->type; });
  if (type == kNpyTypes.end())
    return Error{ErrorKind::Mismatch, file + ": its numbers are of type " +
                                          quoted_text(header->type) +
                                          "; save one of f4, f8, i1 to i8, u1 to u8, b1, for "
                                          "example with astype('float32')"};
  if (header->fortran_order)
    return Error{ErrorKind::Mismatch, file +
                                          ": stored in Fortran order, C order is needed; save "
                                          "numpy.ascontiguousarray of it"};
  const auto start = static_cast<std::size_t>(
      reinterpret_cast<const std::byte*>(text->data() + text->size()) - bytes.data());
  if (auto fits = check_file_size(file, bytes.size(), start, header->shape, type->width); !fits)
    return fits.error();
  return NpyFile{*std::move(header), &*type, bytes.subspan(start)};
}

}  // namespace

Result<FeatureArray> parse_npy(ByteView bytes, const std::string& file) {
  auto npy = open_npy(bytes, file);
  if (!npy) return npy.error();
  FeatureArray array{std::move(npy->header.shape), {}};
  if (npy->type->name == "u1") {
    std::vector<std::uint8_t> values(npy->data.size());
    if (!values.empty()) std::memcpy(values.data(), npy->data.data(), values.size());
    array.values = std::move(values);
  } else {
    array.values = npy->type->to_floats(npy->data, npy->header.big_endian);
  }
  return array;
}

Result<std::vector<std::int64_t>> parse_npy_labels(ByteView bytes, const std::string& file) {
  const auto npy = open_npy(bytes, file);
  if (!npy) return npy.error();
  const std::vector<std::size_t>& shape = npy->header.shape;
  if (shape.empty() || element_count(std::span(shape).subspan(1)) != std::size_t{1})
    return Error{ErrorKind::Mismatch,
                 file + ": labels are one number for each sample, these have the shape (" +
                     shape_text(shape) + "); if they are one-hot, save their argmax(axis=1)"};
  if (npy->type->to_labels == nullptr)
    return Error{ErrorKind::Mismatch, file + ": labels are of type " + npy->header.type +
                                          "; save whole numbers, for example astype('int64')"};
  return npy->type->to_labels(npy->data, npy->header.big_endian);
}

Result<TargetArray> parse_npy_targets(ByteView bytes, const std::string& file) {
  auto npy = open_npy(bytes, file);
  if (!npy) return npy.error();
  return TargetArray{std::move(npy->header.shape),
                     npy->type->to_floats(npy->data, npy->header.big_endian)};
}

}  // namespace signet

#include "core/data/array.hpp"

#include <cmath>
#include <limits>

namespace signet {
namespace {

std::vector<std::size_t> without_ones(std::span<const std::size_t> shape) {
  std::vector<std::size_t> kept;
  for (const std::size_t n : shape)
    if (n != 1) kept.push_back(n);
  return kept;
}

}  // namespace

std::optional<std::size_t> element_count(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (const std::size_t n : shape) {
    if (n != 0 && count > std::numeric_limits<std::size_t>::max() / n) return std::nullopt;
    count *= n;
  }
  return count;
}

std::string shape_text(std::span<const std::size_t> shape) {
  std::string text;
  for (const std::size_t n : shape) text += (text.empty() ? "" : "x") + std::to_string(n);
  return text;
}

std::string quoted_text(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string shown = "'";
  for (const char c : text.substr(0, shown_max)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return shown + (text.size() > shown_max ? "...'" : "'");
}

Status check_file_size(const std::string& file, std::size_t there, std::size_t header_bytes,
                       std::span<const std::size_t> shape, std::size_t element_bytes) {
  const std::size_t room = std::numeric_limits<std::size_t>::max() - header_bytes;
  const auto count = element_count(shape);
  if (!count || *count > room / element_bytes)
    return Error{ErrorKind::Malformed, file + ": its header claims a shape of " +
                                           shape_text(shape) +
                                           ", more than this machine can address; the header is "
                                           "damaged: copy the file again"};
  const std::size_t expected = header_bytes + *count * element_bytes;
  if (there == expected) return {};
  return Error{ErrorKind::Malformed,
               file + ": " + std::to_string(expected) + " bytes expected from its header, " +
                   std::to_string(there) + " there; " +
                   (there < expected ? "the file is truncated: copy it again"
                                     : "more follows than belongs to it: copy it again")};
}

Result<std::vector<std::size_t>> sample_shape_for(const std::string& file,
                                                  std::span<const std::size_t> shape,
                                                  std::span<const std::size_t> input) {
  if (shape.empty() || shape[0] == 0)
    return Error{ErrorKind::Mismatch,
                 file + ": 0 samples; an agent needs at least one sample to learn from"};
  std::vector<std::size_t> sample(shape.begin() + 1, shape.end());
  if (sample.empty()) sample.push_back(1);
  const auto count = element_count(sample);
  if (!count || *count == 0)
    return Error{ErrorKind::Mismatch, file + ": samples of shape " + shape_text(sample) +
                                          " hold no features; at least one is needed"};
  if (input.empty()) return sample;

  const std::string both = file + ": samples have the shape " + shape_text(sample) +
                           ", the job's model has the input " + shape_text(input) + "; ";
  if (count != element_count(input))
    return Error{ErrorKind::Mismatch, both + "use data of that shape, or correct the job"};
  const auto a = without_ones(sample), b = without_ones(input);
  if (a.size() > 1 && b.size() > 1 && a != b)
    return Error{ErrorKind::Mismatch,
                 both +
                     "the number of values is equal but not their order: store samples with "
                     "the channels first, or correct the job"};
  return sample;
}

Status check_finite(const std::string& file, std::span<const float> values, std::size_t width,
                    bool may_be_missing) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) || (may_be_missing && std::isnan(values[i]))) continue;
    const char* what = std::isnan(values[i]) ? " is NaN" : " is infinite or above 3.4e38";
    return Error{ErrorKind::Malformed, file + ": sample " + std::to_string(i / width) + ", value " +
                                           std::to_string(i % width) + what +
                                           "; replace it or leave the sample out"};
  }
  return {};
}

std::int64_t largest_label(std::size_t classes) {
  SIGNET_CHECK(classes > 0, "labels without classes");
  constexpr std::size_t limit = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int64_t>(std::min(classes - 1, limit));
}

Result<std::vector<std::int32_t>> labels_within(const std::string& file,
                                                std::span<const std::int64_t> labels,
                                                std::size_t classes) {
  const std::int64_t largest = largest_label(classes);
  std::vector<std::int32_t> kept;
  kept.reserve(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] > largest)
      return Error{ErrorKind::Mismatch,
                   file + ": label " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                       ", allowed are 0 to " + std::to_string(largest) +
                       "; number the classes from 0, or correct the job's number of classes"};
    kept.push_back(static_cast<std::int32_t>(labels[i]));
  }
  return kept;
}

}  // namespace signet

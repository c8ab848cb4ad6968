#include "core/model/shape.hpp"

#include "core/base/check.hpp"

namespace signet {

std::string shape_text(const Shape& shape) {
  std::string text;
  for (const std::size_t size : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text;
}

std::optional<std::size_t> count_elements(const Shape& shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    if (size != 0 && count > kElementsMax / size) return std::nullopt;
    count *= size;
  }
  return count;
}

std::size_t elements_of(const Shape& shape) {
  const auto count = count_elements(shape);
  SIGNET_CHECK(count.has_value(), "shapes are checked before layers are built");
  return *count;
}

}  // namespace signet

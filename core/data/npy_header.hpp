#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

/// What the header of a .npy file says about the array behind it.
struct NpyHeader {
  bool big_endian = false;
  std::string type;  ///< kind and width, for example "f4"; a structured type as it is written
  bool fortran_order = false;
  std::vector<std::size_t> shape;
};

/// Reads the header's text: a literal Python dictionary with the keys descr, fortran_order and
/// shape, each once and in any order. Nothing when the text is anything else.
std::optional<NpyHeader> read_npy_header(std::string_view text);

}  // namespace signet

#include "core/kernels/tables.hpp"

#include "core/kernels/loops.inc"

namespace signet::kernels {

constinit const Kernels kPortable = make_table("portable", [] { return true; });

}  // namespace signet::kernels

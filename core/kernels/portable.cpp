#include "core/kernels/loops.inc"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

constinit const Kernels kPortable = make_table("portable", [] { return true; });

}  // namespace signet::kernels

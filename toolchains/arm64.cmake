# Raspberry Pi 3, 4, 5, Zero 2 W and other 64-bit boards under a 64-bit Debian or Raspberry Pi OS.
# armv8-a is what the oldest of them (Cortex-A53) has; Advanced SIMD is part of it.
set(SIGNET_TRIPLET aarch64-linux-gnu)
set(SIGNET_PROCESSOR aarch64)
set(SIGNET_ARCH arm64)
set(SIGNET_QEMU qemu-aarch64)
set(CMAKE_C_FLAGS_INIT "-march=armv8-a")
set(CMAKE_CXX_FLAGS_INIT "-march=armv8-a")
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)

# The same boards (Raspberry Pi 2, 3, 4, 5, Zero 2 W) under a 32-bit Debian or Raspberry Pi OS.
# Debian's armhf baseline is ARMv7 with VFPv3-D16 and does not promise NEON, but every board named
# here has it, and the kernels and Eigen need it: all code is compiled for ARMv7 with NEON.
# ARMv6 (Raspberry Pi 1, Zero, Zero W) is not supported: the programs say so and end.
set(SIGNET_TRIPLET arm-linux-gnueabihf)
set(SIGNET_PROCESSOR armv7l)
set(SIGNET_ARCH armhf)
set(SIGNET_QEMU qemu-arm)
set(CMAKE_C_FLAGS_INIT "-march=armv7-a -mfpu=neon-vfpv4 -mthumb")
# -Wno-psabi: a note about a calling convention that changed in gcc 7; all of a board's code is newer.
set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a -mfpu=neon-vfpv4 -mthumb -Wno-psabi")
# Code that looks at the processor first and must run on any: core/platform/arm_start.cpp.
set(SIGNET_START_FLAGS -march=armv6 -mfpu=vfp -marm -fno-stack-protector)
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)

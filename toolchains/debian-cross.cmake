# What the ARM toolchain files share. Wants SIGNET_TRIPLET, SIGNET_PROCESSOR, SIGNET_ARCH (Debian's
# name) and SIGNET_QEMU. Compilers are Debian's g++-TRIPLET; the target's headers and libraries come
# from a sysroot that tools/mksysroot.sh makes (./dev cross does all of it).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${SIGNET_PROCESSOR})
set(CMAKE_C_COMPILER ${SIGNET_TRIPLET}-gcc)
set(CMAKE_CXX_COMPILER ${SIGNET_TRIPLET}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${SIGNET_TRIPLET})  # lib/TRIPLET and lib/TRIPLET/cmake are searched

# -DSIGNET_SYSROOT, else the environment, else build/sysroot-ARCH. Cached, so that a reconfigure
# without the environment keeps it, and handed on to try_compile().
if(NOT SIGNET_SYSROOT)
  if(NOT "$ENV{SIGNET_SYSROOT}" STREQUAL "")
    set(SIGNET_SYSROOT "$ENV{SIGNET_SYSROOT}" CACHE PATH "sysroot of the target")
  else()
    set(SIGNET_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/sysroot-${SIGNET_ARCH}"
        CACHE PATH "sysroot of the target")
  endif()
endif()
get_filename_component(SIGNET_SYSROOT "${SIGNET_SYSROOT}" ABSOLUTE)
if(NOT EXISTS "${SIGNET_SYSROOT}/usr/include")
  message(FATAL_ERROR "no sysroot in ${SIGNET_SYSROOT}: run ./dev cross ${SIGNET_ARCH}, which makes one")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SIGNET_SYSROOT)

set(CMAKE_SYSROOT "${SIGNET_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH "${SIGNET_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)  # flatc, pkg-config, ccache: the host's
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# pkg-config: the target's .pc files alone, their paths put under the sysroot.
set(SIGNET_PC_DIRS lib/${SIGNET_TRIPLET}/pkgconfig share/pkgconfig lib/pkgconfig)
list(TRANSFORM SIGNET_PC_DIRS PREPEND "${SIGNET_SYSROOT}/usr/")
list(JOIN SIGNET_PC_DIRS ":" SIGNET_PC_PATH)
set(ENV{PKG_CONFIG_LIBDIR} "${SIGNET_PC_PATH}")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${SIGNET_SYSROOT}")
unset(ENV{PKG_CONFIG_PATH})

# ctest and test discovery run the target's programs through qemu-user; -L is where it finds their
# loader and libraries. No binfmt registration is needed.
find_program(SIGNET_QEMU_BIN NAMES ${SIGNET_QEMU}-static ${SIGNET_QEMU})
if(SIGNET_QEMU_BIN)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${SIGNET_QEMU_BIN};-L;${SIGNET_SYSROOT}")
endif()

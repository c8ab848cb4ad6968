# What every target of ours is compiled with. Nothing here is global but the language standard.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set_property(GLOBAL PROPERTY USE_FOLDERS ON)

option(SIGNET_WERROR "Warnings of our own code are errors" ON)
set(SIGNET_CPU "baseline" CACHE STRING
    "x86-64 only: 'baseline' runs anywhere (what packages use); 'host' uses the level this machine has")

find_program(SIGNET_CCACHE ccache)
if(SIGNET_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SIGNET_CCACHE})
endif()

add_library(signet_options INTERFACE)
add_library(signet::options ALIAS signet_options)
# Contraction would let one compiler fuse a * b - c where another does not: replicas must be equal.
target_compile_options(signet_options INTERFACE -ffp-contract=off)

option(SIGNET_SMALL "Leave out functions that nobody calls, which takes the linker longer" OFF)
if(SIGNET_SMALL)
  target_compile_options(signet_options INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(signet_options INTERFACE LINKER:--gc-sections)
endif()

# signet_cold(TARGET...): rooms whose code runs at start, once a message, or when a person asks. Where
# programs are to be small, they are compiled for size.
function(signet_cold)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE $<$<BOOL:${SIGNET_SMALL}>:-Os>)
  endforeach()
endfunction()

# gcc 12 calls the undefined registers of its own AVX-512 intrinsics uninitialised (gcc bug 105593).
set(signet_old_gcc $<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>)
set(signet_avx512_warnings $<${signet_old_gcc}:-Wno-uninitialized> $<${signet_old_gcc}:-Wno-maybe-uninitialized>)

# A named level and not -march=native, so that a compiler cache never serves another machine's code.
if(SIGNET_CPU STREQUAL "host" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND NOT CMAKE_CROSSCOMPILING)
  file(STRINGS /proc/cpuinfo signet_cpu_flags REGEX "^flags" LIMIT_COUNT 1)
  if(signet_cpu_flags MATCHES " avx2 " AND signet_cpu_flags MATCHES " fma " AND signet_cpu_flags MATCHES " bmi2 ")
    target_compile_options(signet_options INTERFACE -march=x86-64-v3)
    if(signet_cpu_flags MATCHES " avx512f " AND signet_cpu_flags MATCHES " avx512bw " AND
       signet_cpu_flags MATCHES " avx512cd " AND signet_cpu_flags MATCHES " avx512dq " AND
       signet_cpu_flags MATCHES " avx512vl ")
      # Not -march=x86-64-v4: of two levels the later one counts.
      set(signet_matrix_options -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl ${signet_avx512_warnings})
    endif()
  endif()
elseif(NOT SIGNET_CPU MATCHES "^(baseline|host)$")
  message(FATAL_ERROR "SIGNET_CPU is '${SIGNET_CPU}'; it must be 'baseline' or 'host'")
endif()

# signet_matrices(TARGET): a room of matrix products, which wide vectors make up to twice as fast. What it includes of
# Eigen is compiled for this level, so that no other room may include it.
function(signet_matrices target)
  target_compile_options(${target} PRIVATE ${signet_matrix_options})
endfunction()

add_library(signet_warnings INTERFACE)
add_library(signet::warnings ALIAS signet_warnings)
target_compile_options(signet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  # gcc 12 sees overlaps that are not there in "text" + std::string at -O3 (gcc bug 105651).
  $<${signet_old_gcc}:-Wno-restrict>
  # gcc 14 takes what another alternative of a variant holds for uninitialised.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>>:-Wno-maybe-uninitialized>
  $<$<BOOL:${SIGNET_WERROR}>:-Werror>)

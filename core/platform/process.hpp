#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

/// Memory of this process that lies in RAM, in bytes.
struct ResidentMemory {
  std::uint64_t now = 0;
  std::uint64_t peak = 0;  ///< the most since the process began
};

/// Reads /proc/self/status. Fails as read_file() does, or as parse_resident_memory() does.
Result<ResidentMemory> resident_memory();

/// As many descriptors as this process may have: from now on, all that the system lets it (the hard
/// limit; shells and service managers often give 1024 at first). An agent takes two of its
/// coordinator.
std::uint64_t raise_descriptor_limit();

/// For programs that take and free the same large blocks over and over: keeps freed memory for the
/// next time, in place of returning it and having every page of it zeroed anew. Call it first.
void keep_freed_memory();
/// Returns to the system what has been freed, and from now on what is freed: before the last large
/// thing that a process does, or on both sides of freeing what should never have been taken.
void return_freed_memory();

/// Runs a program found on the path and waits for it; its exit code. Fails with Missing or Denied
/// when it cannot be run (or says so itself: code 127), or Unavailable when a signal ended it.
Result<int> run_program(const std::vector<std::string>& command);

/// What a program found on the path writes to its standard output, at most `bytes_max` of it, when
/// it ends with code 0 within `timeout`; it is killed where it takes longer or says more. What it
/// has to say on its standard error is dropped. Fails with Missing or Denied when it cannot be run,
/// else Unavailable.
Result<std::string> output_of_program(const std::vector<std::string>& command, Duration timeout,
                                      std::size_t bytes_max = 65536);

/// Overwrites each of this process's own `arguments` that is `secret`, so that `ps` shows it no
/// more.
void hide_arguments(std::span<char* const> arguments, std::string_view secret);

bool is_root();
/// Has this machine a user of that name?
bool user_exists(const std::string& name);

/// VmRSS and VmHWM of the text of a /proc/PID/status (proc(5); the kernel prints kibibytes).
/// Fails with Malformed, naming the line that is missing or cannot be read.
Result<ResidentMemory> parse_resident_memory(std::string_view status);

}  // namespace signet

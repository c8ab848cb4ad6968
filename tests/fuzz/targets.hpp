#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace signet::test {

/// Something that takes bytes nobody has checked. It must return, whatever they are: a crash, a
/// failed check, a leak or an endless loop is what the fuzzer looks for.
struct FuzzTarget {
  std::string_view name;
  void (*run)(ByteView input);
  std::vector<Bytes> (*seeds)();  ///< sound inputs, to begin with
  /// Longest input worth trying: a longer sequence of events, or a longer text, takes its time and
  /// comes to nothing new.
  std::size_t bytes_max = 65'536;
};

std::span<const FuzzTarget> fuzz_targets();
/// Null: there is none of that name.
const FuzzTarget* find_fuzz_target(std::string_view name);

// Each beside its seeds, in the file that is named after it.
void fuzz_frames(ByteView input);
std::vector<Bytes> frames_seeds();
void fuzz_session(ByteView input);
std::vector<Bytes> session_seeds();
bool scripted_session_ends();  ///< whether one of these seeds is a run from beginning to end
void fuzz_round(ByteView input);
std::vector<Bytes> round_seeds();
bool scripted_round_ends();  ///< the same
void fuzz_job(ByteView input);
std::vector<Bytes> job_seeds();
void fuzz_agent_config(ByteView input);
std::vector<Bytes> agent_config_seeds();
void fuzz_coordinator_config(ByteView input);
std::vector<Bytes> coordinator_config_seeds();
void fuzz_idx(ByteView input);
std::vector<Bytes> idx_seeds();
void fuzz_csv(ByteView input);
std::vector<Bytes> csv_seeds();
void fuzz_npy(ByteView input);
std::vector<Bytes> npy_seeds();
void fuzz_gunzip(ByteView input);
std::vector<Bytes> gunzip_seeds();
void fuzz_safetensors(ByteView input);
std::vector<Bytes> safetensors_seeds();
void fuzz_state_file(ByteView input);
std::vector<Bytes> state_file_seeds();
void fuzz_journal(ByteView input);
std::vector<Bytes> journal_seeds();
void fuzz_saved_memory(ByteView input);
std::vector<Bytes> saved_memory_seeds();
void fuzz_control(ByteView input);
std::vector<Bytes> control_seeds();
void fuzz_enrolment(ByteView input);
std::vector<Bytes> enrolment_seeds();

}  // namespace signet::test

#include "tests/fuzz/targets.hpp"

namespace signet::test {

std::span<const FuzzTarget> fuzz_targets() {
  static constexpr FuzzTarget kAll[] = {
      {"frames", fuzz_frames, frames_seeds},
      {"session", fuzz_session, session_seeds, 1024},
      {"round", fuzz_round, round_seeds, 1024},
      {"job", fuzz_job, job_seeds, 8192},
      {"agent-config", fuzz_agent_config, agent_config_seeds, 4096},
      {"coordinator-config", fuzz_coordinator_config, coordinator_config_seeds, 4096},
      {"idx", fuzz_idx, idx_seeds},
      {"csv", fuzz_csv, csv_seeds},
      {"npy", fuzz_npy, npy_seeds},
      {"gunzip", fuzz_gunzip, gunzip_seeds},
      {"safetensors", fuzz_safetensors, safetensors_seeds},
      {"state-file", fuzz_state_file, state_file_seeds},
      {"journal", fuzz_journal, journal_seeds},
      {"saved-memory", fuzz_saved_memory, saved_memory_seeds},
      {"control", fuzz_control, control_seeds},
      {"enrolment", fuzz_enrolment, enrolment_seeds},
  };
  return kAll;
}

const FuzzTarget* find_fuzz_target(std::string_view name) {
  for (const FuzzTarget& target : fuzz_targets())
    if (target.name == name) return &target;
  return nullptr;
}

}  // namespace signet::test

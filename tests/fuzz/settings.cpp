// What people write: job files and configurations.
#include "agent/config.hpp"
#include "coordinator/config.hpp"
#include "core/base/check.hpp"
#include "core/job/job.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

// A job that can be read is the same job when it was written out whole.
void fuzz_job(ByteView input) {
  const auto job = parse_job(to_text(input), "fuzz.toml");
  if (!job) return;
  const auto again = parse_job(canonical_text(*job), "written.toml");
  SIGNET_CHECK(again, "what was written can be read");
  SIGNET_CHECK(*again == *job, "and is the same");
}

std::vector<Bytes> job_seeds() {
  Job unequal = small_job();
  unequal.distribution = Distribution::Unequal;
  unequal.weights = VoteWeights::Mismatch;
  return {bytes_of(sample_job()), bytes_of(kSmallJobText), bytes_of(canonical_text(small_job())),
          bytes_of(canonical_text(unequal))};
}

void fuzz_agent_config(ByteView input) {
  static_cast<void>(bool{parse_agent_config(to_text(input), "agent.toml")});
}

std::vector<Bytes> agent_config_seeds() {
  return {bytes_of(sample_agent_config()),
          bytes_of("name = \"ada\"\ncoordinator = \"tcp://[::1]:7300\"\ndata.shard = \"1/4\"\n")};
}

void fuzz_coordinator_config(ByteView input) {
  static_cast<void>(bool{parse_coordinator_config(to_text(input), "coordinator.toml")});
}

std::vector<Bytes> coordinator_config_seeds() {
  return {bytes_of(sample_coordinator_config()), bytes_of("listen = \"tcp://0.0.0.0:0\"\n")};
}

}  // namespace signet::test

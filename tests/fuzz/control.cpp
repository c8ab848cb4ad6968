#include <memory>

#include "coordinator/control/orders.hpp"
#include "coordinator/control/protocol.hpp"
#include "core/base/check.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

const RoundMachine& asked_machine() {
  static const auto machine = [] {
    RunState state;
    state.parameters.resize(kFuzzDimension);
    auto made = RoundMachine::create(small_job(), "job", std::move(state), 1, Instant{});
    SIGNET_CHECK(made, "a new run has nothing to restore");
    return std::move(*made);
  }();
  return *machine;
}

}  // namespace

// Both sides: any question has an answer that can be read or says why not, and any answer is read
// or refused.
void fuzz_control(ByteView input) {
  const std::string text = to_text(input);
  const std::string answer = answer_question(text, asked_machine(), nullptr, {}, Instant{});
  SIGNET_CHECK(!answer.empty(), "every question has an answer");
  static_cast<void>(read_order(text));
  if (const auto status = read_status(text)) static_cast<void>(status_json(*status));
  if (const auto agents = read_agents(text)) static_cast<void>(agents_json(agents->agents));
}

std::vector<Bytes> control_seeds() {
  const auto ask = [](const std::string& question) {
    return bytes_of(answer_question(question, asked_machine(), nullptr, {}, Instant{}));
  };
  return {bytes_of(status_question()), bytes_of(agents_question("ada")), ask(status_question()),
          ask(agents_question("")), ask("{}")};
}

}  // namespace signet::test

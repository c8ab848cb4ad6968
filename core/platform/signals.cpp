#include "core/platform/signals.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>

#include <unistd.h>

#include "core/base/check.hpp"

namespace signet {
namespace {

constexpr int kExitAfterInterrupt = 130;  // 128 + SIGINT, as shells report it.

// Handlers have no argument of ours: what they touch is global and lock-free.
std::atomic<Waker*> stop_waker{nullptr};
std::atomic<int> stop_signal{0};
std::atomic<int> interrupts{0};
std::atomic<bool> hung_up{false};
static_assert(std::atomic<Waker*>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

constexpr std::array<int, 4> kHandledSignals{SIGINT, SIGTERM, SIGPIPE, SIGHUP};
std::array<struct sigaction, kHandledSignals.size()> former_actions;

extern "C" void signet_handle_stop(int signal) {
  if (signal == SIGINT && interrupts.fetch_add(1) >= 1) ::_exit(kExitAfterInterrupt);
  int none = 0;
  stop_signal.compare_exchange_strong(none, signal);
  if (Waker* waker = stop_waker.load()) waker->wake();
}

extern "C" void signet_handle_hangup(int /*signal*/) {
  hung_up = true;
  if (Waker* waker = stop_waker.load()) waker->wake();
}

using Handler = void (*)(int);

Handler handler_of(int signal) {
  if (signal == SIGPIPE) return SIG_IGN;
  return signal == SIGHUP ? signet_handle_hangup : signet_handle_stop;
}

}  // namespace

StopSignals::StopSignals(Waker& waker, Hangup hangup) {
  SIGNET_CHECK(stop_waker.load() == nullptr, "one StopSignals at a time");
  stop_signal = 0;
  interrupts = 0;
  hung_up = false;
  stop_waker = &waker;
  for (std::size_t i = 0; i < kHandledSignals.size(); ++i) {
    SIGNET_CHECK(::sigaction(kHandledSignals[i], nullptr, &former_actions[i]) == 0, "sigaction");
    if (kHandledSignals[i] == SIGHUP && hangup == Hangup::Ends) continue;
    struct sigaction action = {};
    sigemptyset(&action.sa_mask);
    action.sa_handler = handler_of(kHandledSignals[i]);
    // Without SA_RESTART: a call that waits comes back with EINTR and its caller sees the flag.
    SIGNET_CHECK(::sigaction(kHandledSignals[i], &action, nullptr) == 0, "sigaction");
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kHandledSignals.size(); ++i)
    ::sigaction(kHandledSignals[i], &former_actions[i], nullptr);
  stop_waker = nullptr;
}

int StopSignals::received() const {
  return stop_signal.load();
}

bool StopSignals::take_reload() const {
  return hung_up.exchange(false);
}

}  // namespace signet

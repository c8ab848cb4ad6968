#include "core/platform/restarts.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <poll.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"

namespace signet {
namespace {

constexpr Duration kLasting = std::chrono::minutes(1);
constexpr Duration kPauseFirst = std::chrono::seconds(1);
constexpr Duration kPauseMost = std::chrono::minutes(5);
constexpr unsigned kDoublingsMost = 9;  // 512 s, more than the most

// The number before `end`, which is dropped with it; none where there is no number.
std::optional<std::uint64_t> take_number(std::string_view& text, char end) {
  std::uint64_t number = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || rest == text.data() + text.size() || *rest != end)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
  return number;
}

ShortRuns read_short_runs(const std::string& file) {
  const auto bytes = read_file(file);
  if (!bytes) return {};
  return parse_short_runs(to_text(*bytes)).value_or(ShortRuns{});
}

void sleep_until(Instant end, Waker& waker) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_now());
  if (left.count() <= 0) return;
  pollfd woken{waker.descriptor(), POLLIN, 0};
  ::poll(&woken, 1, static_cast<int>(left.count()));  // at most some minutes
  waker.drain();
}

}  // namespace

ShortRuns after_another_start(const ShortRuns& before, Instant now) {
  const bool lasted = now - before.started >= pause_of(before) + kLasting;
  return {before.count == 0 || lasted ? 1 : before.count + 1, now};
}

Duration pause_of(const ShortRuns& runs) {
  if (runs.count < 2) return Duration::zero();
  return std::min(kPauseFirst * (1 << std::min(runs.count - 2, kDoublingsMost)), kPauseMost);
}

std::string to_text(const ShortRuns& runs) {
  return std::to_string(runs.count) + " " + std::to_string((runs.started - Instant{}).count()) +
         "\n";
}

std::optional<ShortRuns> parse_short_runs(std::string_view text) {
  const auto count = take_number(text, ' ');
  if (!count || *count > 1000000000) return std::nullopt;
  const auto started = take_number(text, '\n');
  if (!started || !text.empty()) return std::nullopt;
  return ShortRuns{static_cast<unsigned>(*count),
                   Instant(Duration(static_cast<Duration::rep>(*started)))};
}

std::string Restarts::folder() {
  const char* folder = std::getenv("RUNTIME_DIRECTORY");
  return folder == nullptr ? "" : folder;
}

Restarts::Restarts(const std::string& folder, Instant now) {
  if (folder.empty()) return;
  file_ = folder + "/short-runs";
  runs_ = after_another_start(read_short_runs(file_), now);
  const std::string text = to_text(runs_);
  saved_ = write_file_atomically(file_, view_bytes(text));
}

void Restarts::forget() const {
  if (!file_.empty()) ::unlink(file_.c_str());
}

bool wait_out(const Restarts& restarts, ServiceManager& service, Waker& waker,
              const StopSignals& signals) {
  if (!restarts.saved()) log_warning("{}", restarts.saved().error().message);
  const auto pause = std::chrono::duration_cast<std::chrono::seconds>(restarts.pause());
  if (pause.count() == 0) return true;
  const unsigned failed = restarts.count() - 1;
  const std::string why =
      fmt::format("waits {} s: the last {} did not last a minute", pause.count(),
                  failed == 1 ? "start" : fmt::format("{} starts", failed));
  log_warning("{}", why);
  service.ready();  // The manager would take the wait for a start that hangs.
  service.say(steady_now(), why);
  const Instant end = steady_now() + pause;
  while (signals.received() == 0 && steady_now() < end) {
    service.alive(steady_now());
    sleep_until(std::min(end, service.due()), waker);
  }
  return signals.received() == 0;
}

}  // namespace signet

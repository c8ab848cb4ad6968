#include <array>
#include <optional>

#include "core/platform/clock.hpp"
#include "core/platform/reach.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_doorman.hpp"
#include "core/platform/zmq_monitor.hpp"

namespace signet {

Result<Knock> knock(const Endpoint& at, const std::optional<AgentTransport::Encryption>& encryption,
                    Duration timeout) {
  using zeromq::ConnectionMonitor;
  std::optional<zmq::context_t> context;  // Goes after the sockets.
  zmq::socket_t socket;
  ConnectionMonitor monitor;
  const int failed = zeromq::error_of([&] {
    context.emplace(1);
    socket = zmq::socket_t(*context, zmq::socket_type::dealer);
    zeromq::set_common_options(socket, kEnrolmentMax, 4, encryption ? zeromq::kCurveBytes : 0);
    socket.set(zeromq::opt::linger, 0);
    if (encryption) zeromq::speak_encrypted(socket, encryption->keys, encryption->server_key);
    monitor.open(*context, socket, "knock");
    socket.connect(at.text());
  });
  if (failed != 0) return system_error(failed, at.text(), "cannot be connected to");
  const Waker nobody;
  const Instant end = steady_now() + timeout;
  for (Instant now = steady_now(); now < end; now = steady_now()) {
    switch (monitor.next()) {
      case ConnectionMonitor::News::Connected: return Knock::Opened;
      case ConnectionMonitor::News::Denied: return Knock::KeyDenied;
      case ConnectionMonitor::News::NoCommonGround: return Knock::NoCommonGround;
      case ConnectionMonitor::News::Nothing: {
        const std::array sockets{&monitor.socket()};
        zeromq::wait_for(sockets, nobody, end - now);
        break;
      }
      case ConnectionMonitor::News::Failed:
      case ConnectionMonitor::News::Lost: break;  // libzmq tries again.
    }
  }
  return Knock::NoAnswer;
}

}  // namespace signet

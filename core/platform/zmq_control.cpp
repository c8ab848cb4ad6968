// The asking side of a control socket. Answers come from CoordinatorTransport.
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "core/platform/clock.hpp"
#include "core/platform/control_client.hpp"
#include "core/platform/control_path.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_socket.hpp"

namespace signet {
namespace zeromq {

constexpr std::size_t kAnswerMax = std::size_t{16} << 20;

class Client final : public ControlClient {
 public:
  Status start(const std::string& path) {
    auto endpoint = control_endpoint_of(path);
    if (!endpoint) return endpoint.error();
    path_ = path;
    const int failed = error_of([&] {
      context_.emplace(1);
      socket_ = zmq::socket_t(*context_, zmq::socket_type::req);
      set_common_options(socket_, kAnswerMax, 2);
      socket_.set(opt::linger, 0);  // Whoever does not answer need not be waited for at the end.
      socket_.connect(*endpoint);
    });
    if (failed != 0) return system_error(failed, path, "cannot be connected to");
    return {};
  }

  Result<Bytes> ask(ByteView question, Duration timeout) override {
    if (!send_message(socket_, nullptr, {to_bytes(question)})) return nobody(timeout);
    const Instant end = steady_now() + timeout;
    zmq::message_t answer;
    while (!take_part(socket_, answer)) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_now());
      if (left.count() <= 0) return nobody(timeout);
      zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
      error_of([&] { zmq::poll(&item, 1, left); });
    }
    return Bytes(answer.data<std::byte>(), answer.data<std::byte>() + answer.size());
  }

 private:
  Error nobody(Duration timeout) const {
    std::string waited = std::to_string(seconds(timeout));
    waited.resize(waited.find('.') + 2);
    return Error{ErrorKind::Unavailable,
                 path_ + ": no answer within " + waited +
                     " s; the coordinator is busy or stopped, try again with a longer --timeout-s"};
  }

  std::string path_;
  std::optional<zmq::context_t> context_;  // Goes after the socket.
  zmq::socket_t socket_;
};

}  // namespace zeromq

Result<std::unique_ptr<ControlClient>> ControlClient::open(const std::string& path) {
  const auto found = look_for_control(path);
  if (!found) return found.error();
  if (*found == ControlPeer::Nothing)
    return Error{ErrorKind::Missing,
                 path +
                     ": no coordinator's control socket is there; is the run going on, and the "
                     "path the right one?"};
  if (*found == ControlPeer::NoSocket)
    return Error{ErrorKind::Malformed,
                 path +
                     ": is no socket; a coordinator's is called like its state file, with "
                     ".control at the end"};
  if (*found == ControlPeer::Stale)
    return Error{ErrorKind::Missing,
                 path +
                     ": nobody listens there any more; the coordinator was killed, and makes it "
                     "anew when it is started again"};
  auto client = std::make_unique<zeromq::Client>();
  if (auto started = client->start(path); !started) return started.error();
  return std::unique_ptr<ControlClient>(std::move(client));
}

}  // namespace signet

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "core/platform/endpoint.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_socket.hpp"

namespace signet {
namespace zeromq {

class Agent final : public AgentTransport {
 public:
  Status start(const Options& options) {
    auto coordinator = parse_endpoint(options.coordinator);
    if (!coordinator) return coordinator.error();
    if (coordinator->port == 0 || coordinator->host == "*")
      return Error{ErrorKind::Malformed, "address \"" + options.coordinator +
                                             "\" names no machine to connect to; write it like "
                                             "tcp://192.168.1.10:7300"};
    coordinator_ = *coordinator;
    options_ = options;
    if (const int failed = error_of([&] { context_.emplace(1); }); failed != 0)
      return system_error(failed, options.coordinator, "no sockets");
    return connect(dealer_, zmq::socket_type::dealer, coordinator_);
  }

  Status subscribe(std::uint16_t port) override {
    if (port == update_port_ && updates_) return {};
    update_port_ = port;
    updates_.close_at_once();
    return connect(updates_, zmq::socket_type::sub, Endpoint{coordinator_.host, port});
  }

  Status reconnect() override {
    dealer_.close_at_once();
    updates_.close_at_once();
    auto connected = connect(dealer_, zmq::socket_type::dealer, coordinator_);
    return connected && update_port_ != 0 ? subscribe(update_port_) : connected;
  }

  bool wait(const Waker& waker, Duration timeout) override {
    const std::array sockets{&dealer_, &updates_};
    return wait_for(sockets, waker, timeout);
  }

  bool receive(Received& into) override {
    // In turn, so that a flood on one socket does not starve the other.
    updates_first_ = !updates_first_;
    for (const bool updates : {updates_first_, !updates_first_}) {
      into.broadcast = updates;
      if ((updates ? updates_ : dealer_).take(false, into, traffic_)) return true;
    }
    return false;
  }

  bool send(const std::vector<Bytes>& frames) override {
    const bool sent = dealer_ && send_message(dealer_.use(), nullptr, frames);
    traffic_.sent += sent ? wire_size(frames) : 0;
    traffic_.lost += sent ? 0 : 1;
    return sent;
  }

  Traffic traffic() const override { return traffic_; }

 private:
  Status connect(WatchedSocket& watched, zmq::socket_type type, const Endpoint& to) {
    const int failed = error_of([&] {
      zmq::socket_t socket(*context_, type);
      set_common_options(socket, options_.message_max, options_.queue_max);
      if (type == zmq::socket_type::sub) socket.set(opt::subscribe, "");
      // Else votes would queue for a coordinator that is away and reach the next one, stale.
      if (type == zmq::socket_type::dealer) socket.set(opt::immediate, true);
      socket.connect(to.text());
      watched.open(std::move(socket));
    });
    if (failed == 0) return {};
    if (failed != EINVAL) return system_error(failed, to.text(), "cannot be connected to");
    return Error{ErrorKind::Malformed, "address \"" + to.text() +
                                           "\" cannot be connected to; write it like "
                                           "tcp://192.168.1.10:7300"};
  }

  Options options_;
  Endpoint coordinator_;
  std::uint16_t update_port_ = 0;
  std::optional<zmq::context_t> context_;
  WatchedSocket dealer_, updates_;
  bool updates_first_ = false;
  Traffic traffic_;
};

}  // namespace zeromq

Result<std::unique_ptr<AgentTransport>> AgentTransport::open(const Options& options) {
  SIGNET_CHECK(options.message_max > 0 && options.queue_max > 0, "a transport must have limits");
  auto transport = std::make_unique<zeromq::Agent>();
  if (auto started = transport->start(options); !started) return started.error();
  return std::unique_ptr<AgentTransport>(std::move(transport));
}

}  // namespace signet

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <unistd.h>

#include "core/platform/control_path.hpp"
#include "core/platform/endpoint.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_socket.hpp"

namespace signet {
namespace zeromq {

constexpr int kControlQueue = 16;       // questions, or answers, kept for each asker.
constexpr int kSubscriptionMax = 4096;  // bytes; ours have 1, handshakes under 1000.

Error bind_error(int number, const std::string& address, const std::string& option) {
  switch (number) {
    case EADDRINUSE:
      return Error{ErrorKind::Unavailable,
                   address +
                       ": the port is in use; stop the other coordinator or choose another "
                       "with " +
                       option};
    case EADDRNOTAVAIL:
    case ENODEV:
      return Error{ErrorKind::Unavailable, address +
                                               ": this machine has no such address; use its "
                                               "own or tcp://0.0.0.0:7300 with " +
                                               option};
    case EINVAL:
      return Error{ErrorKind::Malformed, "address \"" + address +
                                             "\" cannot be listened on; write it like "
                                             "tcp://0.0.0.0:7300 (" +
                                             option + ")"};
    case EACCES:
      return Error{ErrorKind::Denied, address +
                                          ": the system refuses this port; ports below 1024 "
                                          "need a privilege, choose another with " +
                                          option};
    default: return Error{kind_of_errno(number), address + ": " + zmq_strerror(number)};
  }
}

/// Binds, and puts the real port into `address`.
Status bind_to(zmq::socket_t& socket, Endpoint& address, const std::string& option) {
  const int failed = error_of([&] { socket.bind(address.text()); });
  if (failed != 0) return bind_error(failed, address.text(), option);
  // The port alone: libzmq gives 127.0.0.1 back as [::ffff:127.0.0.1].
  const auto real = parse_endpoint(socket.get(opt::last_endpoint));
  if (!real) return real.error();
  address.port = real->port;
  return {};
}

Result<Endpoint> update_address(const CoordinatorTransport::Options& options,
                                const Endpoint& control, bool chosen_by_system) {
  if (!options.listen_updates.empty()) return parse_endpoint(options.listen_updates);
  if (chosen_by_system) return Endpoint{control.host, 0};
  if (control.port == UINT16_MAX)
    return Error{ErrorKind::Malformed, "address \"" + options.listen +
                                           "\": there is no next port for updates; choose a port "
                                           "below 65535 with --listen"};
  return Endpoint{control.host, static_cast<std::uint16_t>(control.port + 1)};
}

/// libzmq removes whatever is at the path before it listens there.
Status check_control_free(const std::string& path) {
  const auto found = look_for_control(path);
  if (!found) return found.error();
  if (*found == ControlPeer::Listening)
    return Error{ErrorKind::Unavailable,
                 path + ": another process listens there; choose another path with --control"};
  if (*found == ControlPeer::NoSocket)
    return Error{ErrorKind::Malformed,
                 path + ": is there, and no socket; choose another path with --control"};
  return {};
}

class Coordinator final : public CoordinatorTransport {
 public:
  ~Coordinator() override {
    // While it is still ours: afterwards another process may have put its own there. libzmq leaves
    // the file.
    if (control_socket_) ::unlink(control_path_.c_str());
  }

  Status start(const Options& options) {
    auto control = parse_endpoint(options.listen);
    if (!control) return control.error();
    control_ = *control;
    options_ = options;
    const int failed = error_of([&] {
      context_.emplace(1);
      zmq::socket_t router(*context_, zmq::socket_type::router);
      set_common_options(router, options.message_max, options.queue_max);
      router.set(opt::router_mandatory, true);  // A gone peer is an error of send(), not silence.
      router.set(opt::router_handover, false);  // Nobody takes over another's routing id.
      router_.open(std::move(router));
      zmq::socket_t updates(*context_, zmq::socket_type::xpub);
      set_common_options(updates, options.message_max, options.queue_max);
      updates.set(opt::maxmsgsize, std::int64_t{kSubscriptionMax});
      updates.set(opt::xpub_verboser, true);  // Each subscription is told, not only the first.
      updates_.open(std::move(updates));
    });
    if (failed != 0) return system_error(failed, options.listen, "no sockets");
    if (auto bound = bind_to(router_.use(), control_, "--listen"); !bound) return bound;
    auto update = update_address(options, control_, control->port == 0);
    if (!update) return update.error();
    update_ = *update;
    return bind_to(updates_.use(), update_,
                   options.listen_updates.empty() ? "--listen" : "listen_updates (configuration)");
  }

  std::string control_endpoint() const override { return control_.text(); }
  std::string update_endpoint() const override { return update_.text(); }
  std::uint16_t update_port() const override { return update_.port; }

  bool wait(const Waker& waker, Duration timeout) override {
    const std::array sockets{&router_, &updates_, &control_socket_};
    const bool any = wait_for(sockets, waker, timeout);
    if (updates_.pending()) count_subscribers();
    return any;
  }

  bool receive(Received& into) override {
    into.broadcast = false;
    return router_.take(true, into, traffic_);
  }

  bool send(const std::string& peer, const std::vector<Bytes>& frames) override {
    const bool sent = send_message(router_.use(), &peer, frames);
    traffic_.sent += sent ? wire_size(frames) : 0;
    traffic_.lost += sent ? 0 : 1;
    return sent;
  }

  void publish(const std::vector<Bytes>& frames) override {
    if (updates_.pending()) count_subscribers();
    send_message(updates_.use(), nullptr, frames);
    traffic_.sent += subscribers_ * wire_size(frames);
  }

  Traffic traffic() const override { return traffic_; }

  Status reopen() override {
    const bool answers = static_cast<bool>(control_socket_);
    for (WatchedSocket* socket : {&router_, &updates_, &control_socket_}) socket->close_at_once();
    subscribers_ = 0;
    // The context goes with them, and waits until nothing of them is left: the ports are free.
    context_.reset();
    Options same = options_;
    same.listen = control_.text();
    same.listen_updates = update_.text();
    if (auto started = start(same); !started) return started;
    return answers ? open_control(control_path_) : Status();
  }

  Status open_control(const std::string& path) override {
    const auto endpoint = control_endpoint_of(path);
    if (!endpoint) return endpoint.error();
    if (auto free = check_control_free(path); !free) return free;
    const int failed = error_of([&] {
      zmq::socket_t socket(*context_, zmq::socket_type::router);
      set_common_options(socket, kQuestionMax, kControlQueue);
      socket.set(opt::router_mandatory, true);
      const PrivateFiles only_ours;
      socket.bind(*endpoint);
      control_socket_.open(std::move(socket));
      control_path_ = path;
    });
    return failed == 0 ? Status() : system_error(failed, path, "cannot be listened on");
  }

  bool receive_control(Received& into) override {
    Traffic not_counted;
    return control_socket_.take(true, into, not_counted);
  }

  bool answer_control(const Received& question, ByteView answer) override {
    std::vector<Bytes> frames;
    for (const auto& frame : question.frames) frames.push_back(to_bytes(frame->bytes()));
    frames.back() = to_bytes(answer);
    return send_message(control_socket_.use(), &question.peer, frames);
  }

 private:
  /// Reads what subscribers said: 1 for "all from now on", 0 when they leave; libzmq says 0 for
  /// those that vanish. Anything else is not ours and changes nothing.
  void count_subscribers() {
    zmq::message_t said;
    while (take_part(updates_.use(), said)) {
      if (said.size() != 1 || said.more()) continue;
      const auto what = static_cast<unsigned char>(*said.data<char>());
      if (what == 1) ++subscribers_;
      if (what == 0 && subscribers_ > 0) --subscribers_;
    }
  }

  Options options_;
  Endpoint control_, update_;
  std::string control_path_;
  std::optional<zmq::context_t>
      context_;  // Goes after the sockets, and waits for their last words.
  WatchedSocket router_, updates_, control_socket_;
  std::uint64_t subscribers_ = 0;
  Traffic traffic_;
};

}  // namespace zeromq

Result<std::unique_ptr<CoordinatorTransport>> CoordinatorTransport::open(const Options& options) {
  SIGNET_CHECK(options.message_max > 0 && options.queue_max > 0, "a transport must have limits");
  auto transport = std::make_unique<zeromq::Coordinator>();
  if (auto started = transport->start(options); !started) return started.error();
  return std::unique_ptr<CoordinatorTransport>(std::move(transport));
}

}  // namespace signet

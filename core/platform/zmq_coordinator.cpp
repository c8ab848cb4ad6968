#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <unistd.h>

#include "core/platform/control_path.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_bind.hpp"
#include "core/platform/zmq_connections.hpp"
#include "core/platform/zmq_doorman.hpp"

namespace signet {
namespace zeromq {

constexpr int kControlQueue = 16;       // questions, or answers, kept for each asker.
constexpr int kEnrolmentQueue = 4;      // messages kept for each board.
constexpr int kSubscriptionMax = 4096;  // bytes; ours have 1, handshakes under 1000.

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
    if (options.encryption) {
      gate_ = options.encryption->gate;
      frame_extra_ = kCurveBytes;
    }
    const int failed = error_of([&] { make_sockets(options); });
    if (failed != 0) return system_error(failed, options.listen, "no sockets");
    return bind_all(options);
  }

  std::string control_endpoint() const override { return control_.text(); }
  std::string update_endpoint() const override { return update_.text(); }
  std::uint16_t update_port() const override { return update_.port; }
  std::uint16_t enrolment_port() const override { return enrolment_.port; }

  bool wait(const Waker& waker, Duration timeout) override {
    const std::array sockets{&router_, &updates_, &control_socket_, &enrolment_socket_,
                             &doorman_.socket()};
    const bool any = wait_for(sockets, waker, timeout);
    if (look_anyway_.due())
      for (WatchedSocket* socket : {&doorman_.socket(), &control_socket_, &enrolment_socket_})
        socket->changed();
    doorman_.answer();
    if (updates_.pending()) count_subscribers();
    return any;
  }

  bool receive(Received& into) override {
    into.broadcast = false;
    while (router_.take(true, into, traffic_)) {
      if (!gate_ || admits(into)) return true;
      ++traffic_.refused;
    }
    return false;
  }

  void cut_off(const std::string& key) override { connections_.cut_off(key); }

  bool receive_enrolment(Received& into) override {
    Traffic not_counted;
    return enrolment_socket_.take(true, into, not_counted);
  }

  bool answer_enrolment(const std::string& peer, ByteView answer) override {
    return send_message(enrolment_socket_.use(), &peer, {to_bytes(answer)});
  }

  Sent deliver(const std::string& peer, const std::vector<Bytes>& frames) override {
    const Sent outcome = deliver_message(router_.use(), &peer, frames);
    const bool queued = outcome == Sent::Queued;
    traffic_.sent += queued ? wire_size(frames, frame_extra_) : 0;
    traffic_.lost += queued ? 0 : 1;
    return outcome;
  }

  void publish(const std::vector<Bytes>& frames) override {
    if (updates_.pending()) count_subscribers();
    send_message(updates_.use(), nullptr, frames);
    traffic_.sent += subscribers_ * wire_size(frames, frame_extra_);
  }

  Traffic traffic() const override { return traffic_; }

  Status reopen() override {
    const bool answers = static_cast<bool>(control_socket_);
    for (WatchedSocket* socket :
         {&router_, &updates_, &control_socket_, &enrolment_socket_, &doorman_.socket()})
      socket->close_at_once();
    subscribers_ = 0;
    connections_ = {};
    // The context goes with them, and waits until nothing of them is left: the ports are free.
    context_.reset();
    Options same = options_;
    same.listen = control_.text();
    same.listen_updates = update_.text();
    if (same.encryption) same.encryption->listen_enrolment = enrolment_.text();
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
  void make_sockets(const Options& options) {
    context_.emplace(1);
    if (gate_) doorman_.open(*context_, gate_);
    zmq::socket_t router(*context_, zmq::socket_type::router);
    set_common_options(router, options.message_max, options.queue_max, frame_extra_);
    router.set(opt::router_mandatory, true);  // A gone peer is an error of deliver(), not silence.
    router.set(opt::router_handover, false);  // Nobody takes over another's routing id.
    zmq::socket_t updates(*context_, zmq::socket_type::xpub);
    set_common_options(updates, options.message_max, options.queue_max, frame_extra_);
    updates.set(opt::maxmsgsize, std::int64_t{kSubscriptionMax});
    updates.set(opt::xpub_verboser, true);  // Each subscription is told, not only the first.
    if (options.encryption) {
      serve_encrypted(router, options.encryption->keys, kFleetDomain);
      serve_encrypted(updates, options.encryption->keys, kFleetDomain);
      zmq::socket_t enrolment(*context_, zmq::socket_type::router);
      set_common_options(enrolment, kEnrolmentMax, kEnrolmentQueue, frame_extra_);
      enrolment.set(opt::router_mandatory, true);
      serve_encrypted(enrolment, options.encryption->keys, kEnrolmentDomain);
      enrolment_socket_.open(std::move(enrolment), frame_extra_);
    }
    router_.open(std::move(router), frame_extra_);
    updates_.open(std::move(updates));
  }

  Status bind_all(const Options& options) {
    const bool chosen = control_.port == 0;
    if (auto bound = bind_to(router_.use(), control_, "--listen"); !bound) return bound;
    auto update = address_beside(options.listen_updates, control_, 1, chosen);
    if (!update) return update.error();
    update_ = *update;
    const bool own = !options.listen_updates.empty();
    if (auto bound =
            bind_to(updates_.use(), update_, own ? "listen_updates (configuration)" : "--listen");
        !bound)
      return bound;
    if (!options.encryption) return {};
    const std::string& given = options.encryption->listen_enrolment;
    auto enrolment = address_beside(given, control_, 2, chosen);
    if (!enrolment) return enrolment.error();
    enrolment_ = *enrolment;
    return bind_to(enrolment_socket_.use(), enrolment_,
                   given.empty() ? "--listen" : "listen_enrolment (configuration)");
  }

  /// May the sender of a message send? One that may not any more is cut off.
  bool admits(const Received& message) {
    connections_.note(message.connection, message.key, message.peer);
    if (gate_(message.key)) return true;
    connections_.cut_off(message.key);
    return false;
  }

  /// As admits(), for a message of a subscriber. libzmq's own, that one has vanished, is nobody's.
  void check_subscriber(zmq::message_t& said) {
    const std::string key = key_of(said);
    if (key.empty()) return;
    connections_.note(zmq_msg_get(said.handle(), ZMQ_SRCFD), key, "");
    if (!gate_(key)) connections_.cut_off(key);
  }

  /// Reads what subscribers said: 1 for "all from now on", 0 when they leave; libzmq says 0 for
  /// those that vanish. Anything else is not ours and changes nothing. Of a flood some, now and
  /// then.
  void count_subscribers() {
    constexpr int kPerCall = 256;
    zmq::message_t said;
    for (int n = 0; n < kPerCall && take_part(updates_.use(), said); ++n) {
      if (gate_) check_subscriber(said);
      if (said.size() != 1 || said.more()) continue;
      const auto what = static_cast<unsigned char>(*said.data<char>());
      if (what == 1) ++subscribers_;
      if (what == 0 && subscribers_ > 0) --subscribers_;
    }
  }

  Options options_;
  Endpoint control_, update_, enrolment_;
  std::string control_path_;
  Gate gate_;  // None: not encrypted.
  std::size_t frame_extra_ = 0;
  std::optional<zmq::context_t>
      context_;  // Goes after the sockets, and waits for their last words.
  Doorman doorman_;
  NowAndThen look_anyway_;
  Connections connections_;
  WatchedSocket router_, updates_, control_socket_, enrolment_socket_;
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

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <tuple>
#include <utility>

#include "core/platform/clock.hpp"
#include "core/platform/endpoint.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_doorman.hpp"
#include "core/platform/zmq_monitor.hpp"

namespace signet {
namespace zeromq {

/// How long an address is tried before the next one is: what a handshake of several round trips
/// takes on the slowest of links, or, where it was turned down, a moment.
constexpr Duration kPatience = std::chrono::seconds(10), kTurnedDown = std::chrono::seconds(1);

Result<Endpoint> address_of(const std::string& text) {
  auto address = parse_endpoint(text);
  if (address && (address->port == 0 || address->host == "*"))
    return Error{ErrorKind::Malformed, "address \"" + address->text() +
                                           "\" names no machine to connect to; write it like "
                                           "tcp://192.168.1.10:7300"};
  return address;
}

Result<std::vector<Endpoint>> addresses_of(const std::string& text) {
  std::vector<Endpoint> addresses;
  for (std::size_t at = 0; at <= text.size() && !text.empty();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', at), comma);
    const auto address = address_of(text.substr(first, comma - first));
    if (!address) return address.error();
    addresses.push_back(*address);
    at = comma + 1;
  }
  return addresses;
}

class Agent final : public AgentTransport {
 public:
  Status start(const Options& options) {
    auto addresses = addresses_of(options.coordinator);
    if (!addresses) return addresses.error();
    fixed_ = addresses_ = std::move(*addresses);
    options_ = options;
    if (const int failed = error_of([&] { context_.emplace(1); }); failed != 0)
      return system_error(failed, options.coordinator, "no sockets");
    return connect_dealer();
  }

  Status subscribe(std::uint16_t port) override {
    if (port == update_port_ && updates_) return {};
    update_port_ = port;
    updates_.close_at_once();
    if (addresses_.empty()) return {};
    return connect(updates_, zmq::socket_type::sub, Endpoint{address().host, port});
  }

  Status reconnect() override {
    monitor_.close_at_once();
    dealer_.close_at_once();
    updates_.close_at_once();
    go_to_next_address();
    auto connected = connect_dealer();
    return connected && update_port_ != 0 ? subscribe(update_port_) : connected;
  }

  bool wait(const Waker& waker, Duration timeout) override {
    const std::array sockets{&dealer_, &updates_, &monitor_.socket()};
    wait_for(sockets, waker, timeout);
    if (look_anyway_.due()) monitor_.socket().changed();
    look_at_connection();
    return dealer_.may_have() || updates_.may_have();
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
    traffic_.sent += sent ? wire_size(frames, frame_extra()) : 0;
    traffic_.lost += sent ? 0 : 1;
    // A failure shows at the next attempt.
    const Duration patience = turned_down_ ? kTurnedDown : kPatience;
    if (!sent && !connected_ && steady_now() - connecting_since_ >= patience)
      std::ignore = reconnect();
    return sent;
  }

  Traffic traffic() const override { return traffic_; }

  bool connected() override {
    look_at_connection();
    return connected_;
  }

  Status use_found(const std::vector<std::string>& found) override {
    std::vector<Endpoint> now;
    for (const std::string& text : found) {
      const auto address = address_of(text);
      if (!address) return address.error();
      now.push_back(*address);
    }
    now.insert(now.end(), fixed_.begin(), fixed_.end());
    const bool same = std::ranges::equal(now, addresses_, {}, &Endpoint::text, &Endpoint::text);
    if (same || connected()) return {};
    addresses_ = std::move(now);
    at_ = addresses_.size() - 1;  // the first is next
    other_family_ = true;
    return reconnect();
  }

  Trouble trouble() override {
    look_at_connection();
    return std::exchange(trouble_, Trouble::None);
  }

 private:
  const Endpoint& address() const { return addresses_[at_]; }
  // Whether there is another one than the one in use. libzmq takes the first address of a name, and
  // coordinators often listen in one family alone: a name is looked up for IPv4, then for IPv6.
  bool has_choice() const { return addresses_.size() > 1 || is_host_name(address().host); }
  void go_to_next_address() {
    if (addresses_.empty()) return;
    other_family_ = is_host_name(address().host) && !other_family_;
    if (!other_family_) at_ = (at_ + 1) % addresses_.size();
  }
  std::size_t frame_extra() const { return options_.encryption ? kCurveBytes : 0; }

  Status connect_dealer() {
    connected_ = turned_down_ = false;
    connecting_since_ = steady_now();
    if (addresses_.empty()) return {};
    return connect(dealer_, zmq::socket_type::dealer, address());
  }

  void look_at_connection() {
    using News = ConnectionMonitor::News;
    for (News news = monitor_.next(); news != News::Nothing; news = monitor_.next()) {
      if (news == News::Denied) trouble_ = Trouble::Denied;
      if (news == News::NoCommonGround) trouble_ = Trouble::NoCommonGround;
      // libzmq itself gives up after a denial; after anything else it tries the same address again.
      turned_down_ =
          turned_down_ || news == News::Denied || (has_choice() && news != News::Connected);
      if (connected_ && news == News::Lost) connecting_since_ = steady_now();
      connected_ = news == News::Connected;
    }
  }

  Status connect(WatchedSocket& watched, zmq::socket_type type, const Endpoint& to) {
    zmq::socket_t socket;  // Goes after its monitor.
    const int failed = error_of([&] {
      socket = zmq::socket_t(*context_, type);
      set_common_options(socket, options_.message_max, options_.queue_max, frame_extra());
      if (is_host_name(to.host)) socket.set(opt::ipv6, other_family_);
      if (options_.encryption)
        speak_encrypted(socket, options_.encryption->keys, options_.encryption->server_key);
      if (type == zmq::socket_type::sub) socket.set(opt::subscribe, "");
      if (type == zmq::socket_type::dealer) {
        // Else votes would queue for a coordinator that is away and reach the next one, stale.
        socket.set(opt::immediate, true);
        monitor_.open(*context_, socket, std::to_string(++dealers_));
      }
      socket.connect(to.text());
      watched.open(std::move(socket), frame_extra());
    });
    if (failed == 0) return {};
    if (type == zmq::socket_type::dealer) monitor_.close_at_once();
    if (failed != EINVAL) return system_error(failed, to.text(), "cannot be connected to");
    return Error{ErrorKind::Malformed, "address \"" + to.text() +
                                           "\" cannot be connected to; write it like "
                                           "tcp://192.168.1.10:7300"};
  }

  Options options_;
  std::vector<Endpoint> fixed_, addresses_;  // of the options; those and what was found
  std::size_t at_ = 0;                       // of the latter: the one in use
  bool other_family_ = false;                // of a name: IPv6
  std::uint16_t update_port_ = 0;
  std::optional<zmq::context_t> context_;
  WatchedSocket dealer_, updates_;
  ConnectionMonitor monitor_;  // of the dealer
  std::uint64_t dealers_ = 0;
  bool connected_ = false, turned_down_ = false;
  Instant connecting_since_{};
  Trouble trouble_ = Trouble::None;
  NowAndThen look_anyway_;
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

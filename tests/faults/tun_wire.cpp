// A wire between network namespaces: one TUN device in the hub's namespace and one in each leaf's,
// and this process between them, which loses, delays, slows, repeats and reorders their packets.
// netfaults.py starts it as tun_wire SEED HUB LEAF... with names of `ip netns`.
//
// Reads commands from its standard input, one a line, and answers each with a line:
//   set LINK up|down|both [NAME NUMBER]...
//     From now on, in one direction (up: leaf to hub) or both. NAME is of Faults; what is not named
//     is none. With `port`, only packets from or to this TCP port meet the faults. Jitter keeps the
//     order, as a queue does; packets that are reordered wait 20 ms longer than others.
//   stats LINK
//     Packets and bytes that arrived since the start: up, then down.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <queue>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/random.hpp"
#include "tests/faults/tun_device.hpp"

namespace signet {
namespace {

using test::die;
using test::open_tun;

using Packet = std::vector<unsigned char>;
using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kPacketMax = 65'536;
constexpr double kQueueSeconds = 0.4;  // what a slow link holds before it drops
constexpr double kReorderSeconds = 0.02;

/// What happens to packets in one direction of a link.
struct Faults {
  double loss = 0, delay_ms = 0, jitter_ms = 0, rate_bit = 0, duplicate = 0, reorder = 0, port = 0;

  double* find(const std::string& name) {
    const std::map<std::string, double*> all = {
        {"loss", &loss},         {"delay_ms", &delay_ms},   {"jitter_ms", &jitter_ms},
        {"rate_bit", &rate_bit}, {"duplicate", &duplicate}, {"reorder", &reorder},
        {"port", &port}};
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second;
  }
};

/// One direction: packets read from `from` are written to `to`.
struct Way {
  int from = -1, to = -1;
  Faults faults;
  Moment free_at{}, last_due{};  // when the slow link is idle again; jitter keeps the order
  std::uint64_t packets = 0, bytes = 0;
};

struct Flying {
  Moment due;
  std::uint64_t number;  // of equal moments the earlier first
  Way* way;
  Packet packet;
  bool operator>(const Flying& other) const {
    return std::tie(due, number) > std::tie(other.due, other.number);
  }
};

bool meets(const Faults& faults, const Packet& packet) {
  if (faults.port == 0) return true;
  if (packet.size() < 20) return false;
  const std::size_t header = std::size_t{packet[0] & 15U} * 4;
  if (packet[9] != IPPROTO_TCP || packet.size() < header + 4) return false;
  const auto port = [&](std::size_t at) { return packet[at] * 256U + packet[at + 1]; };
  const auto wanted = static_cast<unsigned>(faults.port);
  return port(header) == wanted || port(header + 2) == wanted;
}

class Wire {
 public:
  Wire(std::uint64_t seed, const std::vector<std::string>& names)
      : rng_(seed), ways_(2 * (names.size() - 1)) {
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      const int link = static_cast<int>(i);
      const int hub = open_tun(names[0], "wire" + std::to_string(i), link, 1);
      const int leaf = open_tun(names[i + 1], "wire", link, 2);
      ways_[2 * i].from = ways_[2 * i + 1].to = leaf;
      ways_[2 * i].to = ways_[2 * i + 1].from = hub;
    }
  }

  /// Until the standard input ends.
  void run() {
    std::vector<pollfd> items{{STDIN_FILENO, POLLIN, 0}};
    for (const Way& way : ways_) items.push_back({way.from, POLLIN, 0});
    for (;;) {
      deliver();
      const timespec wait = time_left();
      if (::ppoll(items.data(), items.size(), &wait, nullptr) < 0 && errno != EINTR) die("ppoll");
      if (items[0].revents != 0 && !obey()) return;
      for (std::size_t i = 0; i < ways_.size(); ++i)
        if (items[i + 1].revents != 0) take(ways_[i]);
    }
  }

 private:
  timespec time_left() const {
    if (flying_.empty()) return {1, 0};
    const auto left = std::clamp<Clock::duration>(flying_.top().due - Clock::now(),
                                                  Clock::duration(0), std::chrono::seconds(1));
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  }

  void deliver() {
    while (!flying_.empty() && flying_.top().due <= Clock::now()) {
      const Flying& first = flying_.top();
      // A device that is gone or full loses the packet, as real ones do.
      if (::write(first.way->to, first.packet.data(), first.packet.size()) > 0) {
        ++first.way->packets;
        first.way->bytes += first.packet.size();
      }
      flying_.pop();
    }
  }

  void take(Way& way) {
    constexpr int kAtOnce = 64;
    for (int n = 0; n < kAtOnce; ++n) {
      Packet packet(kPacketMax);
      const auto size = ::read(way.from, packet.data(), packet.size());
      if (size <= 0) return;
      packet.resize(static_cast<std::size_t>(size));
      send(way, std::move(packet));
    }
  }

  void send(Way& way, Packet packet) {
    const Faults faults = meets(way.faults, packet) ? way.faults : Faults();
    if (chance(faults.loss)) return;
    const Moment now = Clock::now();
    Moment sent = now;
    if (faults.rate_bit > 0) {
      sent = std::max(now, way.free_at);
      if (Seconds(sent - now).count() > kQueueSeconds) return;
      way.free_at = sent = sent + span(static_cast<double>(packet.size()) * 8 / faults.rate_bit);
    }
    const double jitter = (2 * static_cast<double>(rng_.uniform()) - 1) * faults.jitter_ms;
    Moment due =
        std::max(way.last_due, sent + span(std::max(0.0, faults.delay_ms + jitter) / 1000));
    way.last_due = due;
    if (chance(faults.duplicate)) fly(due, way, packet);
    if (chance(faults.reorder)) due += span(kReorderSeconds);
    fly(due, way, std::move(packet));
  }

  void fly(Moment due, Way& way, Packet packet) {
    flying_.push({due, numbers_++, &way, std::move(packet)});
  }

  bool chance(double share) { return share > 0 && static_cast<double>(rng_.uniform()) < share; }
  static Clock::duration span(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
  }

  /// One line of the standard input; false at its end. Whoever commands waits for the answer, so
  /// that there is never more than a line.
  bool obey() {
    std::string line;
    if (!std::getline(std::cin, line)) return false;
    std::istringstream words(line);
    std::string verb;
    std::size_t link = 0;
    words >> verb >> link;
    const bool known = words && 2 * link < ways_.size() &&
                       (verb == "stats" || (verb == "set" && set(words, link)));
    if (!known) {
      std::cout << "not understood: " << line << std::endl;
    } else if (verb == "stats") {
      const Way &up = ways_[2 * link], &down = ways_[2 * link + 1];
      std::cout << up.packets << ' ' << up.bytes << ' ' << down.packets << ' ' << down.bytes
                << std::endl;
    } else {
      std::cout << "ok" << std::endl;
    }
    return true;
  }

  bool set(std::istringstream& words, std::size_t link) {
    std::string direction, name;
    words >> direction;
    Faults faults;
    for (double value = 0; words >> name;) {
      double* place = faults.find(name);
      if (place == nullptr || !(words >> value)) return false;
      *place = value;
    }
    if (direction != "up" && direction != "down" && direction != "both") return false;
    if (direction != "down") ways_[2 * link].faults = faults;
    if (direction != "up") ways_[2 * link + 1].faults = faults;
    return true;
  }

  Rng rng_;
  std::vector<Way> ways_;  // of link i: 2 i up, 2 i + 1 down; never moved, packets point to them
  std::priority_queue<Flying, std::vector<Flying>, std::greater<>> flying_;
  std::uint64_t numbers_ = 0;
};

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: tun_wire SEED HUB LEAF...\n", stderr);
    return 2;
  }
  signet::Wire wire(std::strtoull(argv[1], nullptr, 10), {argv + 2, argv + argc});
  std::cout << "ready" << std::endl;
  wire.run();
  return 0;
}

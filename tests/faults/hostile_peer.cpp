// Somebody who wants a coordinator of this machine to fail: what ./dev hostile starts.
//
//   hostile_peer ATTACK PORT SECONDS SEED      prints how often it did what it does; ATTACK is one
//   of kAttacks

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "core/base/random.hpp"
#include "tests/support/raw_peer.hpp"

namespace signet {
namespace {

using test::RawPeer;
using Clock = std::chrono::steady_clock;

struct Attack {
  unsigned port;
  Clock::time_point end;
  Rng rng;
  std::uint64_t count = 0;

  bool goes_on() const { return Clock::now() < end; }
};

void nap(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

std::string noise(std::size_t size, Rng& rng) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.below(256));
  return bytes;
}

/// Connections to both ports in turn that say `text()` and hang up.
template <typename Text>
void say_often(Attack& attack, Text text) {
  for (; attack.goes_on(); ++attack.count)
    RawPeer(attack.port + static_cast<unsigned>(attack.count % 2)).say(text());
}

void garbage(Attack& attack) {
  say_often(attack, [&] { return noise(1 + attack.rng.below(20'000), attack.rng); });
}

/// Frames of ZMTP 1.0 (a length, flags, a body): a routing id, then anything.
void old_protocol(Attack& attack) {
  say_often(attack, [&] {
    std::string bytes("\x01\x00", 2);
    for (int n = 0; n < 200; ++n) {
      const std::string body = noise(attack.rng.below(100), attack.rng);
      bytes += static_cast<char>(body.size() + 1);
      bytes += static_cast<char>(attack.rng.below(2));
      bytes += body;
    }
    return bytes;
  });
}

void oversize(Attack& attack) {
  for (; attack.goes_on(); ++attack.count) {
    RawPeer peer(attack.port);
    peer.shake_hands();
    peer.say(RawPeer::frame("x", false, std::uint64_t{1} << (23 + attack.rng.below(40))));
  }
}

/// Frames of which the greater part never comes; the connections stay.
void half_frames(Attack& attack) {
  constexpr std::size_t kHeld = 500, kSent = 20'000;
  std::deque<RawPeer> held;
  for (; attack.goes_on(); ++attack.count) {
    held.emplace_back(attack.port);
    held.back().shake_hands();
    held.back().say(RawPeer::frame(noise(kSent, attack.rng), false, 4'000'000));
    if (held.size() > kHeld) held.pop_front();
  }
}

/// A message that has no last frame.
void endless_message(Attack& attack) {
  const std::string part = RawPeer::frame(std::string(60'000, 'x'), true);
  while (attack.goes_on()) {
    RawPeer peer(attack.port);
    peer.shake_hands();
    for (; attack.goes_on() && peer.say(part); ++attack.count) continue;
  }
}

/// Joins as an agent and sends `message(run, round)` whenever it may.
template <typename Make>
void join_and_send(Attack& attack, Make make) {
  while (attack.goes_on()) {
    RawPeer peer(attack.port);
    peer.shake_hands();
    Hello hello;
    hello.name = "hostile";
    peer.send(hello);
    const auto welcome = peer.await<Welcome>(2);
    if (!welcome) continue;
    while (attack.goes_on() &&
           peer.send(Heartbeat{welcome->run, welcome->round, Activity::Idle, false})) {
      const auto beat = peer.await<Heartbeat>(2);
      if (!beat || !peer.send(make(welcome->run, beat->round))) break;
      ++attack.count;
    }
  }
}

void short_votes(Attack& attack) {
  const Bytes signs(3);
  join_and_send(attack, [&](RunId run, RoundId round) {
    Vote vote;
    vote.run = run;
    vote.round = round;
    vote.signs = signs;
    return vote;
  });
}

void votes_of_an_earlier_run(Attack& attack) {
  const Bytes signs(1000);
  join_and_send(attack, [&](RunId run, RoundId round) {
    Vote vote;
    vote.run = RunId{run.value ^ 1U};
    vote.round = round;
    vote.signs = signs;
    return vote;
  });
}

/// The same message as fast as the socket takes it; nothing that comes back is read.
void flood(Attack& attack, const std::string& first, const std::string& then) {
  std::string many;
  for (int n = 0; n < 100; ++n) many += then;
  while (attack.goes_on()) {
    RawPeer peer(attack.port);
    peer.shake_hands();
    peer.say(first);
    while (attack.goes_on() && peer.say(many)) attack.count += 100;
  }
}

void flood_of_heartbeats(Attack& attack) {
  Hello hello;
  hello.name = "hostile";
  flood(attack, RawPeer::frames(encode(hello)), RawPeer::frames(encode(Heartbeat{})));
}

void flood_of_noise(Attack& attack) {
  flood(attack, "", RawPeer::frame(noise(200, attack.rng), false));
}

/// Ever new agents, which never have data.
void flood_of_names(Attack& attack) {
  while (attack.goes_on()) {
    RawPeer peer(attack.port);
    peer.shake_hands();
    for (bool said = true; said && attack.goes_on(); ++attack.count) {
      Hello hello;
      hello.name = "hostile-" + std::to_string(attack.count);
      said = peer.send(hello);
    }
  }
}

/// As many connections as this process may have, up to 4000: silent, greeted, or through with the
/// handshake.
void connections(Attack& attack) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t kMost = 4000;
  std::vector<RawPeer> held;
  for (; attack.goes_on() && held.size() < kMost; ++attack.count) {
    held.emplace_back(attack.port + static_cast<unsigned>(attack.count % 2));
    if (!held.back().connected()) return;
    if (attack.count % 3 == 1) held.back().say(RawPeer::greeting());
    if (attack.count % 3 == 2) held.back().shake_hands(attack.count % 2 == 0 ? "DEALER" : "SUB");
  }
  while (attack.goes_on()) nap(10);
}

struct Named {
  const char* name;
  void (*run)(Attack&);
};
constexpr Named kAttacks[] = {{"garbage", garbage},
                              {"old-protocol", old_protocol},
                              {"oversize", oversize},
                              {"half-frames", half_frames},
                              {"endless-message", endless_message},
                              {"short-votes", short_votes},
                              {"votes-of-an-earlier-run", votes_of_an_earlier_run},
                              {"flood-of-heartbeats", flood_of_heartbeats},
                              {"flood-of-noise", flood_of_noise},
                              {"flood-of-names", flood_of_names},
                              {"connections", connections}};

int attack_with(const std::string& name, unsigned port, double seconds, std::uint64_t seed) {
  for (const Named& named : kAttacks) {
    if (named.name != name) continue;
    // Else nothing of it would arrive, and whoever reads the figures would not know.
    if (!RawPeer(port).shake_hands()) {
      std::fprintf(stderr, "hostile_peer: no handshake with port %u\n", port);
      return 1;
    }
    Attack attack{port,
                  Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(seconds)),
                  Rng(seed)};
    named.run(attack);
    std::printf("%llu\n", static_cast<unsigned long long>(attack.count));
    return 0;
  }
  std::fprintf(stderr, "hostile_peer: there is no attack '%s'\n", name.c_str());
  return 2;
}

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: hostile_peer ATTACK PORT SECONDS SEED\n", stderr);
    return 2;
  }
  return signet::attack_with(argv[1], static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)),
                             std::strtod(argv[3], nullptr), std::strtoull(argv[4], nullptr, 10));
}

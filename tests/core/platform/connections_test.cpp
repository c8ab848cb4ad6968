#include <array>

#include <sys/socket.h>
#include <unistd.h>

#include "core/platform/zmq_connections.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace connections_test {

using zeromq::Connections;

/// A connection that stands, with both its ends in here.
class Pair {
 public:
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) == 0); }
  ~Pair() {
    for (const int end : ends_) ::close(end);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  int descriptor() const { return ends_[0]; }
  bool is_cut_off() const {
    char byte = 0;
    return ::recv(ends_[1], &byte, 1, MSG_DONTWAIT) == 0;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST_CASE("a key's connections are closed, and nobody else's", "[core][platform][encrypted]") {
  const Pair ada, ada_too, bob;
  Connections connections;
  connections.note(ada.descriptor(), "ada", "1");
  connections.note(ada_too.descriptor(), "ada", "");
  connections.note(bob.descriptor(), "bob", "2");
  connections.cut_off("ada");
  CHECK(ada.is_cut_off());
  CHECK(ada_too.is_cut_off());
  CHECK_FALSE(bob.is_cut_off());
}

TEST_CASE("a late message of a connection that is gone hides nobody who has its descriptor now",
          "[core][platform][encrypted]") {
  const Pair pair;
  Connections connections;
  connections.note(pair.descriptor(), "bob", "");
  connections.note(pair.descriptor(), "ada", "1");
  connections.cut_off("bob");
  CHECK(pair.is_cut_off());
}

}  // namespace connections_test
}  // namespace signet

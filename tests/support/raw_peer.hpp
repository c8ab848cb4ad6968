#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "core/wire/codec.hpp"

namespace signet::test {

/// A TCP connection to a port of this machine that says whatever it is told to, byte by byte: a
/// stranger, or ZMTP 3.0 spoken by hand (RFC 23: greeting, READY, frames), without a library that
/// would keep to the rules.
class RawPeer {
 public:
  explicit RawPeer(unsigned port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr address = {};
    std::memcpy(&address, &at, sizeof at);
    connected_ = fd_ >= 0 && ::connect(fd_, &address, sizeof address) == 0;
  }
  RawPeer(RawPeer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        input_(std::move(other.input_)) {}
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool connected() const { return connected_; }

  /// From now on the connection ends with a reset and not in order.
  void be_rude() const {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  /// As much as the other side takes within a second; false when that is not all: it hung up, or
  /// does not read.
  bool say(const std::string& bytes) const {
    std::size_t said = 0;
    while (said < bytes.size()) {
      pollfd item{fd_, POLLOUT, 0};
      if (::poll(&item, 1, 1000) <= 0) return false;
      const auto n =
          ::send(fd_, bytes.data() + said, bytes.size() - said, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n <= 0) return false;
      said += static_cast<std::size_t>(n);
    }
    return true;
  }

  /// The greeting of a peer without encryption, and the command that ends the handshake; `socket`
  /// as in "DEALER".
  static std::string greeting() {
    return "\xff" + std::string(8, '\0') + "\x7f\x03" + std::string(1, '\0') + "NULL" +
           std::string(48, '\0');
  }
  static std::string ready(const std::string& socket) {
    const std::string body = "\x05READY\x0bSocket-Type" + std::string(3, '\0') +
                             static_cast<char>(socket.size()) + socket + "\x08Identity" +
                             std::string(4, '\0');
    return "\x04" + std::string(1, static_cast<char>(body.size())) + body;
  }
  /// One frame with a length of 8 bytes, which need not be that of its body.
  static std::string frame(const std::string& body, bool more, std::uint64_t length) {
    std::string bytes(1, more ? '\x03' : '\x02');
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes += static_cast<char>(length >> shift & 0xffU);
    return bytes + body;
  }
  static std::string frame(const std::string& body, bool more) {
    return frame(body, more, body.size());
  }
  /// The frames of a message of ours.
  static std::string frames(const std::vector<Bytes>& parts) {
    std::string bytes;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::string body(parts[i].size(), '\0');
      if (!body.empty()) std::memcpy(body.data(), parts[i].data(), body.size());
      bytes += frame(body, i + 1 < parts.size());
    }
    return bytes;
  }

  /// Whether the other side took the handshake: libzmq hangs up on messages before its own READY
  /// has left.
  bool shake_hands(const std::string& socket = "DEALER") {
    constexpr int kWait = 5000;  // ms
    if (!say(greeting() + ready(socket))) return false;
    const auto ready_came = [this] {
      return input_.size() > kGreeting + 1 &&
             input_.size() >= kGreeting + 2 + static_cast<unsigned char>(input_[kGreeting + 1]);
    };
    while (!ready_came())
      if (!read_more(kWait)) return false;
    return true;
  }
  bool send(const Message& message) const { return say(frames(encode(message))); }

  /// Reads until a message of kind T comes; nothing when none does within `seconds` or the
  /// connection ends. Messages of other kinds are passed over. Views of the message hold until the
  /// next call.
  template <typename T>
  std::optional<T> await(double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    for (;;) {
      while (next_message())
        if (auto message = decode(std::vector<ByteView>(parts_.begin(), parts_.end())); message)
          if (auto* wanted = std::get_if<T>(&*message)) return std::move(*wanted);
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !read_more(static_cast<int>(left.count()))) return std::nullopt;
    }
  }

 private:
  static constexpr std::size_t kGreeting = 64;

  struct RawFrame {
    unsigned flags;
    Bytes body;
  };

  bool read_more(int wait_ms) {
    pollfd item{fd_, POLLIN, 0};
    if (::poll(&item, 1, wait_ms) <= 0) return false;
    char block[65'536];
    const auto n = ::recv(fd_, block, sizeof block, MSG_DONTWAIT);
    if (n <= 0) return false;
    input_.append(block, static_cast<std::size_t>(n));
    return true;
  }

  /// Fills parts_ with the next whole message; commands (READY, PING) are passed over.
  bool next_message() {
    if (last_) parts_.clear();
    while (auto frame = next_frame()) {
      if ((frame->flags & 4U) != 0) continue;
      last_ = (frame->flags & 1U) == 0;
      parts_.push_back(std::move(frame->body));
      if (last_) return true;
    }
    return false;
  }

  std::optional<RawFrame> next_frame() {
    const std::size_t from = greeted_ ? 0 : kGreeting;
    if (input_.size() < from + 2) return std::nullopt;
    const auto flags = static_cast<unsigned char>(input_[from]);
    const std::size_t head = (flags & 2U) != 0 ? 9 : 2;
    if (input_.size() < from + head) return std::nullopt;
    std::uint64_t length = 0;
    for (std::size_t i = 1; i < head; ++i)
      length = length << 8U | static_cast<unsigned char>(input_[from + i]);
    if (input_.size() < from + head + length) return std::nullopt;
    RawFrame frame{flags,
                   to_bytes(view_bytes(std::string_view(input_).substr(from + head, length)))};
    input_.erase(0, from + head + length);
    greeted_ = true;
    return frame;
  }

  int fd_;
  bool connected_ = false, greeted_ = false, last_ = true;
  std::string input_;
  std::vector<Bytes> parts_;
};

}  // namespace signet::test

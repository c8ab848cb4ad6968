#include "core/platform/zmq_doorman.hpp"

#include <array>
#include <utility>
#include <vector>

namespace signet::zeromq {

constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
constexpr std::size_t kKeyBytes = 32, kKeyText = 40;
// Of a request as a ROUTER takes it: who asks, an empty part, then as the specification lists them.
constexpr std::size_t kAsker = 0, kRequestId = 3, kDomain = 4, kMechanism = 7, kKey = 8, kParts = 9;

std::vector<std::string> take_parts(zmq::socket_t& socket) {
  std::vector<std::string> parts;
  zmq::message_t part;
  for (bool more = take_part(socket, part); more; more = part.more() && take_part(socket, part))
    parts.push_back(part.to_string());
  return parts;
}

std::string key_text(const std::string& key) {
  std::array<char, kKeyText + 1> text{};
  if (key.size() != kKeyBytes) return "";
  zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(key.data()), kKeyBytes);
  return text.data();
}

void Doorman::open(zmq::context_t& context, Gate gate) {
  gate_ = std::move(gate);
  zmq::socket_t socket(context, zmq::socket_type::router);
  socket.set(opt::linger, 0);
  socket.bind(kZapEndpoint);
  socket_.open(std::move(socket));
}

void Doorman::answer() {
  while (socket_.pending()) {
    const auto request = take_parts(socket_.use());
    if (request.empty()) return;
    std::string key;
    if (request.size() == kParts && request[kMechanism] == "CURVE") key = key_text(request[kKey]);
    const bool welcome = !key.empty() && (request[kDomain] == kEnrolmentDomain || gate_(key));
    const std::string id = request.size() > kRequestId ? request[kRequestId] : "";
    const std::array<std::string, 8> parts{
        request[kAsker], "", "1.0", id, welcome ? "200" : "400", "", welcome ? key : "", ""};
    std::vector<Bytes> frames;
    for (std::size_t i = 1; i < parts.size(); ++i)
      frames.push_back(to_bytes(view_bytes(std::string_view(parts.at(i)))));
    send_message(socket_.use(), &parts[kAsker], frames);
  }
}

void serve_encrypted(zmq::socket_t& socket, const KeyPair& keys, const char* domain) {
  socket.set(opt::curve_server, true);
  socket.set(opt::curve_publickey, keys.public_key);
  socket.set(opt::curve_secretkey, keys.secret_key);
  socket.set(opt::zap_domain, domain);
}

void speak_encrypted(zmq::socket_t& socket, const KeyPair& own, const std::string& server_key) {
  socket.set(opt::curve_serverkey, server_key);
  socket.set(opt::curve_publickey, own.public_key);
  socket.set(opt::curve_secretkey, own.secret_key);
}

}  // namespace signet::zeromq

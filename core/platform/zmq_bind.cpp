#include "core/platform/zmq_bind.hpp"

#include <cerrno>

#include "core/platform/system_error.hpp"

namespace signet::zeromq {

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

Status bind_to(zmq::socket_t& socket, Endpoint& address, const std::string& option) {
  const int failed = error_of([&] { socket.bind(address.text()); });
  if (failed != 0) return bind_error(failed, address.text(), option);
  // The port alone: libzmq gives 127.0.0.1 back as [::ffff:127.0.0.1].
  const auto real = parse_endpoint(socket.get(opt::last_endpoint));
  if (!real) return real.error();
  address.port = real->port;
  return {};
}

Result<Endpoint> address_beside(const std::string& given, const Endpoint& main, std::uint16_t steps,
                                bool chosen_by_system) {
  if (!given.empty()) return parse_endpoint(given);
  if (chosen_by_system) return Endpoint{main.host, 0};
  if (main.port > UINT16_MAX - steps)
    return Error{
        ErrorKind::Malformed,
        "address \"" + main.text() +
            "\": there is no next port for what listens beside it; choose a lower one with "
            "--listen"};
  return Endpoint{main.host, static_cast<std::uint16_t>(main.port + steps)};
}

}  // namespace signet::zeromq

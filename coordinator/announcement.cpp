#include "coordinator/announcement.hpp"

#include "core/base/check.hpp"
#include "core/config/rules.hpp"

namespace signet {

namespace announcement_detail {

/// Keys are in Z85, which has the characters that XML means something by.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace announcement_detail

Result<std::string> announcement(const CoordinatorConfig& config, const std::string& public_key) {
  const auto listen = config::parse_address(config.listen);
  SIGNET_CHECK(listen, "listen was checked by its key");
  if (config::is_loopback(config.listen))
    return Error{ErrorKind::Mismatch, "listen: " + config.listen +
                                          " is for this machine alone; announce an address that "
                                          "others reach, such as tcp://0.0.0.0:7300"};
  if (listen->port == 0)
    return Error{ErrorKind::Mismatch,
                 "listen: is port 0, which is another at each start; choose one to announce"};
  return "<?xml version=\"1.0\" standalone=\"no\"?>\n"
         "<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n"
         "<service-group>\n"
         "  <name replace-wildcards=\"yes\">Signet on %h</name>\n"
         "  <service>\n"
         "    <type>_signet._tcp</type>\n"
         "    <port>" +
         std::to_string(listen->port) +
         "</port>\n"
         "    <txt-record>key=" +
         announcement_detail::escaped(public_key) +
         "</txt-record>\n"
         "  </service>\n"
         "</service-group>\n";
}

}  // namespace signet

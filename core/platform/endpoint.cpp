#include "core/platform/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <arpa/inet.h>

namespace signet {
namespace {

Error malformed_endpoint(const std::string& text, const char* why) {
  return Error{ErrorKind::Malformed,
               "address \"" + text + "\": " + why +
                   "; write it like tcp://192.168.1.10:7300 or tcp://[fe80::1%eth0]:7300"};
}

bool is_bracketed(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']';
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(".-_*:%[]").find(c) != std::string_view::npos;
}

}  // namespace

bool is_host_name(const std::string& host) {
  in_addr ignored = {};
  return !host.starts_with('[') && host != "*" && ::inet_pton(AF_INET, host.c_str(), &ignored) != 1;
}

Result<Endpoint> parse_endpoint(const std::string& text) {
  constexpr std::string_view kScheme = "tcp://";
  if (!text.starts_with(kScheme)) return malformed_endpoint(text, "it does not begin with tcp://");
  const std::string_view rest = std::string_view(text).substr(kScheme.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with(']'))
    return malformed_endpoint(text, "it has no port");
  const std::string_view host = rest.substr(0, colon), digits = rest.substr(colon + 1);
  if (host.empty()) return malformed_endpoint(text, "it has no host");
  if (host.find(':') != std::string_view::npos && !is_bracketed(host))
    return malformed_endpoint(text, "an IPv6 host wants brackets");
  if (!std::all_of(host.begin(), host.end(), is_host_character))
    return malformed_endpoint(text, "its host has a character that hosts cannot have");
  if (std::string_view(".-_:%]").find(host.front()) != std::string_view::npos)
    return malformed_endpoint(text,
                              "its host begins with a character that hosts cannot begin with");
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, failed] = std::from_chars(digits.data(), end, port);
  if (failed != std::errc() || stop != end)
    return malformed_endpoint(text, "its port is not a number from 0 to 65535");
  return Endpoint{std::string(host), port};
}

}  // namespace signet

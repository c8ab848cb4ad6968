#include "core/config/rules.hpp"

#include <algorithm>
#include <charconv>

namespace signet::config {

namespace rules_detail {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_host(std::string_view host) {
  if (host == "*") return true;
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto inside = host.substr(1, host.size() - 2);
    return !inside.empty() && std::all_of(inside.begin(), inside.end(), [](char c) {
      return is_alphanumeric(c) || c == ':' || c == '.' || c == '%';
    });
  }
  return !host.empty() && is_alphanumeric(host.front()) &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

bool can_connect(std::string_view text) {
  const auto address = parse_address(text);
  return address && address->host != "*" && address->port != 0;
}

bool can_listen(std::string_view text) {
  return parse_address(text).has_value();
}

}  // namespace rules_detail

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return rules_detail::is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
}

std::optional<Address> parse_address(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  const auto colon = text.rfind(':');
  if (!text.starts_with(scheme) || colon < scheme.size()) return std::nullopt;
  const auto host = text.substr(scheme.size(), colon - scheme.size());
  const auto digits = text.substr(colon + 1);
  Address address{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (!rules_detail::is_host(host)) return std::nullopt;
  return address;
}

std::vector<std::string_view> split_addresses(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string_view part = text.substr(at, comma - at);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    at = comma + 1;
  }
  return parts;
}

bool is_loopback(std::string_view address) {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  const std::string& host = parsed->host;
  // "127.evil.example" is a name like any other.
  const bool number = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (number && host.starts_with("127."));
}

std::vector<std::pair<std::string, EncryptionMode>> encryption_words() {
  return {{"auto", EncryptionMode::Auto}, {"on", EncryptionMode::On}, {"off", EncryptionMode::Off}};
}

TextRule name_rule() {
  return {"1 to 64 characters of A-Z a-z 0-9 . _ -", is_name};
}

TextRule optional_name_rule() {
  return {"\"\" or 1 to 64 characters of A-Z a-z 0-9 . _ -",
          [](std::string_view text) { return text.empty() || is_name(text); }};
}

TextRule connect_rule() {
  return {"tcp://HOST:PORT, such as tcp://192.168.1.10:7300", rules_detail::can_connect};
}

TextRule listen_rule() {
  return {"tcp://HOST:PORT, such as tcp://0.0.0.0:7300", rules_detail::can_listen};
}

TextRule optional_listen_rule() {
  return {"\"\" or tcp://HOST:PORT",
          [](std::string_view text) { return text.empty() || rules_detail::can_listen(text); }};
}

TextRule path_rule() {
  // Linux's PATH_MAX is 4096; suffixes such as ".tmp" need some of it.
  return {"a path of at most 4000 bytes",
          [](std::string_view text) { return text.size() <= 4000; }};
}

}  // namespace signet::config

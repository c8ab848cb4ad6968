#include "agent/finder/announcements.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/config/rules.hpp"

namespace signet {

namespace announcements_detail {

// A resolved line: =;interface;protocol;instance;type;domain;host;address;port;"entry" "entry"
enum Part : std::size_t { kMark, kInterface, kProtocol, kAddress = 7, kPort, kEntries, kParts };

std::optional<std::array<std::string_view, kParts>> parts_of(std::string_view line) {
  std::array<std::string_view, kParts> parts;
  for (std::size_t i = 0; i + 1 < kParts; ++i) {
    const std::size_t end = line.find(';');
    if (end == std::string_view::npos) return std::nullopt;
    parts.at(i) = line.substr(0, end);
    line.remove_prefix(end + 1);
  }
  parts[kEntries] = line;
  return parts;
}

/// Is it one of the entries, each between quotation marks? Keys have none of these inside.
bool has_key(std::string_view entries, std::string_view key) {
  return entries.find('"' + std::string(kKeyEntry) + std::string(key) + '"') !=
         std::string_view::npos;
}

std::string host_of(const std::array<std::string_view, kParts>& parts) {
  std::string host(parts[kAddress]);
  if (parts[kProtocol] != "IPv6") return host;
  // An address that holds on one link is of no use without the link.
  if (host.starts_with("fe80:")) host += "%" + std::string(parts[kInterface]);
  return "[" + host + "]";
}

}  // namespace announcements_detail

std::vector<std::string> announced_addresses(std::string_view browsed,
                                             std::string_view server_key) {
  using namespace announcements_detail;
  std::vector<std::string> v4, v6;
  while (!browsed.empty()) {
    const std::string_view line = browsed.substr(0, browsed.find('\n'));
    browsed.remove_prefix(std::min(browsed.size(), line.size() + 1));
    const auto parts = parts_of(line);
    if (!parts || (*parts)[kMark] != "=" || !has_key((*parts)[kEntries], server_key)) continue;
    const std::string address = "tcp://" + host_of(*parts) + ":" + std::string((*parts)[kPort]);
    if (!config::connect_rule().accepts(address)) continue;
    auto& found = (*parts)[kProtocol] == "IPv6" ? v6 : v4;
    if (std::ranges::find(found, address) == found.end()) found.push_back(address);
  }
  v4.insert(v4.end(), v6.begin(), v6.end());
  v4.resize(std::min(v4.size(), kFoundMax));
  return v4;
}

}  // namespace signet

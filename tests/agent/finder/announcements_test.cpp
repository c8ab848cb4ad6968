#include "agent/finder/announcements.hpp"

#include "tests/support/catch.hpp"

namespace signet {
namespace announcements_test {

using Addresses = std::vector<std::string>;

const std::string kKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

std::string line(const std::string& protocol, const std::string& address, const std::string& key,
                 const std::string& port = "7300") {
  return "=;eth0;" + protocol + ";Signet\\032on\\032lab;_signet._tcp;local;lab.local;" + address +
         ";" + port + ";\"v=1\" \"key=" + key + "\"\n";
}

TEST_CASE("only coordinators with the agent's server key are found", "[agent][finder]") {
  const std::string browsed = "+;eth0;IPv4;Signet\\032on\\032lab;_signet._tcp;local\n" +
                              line("IPv4", "192.0.2.7", std::string(40, 'x')) +
                              line("IPv4", "192.0.2.1", kKey);
  CHECK(announced_addresses(browsed, kKey) == Addresses{"tcp://192.0.2.1:7300"});
  CHECK(announced_addresses(browsed, std::string(40, 'y')).empty());
  CHECK(announced_addresses("", kKey).empty());
}

TEST_CASE("addresses of IPv4 come first, those of one link with the link, none twice",
          "[agent][finder]") {
  const std::string browsed = line("IPv6", "fe80::1", kKey) + line("IPv6", "2001:db8::1", kKey) +
                              line("IPv4", "192.0.2.1", kKey) + line("IPv4", "192.0.2.1", kKey);
  CHECK(announced_addresses(browsed, kKey) ==
        Addresses{"tcp://192.0.2.1:7300", "tcp://[fe80::1%eth0]:7300", "tcp://[2001:db8::1]:7300"});
}

TEST_CASE("announcements that make no sense are left out", "[agent][finder]") {
  for (const std::string& browsed :
       {std::string("=\n"), std::string("=;eth0;IPv4\n"), line("IPv4", "192.0.2.1", kKey, "0"),
        line("IPv4", "192.0.2.1", kKey, "99999"), line("IPv4", "a b", kKey),
        line("IPv4", "192.0.2.1", kKey.substr(1)), line("IPv4", "192.0.2.1", kKey + "x")}) {
    INFO(browsed);
    CHECK(announced_addresses(browsed, kKey).empty());
  }
}

TEST_CASE("whoever announces without an end fills a few places only", "[agent][finder]") {
  std::string browsed;
  for (int i = 0; i < 200; ++i) browsed += line("IPv4", "192.0.2." + std::to_string(i), kKey);
  CHECK(announced_addresses(browsed, kKey).size() == kFoundMax);
}

}  // namespace announcements_test
}  // namespace signet

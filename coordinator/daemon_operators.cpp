// What the coordinator's loop does for operators and for boards that ask for a place.
#include <algorithm>
#include <utility>

#include "coordinator/control/protocol.hpp"
#include "coordinator/daemon.hpp"
#include "core/config/rules.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/endpoint.hpp"
#include "core/platform/log.hpp"
#include "core/platform/own_addresses.hpp"

namespace signet {

namespace {

Error no_keys() {
  return {ErrorKind::Denied,
          "this coordinator runs without keys: everybody who reaches its port may take part; start "
          "it with --encryption on, or with --listen at an address for other machines"};
}

/// Where boards may reach this coordinator, as far as it can tell.
std::vector<std::string> addresses_for_boards(const std::string& listening) {
  const auto at = parse_endpoint(listening);
  SIGNET_CHECK(at, "the transport listens there");
  const bool everywhere = at->host == "*" || at->host == "0.0.0.0" || at->host == "[::]";
  if (!everywhere) return {listening};
  std::vector<std::string> addresses;
  for (const std::string& host : own_hosts())
    if (const std::string one = Endpoint{host, at->port}.text();
        config::connect_rule().accepts(one))
      addresses.push_back(one);
  return addresses;
}

}  // namespace

void CoordinatorDaemon::answer_question() {
  Received question;
  if (!parts_.transport.receive_control(question)) return;
  const std::string answer = answer_to(to_text(question.frames.back()->bytes()));
  if (!parts_.transport.answer_control(question, view_bytes(answer)))
    log_debug("somebody asked and is gone");
}

std::string CoordinatorDaemon::answer_to(std::string_view question) {
  if (const auto order = read_order(question))
    return *order ? obey(**order) : order_failed(order->error());
  const Traffic traffic = parts_.transport.traffic();
  const Instant now = steady_now();
  const RunFigures figures{accuracy_, traffic.received, traffic.sent, traffic.refused,
                           now - started_};
  const Enrolment* fleet = parts_.registrar != nullptr ? &parts_.registrar->fleet() : nullptr;
  return signet::answer_question(question, parts_.machine, fleet, figures, now);
}

std::string CoordinatorDaemon::obey(const Order& order) {
  if (parts_.registrar == nullptr) return order_failed(no_keys());
  return std::visit([this](const auto& one) { return carry_out(one); }, order);
}

std::string CoordinatorDaemon::carry_out(const MakeToken& order) {
  auto addresses = order.addresses;
  if (addresses.empty()) addresses = addresses_for_boards(parts_.transport.control_endpoint());
  const auto made =
      parts_.registrar->make_token(order.name, addresses, parts_.transport.enrolment_port());
  if (!made) return order_failed(made.error());
  log_info("join token {} was made{}", made->number,
           order.name.empty() ? "" : " for " + order.name);
  return order_done(NewTokenAnswer{made->text, made->number, std::move(addresses)});
}

std::string CoordinatorDaemon::carry_out(const ListTokens& /*order*/) {
  std::vector<TokenAnswer> open;
  for (const FleetToken& token : parts_.registrar->fleet().open_tokens())
    open.push_back({token.number, token.name});
  return order_done(open);
}

std::string CoordinatorDaemon::carry_out(const WithdrawToken& order) {
  std::vector<std::uint64_t> numbers{order.number};
  if (order.number == 0) {
    numbers.clear();
    for (const FleetToken& token : parts_.registrar->fleet().open_tokens())
      numbers.push_back(token.number);
  }
  for (const std::uint64_t number : numbers) {
    if (auto dropped = parts_.registrar->drop_token(number); !dropped)
      return order_failed(dropped.error());
    log_info("join token {} was withdrawn", number);
  }
  return order_done();
}

std::string CoordinatorDaemon::carry_out(const RevokeAgent& order) {
  const auto key = parts_.registrar->revoke(order.name);
  if (!key) return order_failed(key.error());
  parts_.transport.cut_off(*key);
  log_info("agent {} was revoked", order.name);
  if (!summary_ && !failed_) step(AgentRevoked{order.name});
  return order_done();
}

std::string CoordinatorDaemon::carry_out(const RenameAgent& order) {
  const auto& members = parts_.machine.roster().members();
  if (members.find(order.to) != members.end())
    return order_failed({ErrorKind::Denied, "an agent named '" + order.to +
                                                "' has taken part in this run; choose another "
                                                "name"});
  if (auto renamed = parts_.registrar->rename(order.name, order.to); !renamed)
    return order_failed(renamed.error());
  if (!summary_ && !failed_) step(AgentRenamed{order.name, order.to});
  return order_done();
}

void CoordinatorDaemon::enrol_boards() {
  Received request;
  if (parts_.registrar == nullptr || !parts_.transport.receive_enrolment(request)) return;
  const auto reply =
      parts_.registrar->answer(steady_now(), request.key, request.frames.front()->bytes());
  if (!reply) return;
  if (!reply->note.empty()) log_info("{}", reply->note);
  if (!parts_.transport.answer_enrolment(request.peer, reply->frame))
    log_debug("a board asked for a place and is gone");
}

}  // namespace signet

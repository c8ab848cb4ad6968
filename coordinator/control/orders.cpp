#include "coordinator/control/orders.hpp"

#include <utility>

#include "coordinator/control/envelope.hpp"
#include "coordinator/control/fields.hpp"
#include "coordinator/control/protocol.hpp"
#include "core/config/rules.hpp"
#include "core/config/text.hpp"
#include "core/identity/token.hpp"

namespace signet {

namespace {

Json order_head(const char* ask) {
  return Json{{"version", kControlProtocol}, {"ask", ask}};
}

Json order_json(const MakeToken& order) {
  Json json = order_head("token");
  json["name"] = order.name;
  json["addresses"] = order.addresses;
  return json;
}
Json order_json(const ListTokens& /*order*/) {
  return order_head("tokens");
}
Json order_json(const WithdrawToken& order) {
  Json json = order_head("withdraw");
  json["number"] = order.number;
  return json;
}
Json order_json(const RevokeAgent& order) {
  Json json = order_head("revoke");
  json["name"] = order.name;
  return json;
}
Json order_json(const RenameAgent& order) {
  Json json = order_head("rename");
  json["name"] = order.name;
  json["to"] = order.to;
  return json;
}

Error bad_order(const std::string& what) {
  return {ErrorKind::Malformed, what};
}

Status check_addresses(const std::vector<std::string>& addresses) {
  if (addresses.size() > kTokenAddressesMax)
    return bad_order("a token holds at most " + std::to_string(kTokenAddressesMax) + " addresses");
  for (const std::string& one : addresses)
    if (one.size() > kTokenAddressMax || !config::connect_rule().accepts(one))
      return bad_order("address " + config::quoted(one) + ": expected " +
                       config::connect_rule().allowed);
  return {};
}

/// Reads the fields into `order`; the fields are each order's own.
template <typename T, typename... Fields>
Result<Order> with_fields(const Json& json, T order, Fields... fields) {
  FieldReader reader{json, ""};
  (reader(fields.first, order.*fields.second), ...);
  if (!reader.wrong.empty()) return bad_order("\"" + reader.wrong + "\" is missing or wrong");
  return Order{std::move(order)};
}

Result<Order> read_make_token(const Json& json) {
  auto read = with_fields(json, MakeToken{}, std::pair{"name", &MakeToken::name},
                          std::pair{"addresses", &MakeToken::addresses});
  if (!read) return read;
  if (auto checked = check_addresses(std::get<MakeToken>(*read).addresses); !checked)
    return checked.error();
  return read;
}

Json token_json(const TokenAnswer& token) {
  Json json = Json::object();
  each_token_field(token, FieldWriter{json});
  return json;
}

Json list_json(const std::vector<TokenAnswer>& open) {
  Json list = Json::array();
  for (const TokenAnswer& token : open) list.push_back(token_json(token));
  return Json{{"tokens", std::move(list)}};
}

Json made_json(const NewTokenAnswer& made) {
  return Json{{"token", made.token}, {"number", made.number}, {"addresses", made.addresses}};
}

}  // namespace

std::string order_text(const Order& order) {
  return written(std::visit([](const auto& one) { return order_json(one); }, order));
}

std::optional<Result<Order>> read_order(std::string_view question) {
  const auto opened = open_question(question);
  if (!opened) return std::nullopt;
  const auto& [ask, json] = *opened;
  if (ask == "token") return read_make_token(json);
  if (ask == "tokens") return Result<Order>(Order{ListTokens{}});
  if (ask == "withdraw")
    return with_fields(json, WithdrawToken{}, std::pair{"number", &WithdrawToken::number});
  if (ask == "revoke")
    return with_fields(json, RevokeAgent{}, std::pair{"name", &RevokeAgent::name});
  if (ask == "rename")
    return with_fields(json, RenameAgent{}, std::pair{"name", &RenameAgent::name},
                       std::pair{"to", &RenameAgent::to});
  return std::nullopt;
}

std::string order_failed(const Error& error) {
  return error_answer(error.message);
}

std::string order_done() {
  return enveloped("answer", Json::object());
}

std::string order_done(const NewTokenAnswer& made) {
  return enveloped("answer", made_json(made));
}

std::string order_done(const std::vector<TokenAnswer>& open) {
  return enveloped("answer", list_json(open));
}

Status read_done(std::string_view answer) {
  const auto json = open_answer(answer);
  return json ? Status() : Status(json.error());
}

Result<NewTokenAnswer> read_new_token(std::string_view answer) {
  const auto json = open_answer(answer);
  if (!json) return json.error();
  NewTokenAnswer made;
  FieldReader reader{*json, ""};
  reader("token", made.token);
  reader("number", made.number);
  reader("addresses", made.addresses);
  if (!reader.wrong.empty()) return no_answer("\"" + reader.wrong + "\" is missing or wrong");
  return made;
}

Result<std::vector<TokenAnswer>> read_tokens(std::string_view answer) {
  const auto json = open_answer(answer);
  if (!json) return json.error();
  const auto list = json->find("tokens");
  if (list == json->end() || !list->is_array()) return no_answer("\"tokens\" is missing or wrong");
  std::vector<TokenAnswer> open;
  for (const Json& one : *list) {
    if (!one.is_object()) return no_answer("a token is not a JSON object");
    FieldReader reader{one, ""};
    each_token_field(open.emplace_back(), reader);
    if (!reader.wrong.empty()) return no_answer("\"" + reader.wrong + "\" is missing or wrong");
  }
  return open;
}

std::string new_token_json(const NewTokenAnswer& made) {
  return written(made_json(made), 2) + "\n";
}

std::string tokens_json(const std::vector<TokenAnswer>& open) {
  return written(list_json(open), 2) + "\n";
}

}  // namespace signet

#include "coordinator/control/orders.hpp"

#include "coordinator/control/protocol.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace control_orders_test {

Order through(const Order& order) {
  const auto read = read_order(order_text(order));
  REQUIRE(read);
  REQUIRE(*read);
  return **read;
}

std::string why_not(const std::string& question) {
  const auto read = read_order(question);
  REQUIRE(read);
  REQUIRE_FALSE(*read);
  CHECK(read->error().kind == ErrorKind::Malformed);
  return read->error().message;
}

TEST_CASE("orders come out as they went in", "[coordinator][control]") {
  const auto made = std::get<MakeToken>(through(MakeToken{"ada", {"tcp://h:1", "tcp://i:2"}}));
  CHECK(made.name == "ada");
  CHECK(made.addresses == std::vector<std::string>{"tcp://h:1", "tcp://i:2"});
  CHECK(std::holds_alternative<ListTokens>(through(ListTokens{})));
  CHECK(std::get<WithdrawToken>(through(WithdrawToken{7})).number == 7);
  CHECK(std::get<RevokeAgent>(through(RevokeAgent{"ada"})).name == "ada");
  const auto renamed = std::get<RenameAgent>(through(RenameAgent{"ada", "bob"}));
  CHECK(renamed.name == "ada");
  CHECK(renamed.to == "bob");
}

TEST_CASE("a question, and what is neither, is no order", "[coordinator][control]") {
  for (const std::string& text :
       {status_question(), agents_question(""), std::string(""), std::string("[]"),
        std::string(R"({"version": 9, "ask": "revoke", "name": "ada"})"),
        std::string(R"({"version": 1, "ask": "weather"})")})
    CHECK_FALSE(read_order(text));
}

TEST_CASE("an order that cannot be obeyed says why", "[coordinator][control]") {
  CHECK(why_not(R"({"version": 1, "ask": "token", "addresses": []})").find("\"name\"") !=
        std::string::npos);
  CHECK(why_not(R"({"version": 1, "ask": "token", "name": "a", "addresses": ["x"]})")
            .find("tcp://HOST:PORT") != std::string::npos);
  CHECK(why_not(R"({"version": 1, "ask": "token", "name": "a", "addresses": "x"})")
            .find("\"addresses\"") != std::string::npos);
  std::string many = R"({"version": 1, "ask": "token", "name": "a", "addresses": ["tcp://h:1")";
  for (int i = 0; i < 8; ++i) many += R"(, "tcp://h:1")";
  CHECK(why_not(many + "]}").find("at most 8 addresses") != std::string::npos);
  CHECK(why_not(R"({"version": 1, "ask": "withdraw", "number": -1})").find("\"number\"") !=
        std::string::npos);
  CHECK(why_not(R"({"version": 1, "ask": "revoke"})").find("\"name\"") != std::string::npos);
  CHECK(why_not(R"({"version": 1, "ask": "rename", "name": "a"})").find("\"to\"") !=
        std::string::npos);
}

TEST_CASE("answers to orders come out as they went in", "[coordinator][control]") {
  CHECK(read_done(order_done()));
  const auto failed = read_done(order_failed({ErrorKind::Missing, "nobody is called so"}));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == ErrorKind::Denied);
  CHECK(failed.error().message == "the coordinator answers: nobody is called so");
  const auto made = read_new_token(order_done(NewTokenAnswer{"signet1abc", 3, {"tcp://h:1"}}));
  REQUIRE(made);
  CHECK(made->token == "signet1abc");
  CHECK(made->number == 3);
  CHECK(made->addresses == std::vector<std::string>{"tcp://h:1"});
  const auto open = read_tokens(order_done(std::vector<TokenAnswer>{{1, ""}, {2, "ada"}}));
  REQUIRE(open);
  REQUIRE(open->size() == 2);
  CHECK((*open)[1].name == "ada");
  CHECK(read_tokens(order_done()).error().message.find("\"tokens\"") != std::string::npos);
  CHECK(read_new_token(order_done()).error().message.find("\"token\"") != std::string::npos);
  CHECK(read_done("{}").error().kind == ErrorKind::Malformed);
}

}  // namespace control_orders_test
}  // namespace signet

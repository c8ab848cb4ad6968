#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coordinator/control/answers.hpp"
#include "core/base/result.hpp"

namespace signet {

// What an operator may have changed, and how it travels:
//   {"version": 1, "ask": "token", "name": "NAME", "addresses": ["tcp://HOST:PORT"]}
//   {"version": 1, "ask": "tokens"}
//   {"version": 1, "ask": "withdraw", "number": 3}     0: all
//   {"version": 1, "ask": "revoke", "name": "NAME"}
//   {"version": 1, "ask": "rename", "name": "OLD", "to": "NEW"}
// An answer is that of protocol.hpp.

/// "": for any board; no addresses: the coordinator's own.
struct MakeToken {
  std::string name;
  std::vector<std::string> addresses;
};
struct ListTokens {};
struct WithdrawToken {
  std::uint64_t number = 0;  ///< 0: all that nobody has used
};
struct RevokeAgent {
  std::string name;
};
struct RenameAgent {
  std::string name, to;
};
using Order = std::variant<MakeToken, ListTokens, WithdrawToken, RevokeAgent, RenameAgent>;

std::string order_text(const Order& order);

/// The coordinator's side. Nothing: it is a question, or nothing at all, for answer_question().
/// Fails with Malformed, saying what is wrong.
std::optional<Result<Order>> read_order(std::string_view question);

std::string order_failed(const Error& error);
std::string order_done();
std::string order_done(const NewTokenAnswer& made);
std::string order_done(const std::vector<TokenAnswer>& open);

// The asker's side. They fail as read_status() does.
Status read_done(std::string_view answer);
Result<NewTokenAnswer> read_new_token(std::string_view answer);
Result<std::vector<TokenAnswer>> read_tokens(std::string_view answer);

/// For programs: one JSON object, with a line break at its end.
std::string new_token_json(const NewTokenAnswer& made);
std::string tokens_json(const std::vector<TokenAnswer>& open);

}  // namespace signet

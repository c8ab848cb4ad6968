#include "coordinator/enrolment/enrolment.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "coordinator/roster/roster.hpp"
#include "core/base/check.hpp"

namespace signet {

namespace {

Enrolment::Decision refusal(EnrolVerdict verdict, std::string text) {
  EnrolAnswer answer;
  answer.verdict = verdict;
  answer.text = std::move(text);
  return {std::move(answer), std::nullopt};
}

Enrolment::Decision acceptance(const std::string& name, std::optional<FleetChange> change) {
  EnrolAnswer answer;
  answer.verdict = EnrolVerdict::Enrolled;
  answer.name = name;
  return {std::move(answer), std::move(change)};
}

Error nobody_called(std::string_view name) {
  return {ErrorKind::Missing,
          "no agent named '" + std::string(name) + "' is enrolled; `signet agents` lists them"};
}

Error no_name(const std::string& name) {
  return {ErrorKind::Malformed,
          "'" + name + "' is no name: an agent's has 1 to 64 characters of A-Z a-z 0-9 . _ -"};
}

std::string taken(const std::string& name) {
  return "an agent named '" + name + "' is enrolled already";
}

}  // namespace

Enrolment::Enrolment(FleetRecord record) {
  for (FleetKey& key : record.keys) {
    if (!key.revoked) key_by_name_[key.name] = key.key;
    const std::string text = key.key;
    keys_[text] = std::move(key);
  }
  for (FleetToken& token : record.tokens) on(TokenMade{std::move(token)});
}

const std::string* Enrolment::name_of(const std::string& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() || found->second.revoked ? nullptr : &found->second.name;
}

bool Enrolment::was_revoked(std::string_view name) const {
  return key_by_name_.find(name) == key_by_name_.end() &&
         std::ranges::any_of(keys_, [&](const auto& one) { return one.second.name == name; });
}

std::vector<std::string> Enrolment::revoked_names() const {
  std::set<std::string> names;
  for (const auto& [text, key] : keys_)
    if (key.revoked && key_by_name_.find(key.name) == key_by_name_.end()) names.insert(key.name);
  return {names.begin(), names.end()};
}

std::vector<FleetToken> Enrolment::open_tokens() const {
  std::vector<FleetToken> open;
  for (const auto& [number, token] : tokens_)
    if (token.used_by.empty()) open.push_back(token);
  return open;
}

const FleetToken* Enrolment::token_of(const SecretHash& hash) const {
  const auto found =
      std::ranges::find_if(tokens_, [&](const auto& one) { return one.second.hash == hash; });
  return found == tokens_.end() ? nullptr : &found->second;
}

Enrolment::Decision Enrolment::decide(const std::string& key, const EnrolRequest& request) const {
  if (request.version != kEnrolmentProtocol)
    return refusal(EnrolVerdict::Version,
                   "this coordinator enrols boards by version " +
                       std::to_string(kEnrolmentProtocol) + ", the board asks by version " +
                       std::to_string(request.version) + "; use programs of one release");
  const FleetToken* token = token_of(hash_secret(request.secret));
  if (token == nullptr)
    return refusal(EnrolVerdict::BadToken,
                   "the token is not known here: it was withdrawn, or made by another coordinator; "
                   "make a new one with `signet token`");
  if (!token->used_by.empty() && token->used_by != key)
    return refusal(EnrolVerdict::BadToken,
                   "the token has been used, and is good once; make a new one with `signet token`");
  const auto known = keys_.find(key);
  if (known != keys_.end() && known->second.revoked)
    return refusal(EnrolVerdict::Revoked,
                   "this board's key was revoked; delete its key file and join with a new token");
  // Again, because the answer was lost; or with a second token, which is then used up.
  if (!token->used_by.empty()) return acceptance(known->second.name, std::nullopt);
  if (known != keys_.end()) return enrol(key, known->second.name, *token);
  const std::string& wanted = request.name.empty() ? request.host : request.name;
  const std::string& name = token->name.empty() ? wanted : token->name;
  if (!request.name.empty() && request.name != name)
    return refusal(EnrolVerdict::BadName, "the token is for '" + name + "'; leave out --name");
  if (!valid_agent_name(name)) return refusal(EnrolVerdict::BadName, no_name(name).message);
  if (key_by_name_.find(name) != key_by_name_.end())
    return refusal(EnrolVerdict::BadName, taken(name) +
                                              "; give this board another name with --name, or "
                                              "revoke that one first (`signet revoke`)");
  if (keys_.size() >= kFleetKeysMax)
    return refusal(EnrolVerdict::Full, "this fleet has seen " + std::to_string(kFleetKeysMax) +
                                           " keys, which is the limit");
  return enrol(key, name, *token);
}

Enrolment::Decision Enrolment::enrol(const std::string& key, const std::string& name,
                                     const FleetToken& token) const {
  return acceptance(name, BoardEnrolled{key, name, token.hash});
}

Result<std::vector<FleetChange>> Enrolment::make_token(const SecretHash& hash,
                                                       const std::string& name) const {
  if (!name.empty() && !valid_agent_name(name)) return no_name(name);
  if (key_by_name_.find(name) != key_by_name_.end())
    return Error{ErrorKind::Denied, taken(name) + "; revoke it first, or choose another name"};
  std::vector<FleetChange> changes;
  if (const auto open = open_tokens(); open.size() >= kOpenTokensMax)
    changes.emplace_back(TokenDropped{open.front().hash});
  changes.emplace_back(TokenMade{FleetToken{hash, next_number_, name, ""}});
  return changes;
}

Result<FleetChange> Enrolment::drop_token(std::uint64_t number) const {
  const auto found = tokens_.find(number);
  if (found == tokens_.end() || !found->second.used_by.empty())
    return Error{ErrorKind::Missing, "there is no open token " + std::to_string(number) +
                                         "; `signet token --list` lists them"};
  return FleetChange{TokenDropped{found->second.hash}};
}

Result<FleetChange> Enrolment::revoke(std::string_view name) const {
  const auto found = key_by_name_.find(name);
  if (found == key_by_name_.end()) return nobody_called(name);
  return FleetChange{BoardRevoked{found->second}};
}

Result<FleetChange> Enrolment::rename(std::string_view from, const std::string& to) const {
  const auto found = key_by_name_.find(from);
  if (found == key_by_name_.end()) return nobody_called(from);
  if (!valid_agent_name(to)) return no_name(to);
  if (key_by_name_.find(to) != key_by_name_.end())
    return Error{ErrorKind::Denied, taken(to) + "; choose another name"};
  return FleetChange{BoardRenamed{found->second, to}};
}

void Enrolment::apply(const FleetChange& change) {
  std::visit([this](const auto& one) { on(one); }, change);
}

void Enrolment::on(const TokenMade& made) {
  next_number_ = std::max(next_number_, made.token.number + 1);
  tokens_[made.token.number] = made.token;
}

void Enrolment::on(const TokenDropped& dropped) {
  const FleetToken* token = token_of(dropped.hash);
  SIGNET_CHECK(token != nullptr, "only tokens that are there are dropped");
  tokens_.erase(token->number);
}

void Enrolment::on(const BoardEnrolled& enrolled) {
  const FleetToken* token = token_of(enrolled.hash);
  SIGNET_CHECK(token != nullptr, "a board is enrolled by a token");
  tokens_[token->number].used_by = enrolled.key;
  keys_[enrolled.key] = {enrolled.key, enrolled.name, false};
  key_by_name_[enrolled.name] = enrolled.key;
}

void Enrolment::on(const BoardRevoked& revoked) {
  FleetKey& key = keys_.at(revoked.key);
  key.revoked = true;
  key_by_name_.erase(key.name);
}

void Enrolment::on(const BoardRenamed& renamed) {
  FleetKey& key = keys_.at(renamed.key);
  key_by_name_.erase(key.name);
  key.name = renamed.name;
  key_by_name_[key.name] = key.key;
}

}  // namespace signet

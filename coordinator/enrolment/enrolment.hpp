#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coordinator/enrolment/fleet_record.hpp"
#include "core/base/result.hpp"
#include "core/wire/enrolment.hpp"

namespace signet {

/// Most keys of a fleet, revoked ones among them, and most tokens that nobody has used: one that is
/// made beyond that ends the oldest.
inline constexpr std::size_t kFleetKeysMax = 65'535;
inline constexpr std::size_t kOpenTokensMax = 256;

/// Who may take part, decided from the record alone: no clock, no file, no socket. A question is
/// answered without changing anything; what it changes is given back, to be saved first and then
/// applied.
///
/// Cost: a key is looked up in O(1), all else in O(keys + tokens).
class Enrolment {
 public:
  explicit Enrolment(FleetRecord record = {});

  /// What the key stands for; null where it is unknown or revoked.
  const std::string* name_of(const std::string& key) const;
  /// Keys that are not revoked, in the order of their names.
  const std::map<std::string, std::string, std::less<>>& names() const { return key_by_name_; }
  /// Was an agent of this name revoked, and has nobody taken the name since?
  bool was_revoked(std::string_view name) const;
  /// Names of was_revoked(), in order.
  std::vector<std::string> revoked_names() const;
  /// Tokens that nobody has used, in the order of their numbers.
  std::vector<FleetToken> open_tokens() const;

  /// What a board is answered, and what has to be saved before it is. The same board asking again
  /// with the same token is answered the same.
  struct Decision {
    EnrolAnswer answer;
    std::optional<FleetChange> change;
  };
  Decision decide(const std::string& key, const EnrolRequest& request) const;

  // What operators ask for. Malformed: no name. Denied: it is taken. Missing: there is none such.
  Result<std::vector<FleetChange>> make_token(const SecretHash& hash,
                                              const std::string& name) const;
  Result<FleetChange> drop_token(std::uint64_t number) const;
  Result<FleetChange> revoke(std::string_view name) const;
  Result<FleetChange> rename(std::string_view from, const std::string& to) const;

  void apply(const FleetChange& change);

 private:
  const FleetToken* token_of(const SecretHash& hash) const;
  Decision enrol(const std::string& key, const std::string& name, const FleetToken& token) const;

  void on(const TokenMade& made);
  void on(const TokenDropped& dropped);
  void on(const BoardEnrolled& enrolled);
  void on(const BoardRevoked& revoked);
  void on(const BoardRenamed& renamed);

  std::unordered_map<std::string, FleetKey> keys_;
  std::map<std::string, std::string, std::less<>> key_by_name_;  // of those not revoked
  std::map<std::uint64_t, FleetToken> tokens_;                   // by number
  std::uint64_t next_number_ = 1;
};

}  // namespace signet

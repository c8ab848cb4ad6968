#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/enrolment/enrolment.hpp"
#include "coordinator/enrolment/throttle.hpp"
#include "coordinator/store/fleet_store.hpp"
#include "core/base/time.hpp"
#include "core/identity/token.hpp"

namespace signet {

/// Keeps a fleet's record: saves each change, applies it, and only then answers.
class Registrar {
 public:
  struct Parts {
    FleetStore& store;
    std::string server_key;
    std::function<Bytes()> draw_secret;  ///< kSecretBytes that nobody can guess
  };
  /// Fails as FleetStore::load() does.
  static Result<std::unique_ptr<Registrar>> open(Parts parts, Instant now);

  const Enrolment& fleet() const { return fleet_; }

  /// What a board is answered, whatever it sent; nothing when boards ask too often.
  struct Reply {
    Bytes frame;
    std::string note;  ///< for the log; "" where there is nothing new
  };
  std::optional<Reply> answer(Instant now, const std::string& key, ByteView request);

  struct Made {
    std::uint64_t number = 0;
    std::string text;  ///< of the token: a secret
  };
  /// A token for `name` ("": for any). Fails with Malformed, Denied, or as the store does.
  Result<Made> make_token(const std::string& name, std::vector<std::string> addresses,
                          std::uint16_t enrolment_port);
  Status drop_token(std::uint64_t number);
  /// The key that is not let in any more.
  Result<std::string> revoke(std::string_view name);
  Status rename(std::string_view from, const std::string& to);

 private:
  Registrar(Parts parts, FleetRecord record, Instant now);
  Status change(const FleetChange& change);
  EnrolAnswer decide(const std::string& key, const EnrolRequest& request, std::string& note);

  Parts parts_;
  Enrolment fleet_;
  Throttle throttle_;
};

}  // namespace signet

#include "fleet/faults.hpp"

#include <charconv>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/random.hpp"

namespace signet {

namespace {

struct KindOfFault {
  std::string_view name;
  double FleetFaults::*chance;
};

// In the order of FaultKind.
constexpr std::array<KindOfFault, kFaultKinds> kKindsOfFaults{{
    {"loss", &FleetFaults::loss},
    {"duplicate", &FleetFaults::duplicate},
    {"stale", &FleetFaults::stale},
    {"partition", &FleetFaults::partition},
    {"partition-spread", &FleetFaults::partition_spread},
    {"coordinator-crash", &FleetFaults::coordinator_crash},
    {"agent-crash", &FleetFaults::agent_crash},
    {"crash-together", &FleetFaults::crash_together},
    {"agent-leave", &FleetFaults::agent_leave},
    {"coordinator-stop", &FleetFaults::coordinator_stop},
    {"freeze", &FleetFaults::freeze},
    {"suspend", &FleetFaults::suspend},
    {"store-crash", &FleetFaults::store_crash},
    {"disk-full", &FleetFaults::disk_full},
    {"power-cut", &FleetFaults::power_cut},
    {"tamper", &FleetFaults::tamper},
    {"pause", &FleetFaults::pause},
    {"amount", nullptr},
}};

constexpr std::string_view kCoordinatorsName = "coordinator";

template <typename Integer>
bool read_all(std::string_view text, Integer& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  return kKindsOfFaults.at(static_cast<std::size_t>(kind)).name;
}

double& chance_of(FleetFaults& faults, FaultKind kind) {
  const auto chance = kKindsOfFaults.at(static_cast<std::size_t>(kind)).chance;
  SIGNET_CHECK(chance != nullptr, "amounts are no fault");
  return faults.*chance;
}

std::string to_text(const Fault& fault) {
  return std::string(name_of(fault.kind)) + ":" +
         (fault.subject == kCoordinator ? std::string(kCoordinatorsName)
                                        : std::to_string(fault.subject)) +
         ":" + std::to_string(fault.count);
}

Result<Fault> parse_fault(std::string_view text) {
  const auto first = text.find(':'), second = text.rfind(':');
  if (first != second) {
    const auto subject = text.substr(first + 1, second - first - 1);
    Fault fault;
    const bool numbers = (subject == kCoordinatorsName ? (fault.subject = kCoordinator, true)
                                                       : read_all(subject, fault.subject)) &&
                         read_all(text.substr(second + 1), fault.count);
    for (std::size_t kind = 0; numbers && kind < kFaultKinds; ++kind)
      if (kKindsOfFaults.at(kind).name == text.substr(0, first)) {
        fault.kind = static_cast<FaultKind>(kind);
        return fault;
      }
  }
  return Error{ErrorKind::Malformed, "'" + std::string(text) +
                                         "' is no fault; expected KIND:SUBJECT:COUNT, such as "
                                         "loss:2:17 or store-crash:coordinator:3"};
}

void FaultDice::allow_only(std::set<Fault> faults) {
  restricted_ = true;
  allowed_ = std::move(faults);
}

std::uint64_t& FaultDice::counter(FaultKind kind, std::uint32_t subject) {
  auto& counters = counters_.at(static_cast<std::size_t>(kind));
  const std::size_t index = subject == kCoordinator ? 0 : std::size_t{subject} + 1;
  if (counters.size() <= index) counters.resize(index + 1);
  return counters[index];
}

bool FaultDice::strikes(FaultKind kind, std::uint32_t subject, double probability) {
  if (!(probability > 0)) return false;
  const std::uint64_t count = counter(kind, subject)++;
  const std::uint64_t place = mix(static_cast<std::uint64_t>(kind) << 32 | subject, count);
  if (!(double{Rng(mix(seed_, place)).uniform()} < probability)) return false;
  const Fault fault{kind, subject, count};
  if (restricted_ && !allowed_.contains(fault)) return false;
  struck_.push_back(fault);
  return true;
}

std::uint64_t FaultDice::draw(std::uint32_t subject) {
  const std::uint64_t count = counter(FaultKind::Amount, subject)++;
  return Rng(mix(mix(seed_, 0x616d6f756e74), mix(subject, count))).next();
}

Duration FaultDice::between(std::uint32_t subject, Duration low, Duration high) {
  const auto span = static_cast<std::uint64_t>((high - low).count());
  if (span == 0) return low;
  return low + Duration(static_cast<Duration::rep>(multiply_high(draw(subject), span + 1)));
}

}  // namespace signet

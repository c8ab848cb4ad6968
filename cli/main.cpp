#include "cli/fleet_commands.hpp"
#include "cli/options.hpp"
#include "cli/simulate.hpp"
#include "cli/watch.hpp"
#include "core/platform/log.hpp"

int main(int argc, char** argv) {
  const auto parsed = signet::parse_signet_options({argv + 1, argv + argc});
  if (const auto* now = std::get_if<signet::ExitNow>(&parsed))
    return signet::print_and_end(now->text, static_cast<int>(now->code));
  if (const auto* watch = std::get_if<signet::WatchCommand>(&parsed))
    return static_cast<int>(signet::run_watch(*watch));
  if (const auto* fleet = std::get_if<signet::FleetCommand>(&parsed))
    return static_cast<int>(signet::run_fleet_command(*fleet));
  return static_cast<int>(signet::run_simulate(std::get<signet::SimulateCommand>(parsed)));
}

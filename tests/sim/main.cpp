// signet-sim: fleets under faults, one from each seed. ./dev sim runs it.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/faulty_fleet.hpp"
#include "tests/sim/minimise.hpp"

namespace signet::test {

namespace {

using Clock = std::chrono::steady_clock;

struct SimOptions {
  std::uint64_t seeds = 2000, first = 1, minutes = 0, runs_max = 2000;
  std::optional<std::uint64_t> replay, minimise;
  std::string only, json;
  std::vector<std::string> calm;
};

struct Totals {
  std::uint64_t fleets = 0, rounds = 0, rounds_lost = 0, crashes = 0, faults = 0, events = 0;
  std::vector<std::uint64_t> by_kind = std::vector<std::uint64_t>(kFaultKinds);
};

void add(Totals& totals, const FleetResult& result) {
  ++totals.fleets;
  totals.rounds += result.rounds + result.rounds_lost;
  totals.rounds_lost += result.rounds_lost;
  totals.crashes += result.coordinator_crashes + result.agent_crashes;
  totals.events += result.events;
  totals.faults += result.faults.size();
  for (const Fault& fault : result.faults) ++totals.by_kind[static_cast<std::size_t>(fault.kind)];
}

void print_broken(const FaultyFleet& drawn, const std::vector<std::string>& broken) {
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(drawn.seed),
              describe(drawn).c_str());
  for (const auto& what : broken) std::printf("  %s\n", what.c_str());
}

std::string list_of(const std::set<Fault>& faults) {
  std::string list;
  for (const Fault& fault : faults) list += (list.empty() ? "" : ",") + to_text(fault);
  return list;
}

Result<std::set<Fault>> faults_in(const std::string& list) {
  std::set<Fault> faults;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const auto fault = parse_fault(std::string_view(list).substr(from, comma - from));
    if (!fault) return fault.error();
    faults.insert(*fault);
    from = comma + 1;
  }
  return faults;
}

int replay(const SimOptions& options) {
  FaultyFleet drawn = draw_faulty_fleet(*options.replay);
  if (!options.only.empty()) {
    auto only = faults_in(options.only == "none" ? "" : options.only);
    if (!only) {
      std::fprintf(stderr, "--only: %s\n", only.error().message.c_str());
      return 2;
    }
    drawn.only = std::move(*only);
  }
  for (const std::string& what : options.calm) calm(drawn, what);
  const FleetResult result = run_faulty_fleet(drawn, [](Instant now, const std::string& what) {
    std::printf("%11.6f %s\n", seconds(now - Instant{}), what.c_str());
  });
  const auto broken = broken_by(drawn, result);
  print_broken(drawn, broken);
  std::printf("%zu faults, %llu rounds; %s\n", result.faults.size(),
              static_cast<unsigned long long>(result.rounds),
              broken.empty() ? "nothing broke" : "BROKEN");
  return broken.empty() ? 0 : 1;
}

int show_minimised(const SimOptions& options) {
  const FaultyFleet drawn = draw_faulty_fleet(*options.minimise);
  const FleetResult whole = run_faulty_fleet(drawn);
  const std::size_t struck = whole.faults.size();
  if (broken_by(drawn, whole).empty()) {
    std::printf("seed %llu breaks nothing\n", static_cast<unsigned long long>(drawn.seed));
    return 0;
  }
  const FaultyFleet least = minimise(drawn, options.runs_max);
  print_broken(least, broken_by(least, run_faulty_fleet(least)));
  const std::string list = list_of(*least.only);
  std::string calmed;
  for (const std::string& what : least.calmed) calmed += " --calm " + what;
  std::printf("%zu faults are enough, of %zu:\n  ./dev sim --replay %llu%s --only %s\n",
              least.only->size(), struck, static_cast<unsigned long long>(drawn.seed),
              calmed.c_str(), list.empty() ? "none" : list.c_str());
  return 1;
}

bool write_report(const std::string& path, const Totals& totals, double took_s,
                  const std::vector<std::uint64_t>& failed) {
  nlohmann::ordered_json json{{"fleets", totals.fleets},
                              {"rounds", totals.rounds},
                              {"rounds_lost_to_power_cuts", totals.rounds_lost},
                              {"events", totals.events},
                              {"crashes", totals.crashes},
                              {"seconds", took_s},
                              {"failed_seeds", failed}};
  for (std::size_t kind = 0; kind + 1 < kFaultKinds; ++kind)
    json["faults"][std::string(name_of(static_cast<FaultKind>(kind)))] = totals.by_kind[kind];
  std::ofstream file(path);
  file << json.dump(2) << "\n";
  return bool{file.flush()};
}

// The first failure ends it: one seed is what a person looks into.
int run_seeds(const SimOptions& options) {
  const auto begun = Clock::now();
  const auto took = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  Totals totals;
  std::vector<std::uint64_t> failed;
  const auto more = [&] {
    return options.minutes > 0 ? took() < 60.0 * static_cast<double>(options.minutes)
                               : totals.fleets < options.seeds;
  };
  for (std::uint64_t seed = options.first; more() && failed.empty(); ++seed) {
    const FaultyFleet drawn = draw_faulty_fleet(seed);
    const FleetResult result = run_faulty_fleet(drawn);
    add(totals, result);
    const auto broken = broken_by(drawn, result);
    if (broken.empty()) continue;
    failed.push_back(seed);
    print_broken(drawn, broken);
    std::printf("  ./dev sim --replay %llu shows all of it, --minimise %llu what it takes\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed));
  }
  std::printf("%llu fleets, %llu rounds, %llu faults, %llu crashes, %llu events in %.0f s; %s\n",
              static_cast<unsigned long long>(totals.fleets),
              static_cast<unsigned long long>(totals.rounds),
              static_cast<unsigned long long>(totals.faults),
              static_cast<unsigned long long>(totals.crashes),
              static_cast<unsigned long long>(totals.events), took(),
              failed.empty() ? "nothing broke" : "BROKEN");
  if (!options.json.empty() && !write_report(options.json, totals, took(), failed)) {
    std::fprintf(stderr, "%s cannot be written\n", options.json.c_str());
    return 2;
  }
  return failed.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  SimOptions options;
  CLI::App app("Simulated fleets under faults; the invariants are checked after every event.",
               "signet-sim");
  app.add_option("--seeds", options.seeds, "how many fleets")->capture_default_str();
  app.add_option("--first", options.first, "seed of the first")->capture_default_str();
  app.add_option("--minutes", options.minutes, "go on for so long, in place of --seeds");
  app.add_option("--json", options.json, "write the figures to this file");
  app.add_option("--replay", options.replay, "print all that happens in the fleet of this seed");
  app.add_option("--only", options.only,
                 "with --replay: the faults that may strike, KIND:SUBJECT:COUNT,... or none");
  app.add_option("--calm", options.calm, "with --replay: without what is no fault that strikes")
      ->check(CLI::IsMember(calms()));
  app.add_option("--minimise", options.minimise, "take faults out of a fleet that fails");
  app.add_option("--runs", options.runs_max, "with --minimise: most runs")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (options.replay) return replay(options);
  if (options.minimise) return show_minimised(options);
  return run_seeds(options);
}

}  // namespace

}  // namespace signet::test

int main(int argc, char** argv) {
  return signet::test::run(argc, argv);
}

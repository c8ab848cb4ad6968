#include "coordinator/store/persistence.hpp"

#include <algorithm>

#include "core/base/digest.hpp"

namespace signet {

namespace {

Result<SharedUpdate> update_of(const StoredRound& stored, std::size_t dimension) {
  UpdateRecord update{stored.round, stored.rate, stored.digest, stored.voters, {}, {}};
  auto signs = SignVector::from_bytes(stored.signs, dimension);
  if (!signs)
    return Error{ErrorKind::Corrupt, "round " + std::to_string(stored.round.value) +
                                         " in the state file: " + signs.error().message};
  update.signs = std::move(*signs);
  if (!stored.ties.empty()) {
    auto ties = SignVector::from_bytes(stored.ties, dimension);
    if (!ties)
      return Error{ErrorKind::Corrupt, "round " + std::to_string(stored.round.value) +
                                           " in the state file: " + ties.error().message};
    update.ties = std::move(*ties);
  }
  return SharedUpdate(std::make_shared<const UpdateRecord>(std::move(update)));
}

// The saved run must be this job's; keys that may change between restarts are stored anew.
Status check_job(Store& store, const RunHeader& header, const Job& job, std::size_t dimension) {
  const std::string text = canonical_text(job);
  if (header.job_text != text) {
    auto saved = parse_job(header.job_text, "saved job");
    if (!saved) return saved.error();
    const auto changed = changed_keys(*saved, job);
    if (!changed.empty()) {
      std::string names;
      for (const auto& key : changed) names += (names.empty() ? "" : ", ") + key;
      return Error{ErrorKind::Mismatch,
                   "the job was changed under a saved run: " + names +
                       "; restore these keys, give another --state, or start over with --fresh"};
    }
    if (auto saved_text = store.save_job(text); !saved_text) return saved_text;
  }
  if (header.dimension != dimension)
    return Error{ErrorKind::Mismatch, "the saved run has dimension " +
                                          std::to_string(header.dimension) + ", the job's model " +
                                          std::to_string(dimension)};
  return {};
}

// Updates older than the newest snapshot only fill the log; newer ones are applied and proved.
Status replay(Store& store, RunState& state) {
  const RoundId from = state.next_round;
  const std::uint64_t back = std::min<std::uint64_t>(from.value, kLogRounds);
  const std::size_t dimension = state.parameters.size();
  Replica replica(std::move(state.parameters), from);
  auto replayed =
      store.rounds_from(RoundId{from.value - back}, [&](const StoredRound& stored) -> Status {
        const bool before = stored.round < from;
        if (before && stored.signs.empty()) return {};  // pruned
        auto update = update_of(stored, dimension);
        if (!update) return update.error();
        if (!before) {
          if (stored.round != replica.next_round() || stored.digest != replica.digest())
            return Error{ErrorKind::Corrupt,
                         "the state file's round " + std::to_string(stored.round.value) +
                             " does not start from the parameters that the rounds before it lead "
                             "to; restore a copy or start over with --fresh"};
          replica.apply((*update)->rate, (*update)->signs, (*update)->ties);
        }
        state.recent.push_back(std::move(*update));
        if (state.recent.size() > kLogRounds) state.recent.erase(state.recent.begin());
        state.controller = stored.controller;
        state.expected = stored.agents;
        state.elapsed_s = stored.elapsed_s;
        return {};
      });
  if (!replayed) return replayed;
  state.next_round = replica.next_round();
  const auto parameters = replica.parameters();
  state.parameters.assign(parameters.begin(), parameters.end());
  return {};
}

}  // namespace

Result<RunState> recover(Store& store, RunPlan plan) {
  auto header = store.header();
  if (!header) return header.error();
  RunState state;
  state.parameters = std::move(plan.initial_parameters);
  if (!header->has_value()) {
    state.run = plan.fresh_run;
    const RunHeader fresh{state.run, canonical_text(plan.job), state.parameters.size(), {}};
    if (auto begun = store.begin_run(fresh); !begun) return begun.error();
    return state;
  }
  const RunHeader& saved = **header;
  if (auto same = check_job(store, saved, plan.job, state.parameters.size()); !same)
    return same.error();
  state.run = saved.run;
  if (!saved.normalisation.empty()) {
    auto normalisation = unpack_normalisation(saved.normalisation);
    if (!normalisation) return normalisation.error();
    state.normalisation = std::move(*normalisation);
  }
  auto snapshot = store.latest_snapshot();
  if (!snapshot) return snapshot.error();
  if (snapshot->has_value()) {
    if ((*snapshot)->parameters.size() != state.parameters.size())
      return Error{ErrorKind::Corrupt, "the saved snapshot has the wrong dimension"};
    state.next_round = (*snapshot)->next_round;
    state.parameters = std::move((*snapshot)->parameters);
  }
  if (auto replayed = replay(store, state); !replayed) return replayed.error();

  auto agents = store.agents();
  if (!agents) return agents.error();
  for (const auto& agent : *agents) state.agents.push_back({agent.name, agent.id, agent.samples});
  // Died between "the run begins" and its first round: everybody who had joined took part in it.
  if (state.normalisation && state.next_round == RoundId{0})
    for (const auto& agent : state.agents) state.expected.push_back(agent.name);
  auto evaluations = store.evaluations();
  if (!evaluations) return evaluations.error();
  for (const auto& evaluation : *evaluations) {
    ++state.evaluations_since_best;
    if (evaluation.test_accuracy > state.best_accuracy) {
      state.best_accuracy = evaluation.test_accuracy;
      state.evaluations_since_best = 0;
    }
  }
  return state;
}

Status save(Store& store, const SaveAgent& action) {
  return store.save_agent({action.name, action.id, action.samples});
}

Status save(Store& store, const SaveNormalisation& action) {
  return store.save_normalisation(pack_normalisation(action.normalisation));
}

Status save(Store& store, const SaveRound& action) {
  const UpdateRecord& update = *action.update;
  StoredRound stored;
  stored.round = update.round;
  stored.rate = update.rate;
  stored.digest = update.digest;
  stored.signs = to_bytes(update.signs.bytes());
  if (!update.ties.empty()) stored.ties = to_bytes(update.ties.bytes());
  stored.controller = action.controller;
  stored.train_loss = action.report.train_loss;
  stored.elapsed_s = action.report.elapsed_s;
  stored.voters = update.voters;
  stored.abstained = action.report.abstained;
  stored.refused = action.report.refused;
  stored.agents = action.agents;
  return store.save_round(stored);
}

Status save(Store& store, const SaveSnapshot& action) {
  return store.save_snapshot({action.next_round, action.digest, action.parameters});
}

}  // namespace signet

#include "core/job/job_keys.hpp"

#include <string>

#include "core/config/rules.hpp"
#include "core/job/layers.hpp"
#include "core/optim/sign_statistics.hpp"

namespace signet {

namespace job_keys_detail {

using config::Key;
using config::KeyInfo;
using config::Place;
using config::Value;
using Keys = config::KeyTable<Job>;

config::TextRule column_rule() {
  return {"a column's name of 1 to 256 bytes",
          [](std::string_view text) { return !text.empty() && text.size() <= 256; }};
}

config::TextRule optional_column_rule() {
  return {"\"\" or a column's name of at most 256 bytes",
          [](std::string_view text) { return text.size() <= 256; }};
}

void add_top(Keys& keys) {
  keys.text(
          {"name", "Names the run; the state file is called after it.", "\"fashion-mlp\""},
          config::name_rule(), [](auto& job) -> auto& { return job.name; })
      .required = true;
  keys.integer(
      {"seed", "Seed of the starting point, of every draw of samples and of every tie."}, {},
      [](auto& job) -> auto& { return job.seed; });
}

void add_data(Keys& keys) {
  keys.word<DataFormat>(
      {"data.format", "Format of everybody's files; where they lie is each board's own affair."},
      {{"idx", DataFormat::Idx}, {"csv", DataFormat::Csv}, {"npy", DataFormat::Npy}},
      [](auto& job) -> auto& { return job.data.format; });
  keys.integer(
      {"data.classes", "Labels are 0 to classes - 1; 0 for a regression or a reconstruction.",
       "10"},
      {0, 65536, "classes"}, [](auto& job) -> auto& { return job.data.classes; });
  keys.text(
      {"data.label", "Column that holds the label (csv with classes).", "\"species\""},
      optional_column_rule(), [](auto& job) -> auto& { return job.data.label_column; });
  keys.texts(
      {"data.targets", "Columns to predict (loss mean_squared_error; npy: a name for each target).",
       "[\"temperature\"]"},
      column_rule(), [](auto& job) -> auto& { return job.data.target_columns; });
  keys.texts(
      {"data.ignore", "Columns that are neither features nor labels (csv).", "[\"timestamp\"]"},
      column_rule(), [](auto& job) -> auto& { return job.data.ignored_columns; });
  keys.word<Normalise>(
      {"data.normalise",
       "Shift and scale the inputs by mean and deviation over all agents' data: of all values "
       "together, or of each feature."},
      {{"none", Normalise::None}, {"all", Normalise::All}, {"feature", Normalise::Feature}},
      [](auto& job) -> auto& { return job.normalise; });
}

void add_distribution(Keys& keys) {
  keys.word<Distribution>(
      {"data.distribution",
       "Whether all boards have data of the same kind, or each its own (classes, habits, places). "
       "With unequal data boards take steps of their own between votes; "
       "training.local_steps, local_rate, noise and error_feedback follow from it."},
      {{"equal", Distribution::Equal}, {"unequal", Distribution::Unequal}},
      [](auto& job) -> auto& { return job.distribution; });
}

KeyInfo input_info() {
  KeyInfo info{"model.input", "Shape of one sample: [features] or [channels, height, width].",
               "[1, 28, 28]"};
  info.type = "list of integers";
  info.allowed = "1 or 3 of 1 to 65536 values";
  info.unit = "values";
  info.required = true;
  return info;
}

void read_input(Job& job, const Value& value, const Place& place) {
  constexpr std::uint64_t values_max = std::uint64_t{1} << 24;  // 64 MiB a sample
  const auto sizes = config::read_integers(value, {1, 65536, "values"}, place);
  if (!sizes) return;
  if (sizes->size() != 1 && sizes->size() != 3)
    return place.refuse("has " + std::to_string(sizes->size()) +
                        " sizes; allowed: 1 ([features]) or 3 ([channels, height, width])");
  std::uint64_t values = 1;
  for (const auto size : *sizes) values *= static_cast<std::uint64_t>(size);
  if (values > values_max)
    return place.refuse("is " + std::to_string(values) + " values in all; allowed: 1 to " +
                        std::to_string(values_max) + " values");
  job.model.input.assign(sizes->begin(), sizes->end());
}

std::string input_text(const Job& job) {
  std::vector<std::string> sizes;
  for (const auto size : job.model.input) sizes.push_back(std::to_string(size));
  return sizes.empty() ? "" : "[" + config::join(sizes) + "]";
}

Key<Job> layers_key() {
  KeyInfo info{"model.layers", "The layers in order, as listed in docs/configuration.md.",
               "[{ type = \"dense\", units = 10 }]"};
  info.type = "list of layers";
  info.allowed = "1 to 1000 layers";
  info.required = true;
  return {info,
          [](Job& job, const Value& value, const Place& place) {
            job.model.layers = read_layers(value, place);
          },
          [](const Job& job) { return layers_text(job.model.layers); },
          [](const Job& job) { return layers_text_long(job.model.layers); }};
}

void add_model(Keys& keys) {
  keys.custom({input_info(), read_input, input_text});
  const auto loss = [](LossKind kind) {
    return std::pair(std::string(loss_kind_name(kind)), kind);
  };
  keys.word<LossKind>(
      {"model.loss",
       "What the training makes small: cross entropy of the labels, squared error of the targets, "
       "or squared error of the input itself."},
      {loss(LossKind::SoftmaxCrossEntropy), loss(LossKind::MeanSquaredError),
       loss(LossKind::Reconstruction)},
      [](auto& job) -> auto& { return job.model.loss; });
  keys.custom(layers_key());
}

KeyInfo by_distribution(const char* path, const char* description, const char* equal,
                        const char* unequal) {
  KeyInfo info{path, description, unequal};
  info.default_text = std::string(equal) + ", or " + unequal + " with unequal data";
  return info;
}

void add_local(Keys& keys) {
  keys.integer(
      by_distribution("training.local_steps",
                      "1: agents vote on their gradient. More: each goes so many steps by itself, "
                      "every step with a batch of its own, and votes on where they led.",
                      "1", "10"),
      {1, 10000, "steps"}, [](auto& job) -> auto& { return job.training.local_steps; });
  keys.number(
      {"training.local_rate",
       "Rate of the local steps, whose gradients are cut to a length of 10.",
       "0.02",
       {},
       {},
       {},
       "0.02"},
      {0, 1000, "", true}, [](auto& job) -> auto& { return job.training.local_rate; });
  keys.number(
      by_distribution("training.noise",
                      "Random numbers added before the sign, up to so many times the mean size of "
                      "what is voted on: small values then vote by their size.",
                      "0", "2"),
      {0, 100, ""}, [](auto& job) -> auto& { return job.training.noise; });
  keys.number(
      by_distribution("training.error_feedback",
                      "Share of what its signs left out that an agent adds to its next vote.", "0",
                      "0.5"),
      {0, 1, ""}, [](auto& job) -> auto& { return job.training.error_feedback; });
}

void add_training(Keys& keys) {
  keys.integer(
      {"training.batch", "Samples that each agent draws for one vote."}, {1, 65536, "samples"},
      [](auto& job) -> auto& { return job.training.batch; });
  keys.integer(
      {"training.micro_batches",
       "Parts of the batch from which an agent estimates how often a sign is wrong."},
      {2, kMicroBatchesMax, "parts"},
      [](auto& job) -> auto& { return job.training.micro_batches; });
  keys.number(
      {"training.momentum",
       "Share of the older gradients in what an agent votes with (local_steps = 1)."},
      {0, 1, "", false, true}, [](auto& job) -> auto& { return job.training.momentum; });
  keys.word<ZeroRule>(
      {"training.zero", "What a gradient of exactly 0 votes."},
      {{"random", ZeroRule::Random}, {"abstain", ZeroRule::Abstain}},
      [](auto& job) -> auto& { return job.training.zero; });
  add_local(keys);
  keys.word<TieRule>(
      {"vote.tie", "What an equal vote becomes: a random sign, no step, or the sign before."},
      {{"random", TieRule::Random}, {"hold", TieRule::Hold}, {"previous", TieRule::Previous}},
      [](auto& job) -> auto& { return job.tie; });
  keys.word<VoteWeights>(
      {"vote.weights",
       "Whether votes count the same, or by how often an agent's signs are right, as its "
       "mismatches "
       "with the other agents tell: against an agent that is wrong more often than right."},
      {{"equal", VoteWeights::Equal}, {"mismatch", VoteWeights::Mismatch}},
      [](auto& job) -> auto& { return job.weights; });
}

Key<Job> value_key() {
  static const config::NumberRange range{1e-12, 1000, ""};
  KeyInfo info{"rate.value",
               "Only for fixed: the rate, required; for cosine: the first rate, required; and for "
               "inverse_sqrt: the numerator of value / sqrt(stop.rounds), 1 unless given.",
               "0.0003"};
  info.type = "number";
  info.allowed = config::allowed_text(range);
  return {info,
          [](Job& job, const Value& value, const Place& place) {
            if (const auto number = config::read_number(value, range, place))
              job.rate.value = *number;
          },
          [](const Job& job) {
            return job.rate.value == 0 ? std::string() : config::toml_number(job.rate.value);
          }};
}

Key<Job> smoothness_key() {
  static const config::NumberRange range{0, 1e18, "", true};
  KeyInfo info{"rate.smoothness",
               "L of the paper's equation (1), by which guarded and paper divide: the number of "
               "parameters, a number, or what agents measure along the voted steps."};
  info.type = "number or word";
  info.allowed = config::allowed_text(range) + ", or dimension or secant";
  return {info,
          [](Job& job, const Value& value, const Place& place) {
            if (std::holds_alternative<std::string>(value.data)) {
              const std::vector<std::string> words = {"dimension", "secant"};
              if (const auto word = config::read_word(value, words, place, "a number"))
                job.rate.smoothness = *word == 0 ? Smoothness(ByDimension{}) : BySecant{};
            } else if (const auto number = config::read_number(value, range, place)) {
              job.rate.smoothness = *number;
            }
          },
          [](const Job& job) {
            if (const auto* number = std::get_if<double>(&job.rate.smoothness))
              return config::toml_number(*number);
            const bool secant = std::holds_alternative<BySecant>(job.rate.smoothness);
            return config::toml_text(secant ? "secant" : "dimension");
          }};
}

void add_rate(Keys& keys) {
  keys.word<ControllerKind>(
      {"rate.controller",
       "Who picks the step size: equation (1) of the paper with a guard, equation (1) alone, you, "
       "Theorem 1 of the paper, or you with a rate that falls to 0 as half a cosine."},
      {{"guarded", ControllerKind::Guarded},
       {"paper", ControllerKind::Paper},
       {"fixed", ControllerKind::Fixed},
       {"inverse_sqrt", ControllerKind::InverseSqrt},
       {"cosine", ControllerKind::Cosine}},
      [](auto& job) -> auto& { return job.rate.controller; });
  keys.custom(value_key());
  keys.custom(smoothness_key());
  keys.word<Statistic>(
      {"rate.statistic", "Agents' estimate of the sum in equation (1)."},
      {{"local", Statistic::Local}, {"cross", Statistic::Cross}},
      [](auto& job) -> auto& { return job.rate.statistic; });
  keys.word<Horizon>(
      {"rate.horizon",
       "Only for guarded: rounds, and the rate falls to 0 towards stop.rounds; or open, for a run "
       "that something else will end, and it falls with the root of the rounds so far."},
      {{"rounds", Horizon::Rounds}, {"open", Horizon::Open}},
      [](auto& job) -> auto& { return job.rate.horizon; });
}

void add_round(Keys& keys) {
  keys.integer(
      {"round.agents", "How many agents must have joined before the first round."},
      {1, kAgentsMax, "agents"}, [](auto& job) -> auto& { return job.round.agents; });
  keys.integer(
      {"round.quorum", "Fewest votes that may close a round at its deadline."},
      {1, kAgentsMax, "votes"}, [](auto& job) -> auto& { return job.round.quorum; });
  const auto wait = [&keys](KeyInfo info, const config::NumberRange& range, auto field) {
    keys.number(std::move(info), range, field).may_change = true;
  };
  wait(
      {"round.deadline_min_s", "Shortest that the adaptive deadline of a round becomes."},
      {0.01, 86400, "s"}, [](auto& job) -> auto& { return job.round.deadline_min; });
  wait(
      {"round.deadline_max_s", "Longest that the adaptive deadline of a round becomes."},
      {0.01, 86400, "s"}, [](auto& job) -> auto& { return job.round.deadline_max; });
  wait(
      {"round.heartbeat_s", "An agent shows itself about this often (a quarter more or less)."},
      {0.01, 3600, "s"}, [](auto& job) -> auto& { return job.round.heartbeat; });
  wait(
      {"round.silence_s", "An agent that was not heard for so long is lost."}, {0.02, 86400, "s"},
      [](auto& job) -> auto& { return job.round.silence; });
  wait(
      {"round.rejoin_s", "After a restart the coordinator waits so long for known agents."},
      {0, 86400, "s"}, [](auto& job) -> auto& { return job.round.rejoin; });
}

void add_stop(Keys& keys) {
  keys.integer(
          {"stop.rounds", "Stop after so many rounds."}, {1, 1000000000000, "rounds"},
          [](auto& job) -> auto& { return job.stop.rounds; })
      .may_change = true;
  keys.number(
          {"stop.target_accuracy", "Stop when the test accuracy reaches this.", "0.9"},
          {0, 1, "", true}, [](auto& job) -> auto& { return job.stop.target_accuracy; })
      .may_change = true;
  keys.integer(
          {"stop.patience", "Stop after so many evaluations without a better test accuracy.", "10"},
          {1, 1000000, "evaluations"}, [](auto& job) -> auto& { return job.stop.patience; })
      .may_change = true;
  keys.number(
          {"stop.wall_time_s", "Stop after so much training time, over all restarts.", "3600"},
          {0.001, 1e9, "s"}, [](auto& job) -> auto& { return job.stop.wall_time; })
      .may_change = true;
}

void add_state(Keys& keys) {
  keys.integer(
          {"state.snapshot_every", "Save all parameters after every so many rounds."},
          {1, 1000000000, "rounds"}, [](auto& job) -> auto& { return job.state.snapshot_every; })
      .may_change = true;
  keys.word<Durability>(
          {"state.durability",
           "What survives a power cut: every announced round, or the last snapshot (faster)."},
          {{"round", Durability::Round}, {"snapshot", Durability::Snapshot}},
          [](auto& job) -> auto& { return job.state.durability; })
      .may_change = true;
  keys.integer(
          {"evaluate.every",
           "Measure the test accuracy after every so many rounds; 0: only "
           "at the end."},
          {0, 1000000000, "rounds"}, [](auto& job) -> auto& { return job.evaluate.every; })
      .may_change = true;
}

Keys make_keys() {
  Keys keys(
      "A training job of Signet: every key with its bounds and its default. The same for all "
      "agents; the coordinator reads it and hands it out.",
      "`signet-coordinator sample-job` shows every key",
      {{"", ""},
       {"data", "What everybody's data is."},
       {"model", "The network and its loss."},
       {"training", "How an agent computes its vote."},
       {"vote", "How the coordinator counts."},
       {"rate", "The step size of each round."},
       {"round", "Who takes part, and how long anybody waits."},
       {"stop", "When the training ends: at whichever comes first."},
       {"state", "What the coordinator saves."},
       {"evaluate", "When the coordinator looks at its test data."}});
  add_top(keys);
  add_data(keys);
  add_distribution(keys);
  add_model(keys);
  add_training(keys);
  add_rate(keys);
  add_round(keys);
  add_stop(keys);
  add_state(keys);
  return keys;
}

}  // namespace job_keys_detail

const config::KeyTable<Job>& job_keys() {
  static const config::KeyTable<Job> keys = job_keys_detail::make_keys();
  return keys;
}

}  // namespace signet

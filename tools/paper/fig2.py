"""Figure 2: the paper's network, 4 workers with batches of 64: SGD and MH-signSGD at the best of many
rates against rates that nobody chose."""

import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_seeds, seeds_of

EPOCH = 235  # rounds of 4 x 64 samples in 60,000
SECONDS = 0.09  # of one round on one processor
RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
# The paper's own: no momentum, and sign(0) = 0.
PLAIN = {"training.momentum": 0.0, "vote.tie": "hold", "training.zero": "abstain"}

# name: (label, keys of the job, options, rates, rates of --quick); without rates it finds its own.
METHODS = {
    "default": ("Signet's default", {}, [], None, None),
    "paper": ("equation (1) as it stands", dict(PLAIN, **{"rate.controller": "paper"}), [], None,
              None),
    "mh_signsgd": ("MH-signSGD", dict(PLAIN, **{"rate.controller": "fixed"}), [], RATES,
                   [1e-4, 3e-4, 1e-3]),
    "sgd": ("SGD", {}, ["--method", "sgd"], RATES, [1e-2, 1e-1]),
    "adam": ("Adam", {}, ["--method", "adam"], [3e-4, 1e-3, 3e-3], [1e-3]),
}
CELL = "the paper's network"


def add_options(parser):
    parser.add_argument("--quick", action="store_true", help="one epoch, few rates, one seed")
    parser.add_argument("--data", metavar="DIR",
                        help="IDX files of another set, MNIST for example (Fashion-MNIST)")
    parser.add_argument("--epochs", type=int, help="of 235 rounds (5; 1 with --quick)")
    add_seeds(parser)


def run_of(options, arm, seed):
    _, keys, told, _, _ = METHODS[arm.name]
    rounds = EPOCH * options.epochs
    keys = dict(keys, **{"evaluate.every": 47})
    told = told + ["--agents", "4", "--seed", str(seed), "--rounds", str(rounds), "--rows"]
    if arm.rate is not None and "--method" in told:
        told += ["--rate", repr(arm.rate)]
    elif arm.rate is not None:
        keys["rate.value"] = arm.rate
    if options.data:
        told += ["--data", options.data]
    text = jobs.with_keys(jobs.shipped(options.root, "fashion-cnn"), keys)
    return Run(text, told, SECONDS * rounds)


def measure(options, runner):
    study = Study(runner, seeds_of(options), 1,
                  lambda _, arm, seed: run_of(options, arm, seed))
    arms = []
    for name, (_, _, _, rates, quick) in METHODS.items():
        arms += [Arm(name, rate) for rate in (quick if options.quick else rates) or [None]]
    study.measure({CELL: arms})
    return study


def curves_of(study, arm):
    """(epochs, accuracies of each seed) where it was judged."""
    judged = [[row for row in result["rows"] if row["test_accuracy"] is not None]
              for result in study.results(CELL, arm)]
    epochs = [(row["round"] + 1) / EPOCH for row in judged[0]]
    return epochs, [[row["test_accuracy"] for row in rows] for rows in judged]


def label_of(arm):
    label = METHODS[arm.name][0]
    return label if arm.rate is None else f"{label}, best rate {arm.rate:g}"


def draw(options, study, name):
    figure, (axis,) = plots.panels(1, 6.2, 4.2)
    for number, method in enumerate(METHODS):
        arm = study.best(CELL, method)
        epochs, curves = curves_of(study, arm)
        means = [output.mean(values) for values in zip(*curves)]
        axis.plot([0] + epochs, [0.1] + means, label=label_of(arm), **plots.style(number))
    axis.set(xlabel=f"epoch ({EPOCH} rounds of 4 x 64 samples)", ylabel="test accuracy",
             xlim=(0, options.epochs), ylim=(0.5, 1.0 if options.data else 0.95))
    axis.legend(loc="lower right")
    return plots.save(figure, options.out, name)


def table_of(study):
    header = ["method", "rates tried", "best rate", "test accuracy", "lowest and highest seed",
              "diverged", "bytes up per agent"]
    rows = []
    for name, (label, _, _, _, _) in METHODS.items():
        arm = study.best(CELL, name)
        values = study.accuracies(CELL, arm)
        tried = len(study.by_rate(CELL, name))
        diverged, runs = study.diverged(CELL, name)
        rows.append([
            label, "-" if arm.rate is None else str(tried),
            "none needed" if arm.rate is None else f"{arm.rate:g}",
            output.number(output.mean(values)), f"{min(values):.4f} {max(values):.4f}",
            f"{diverged} of {runs}", f"{study.results(CELL, arm)[0]['bytes_up_per_agent']:,}"])
    return output.table(header, rows)


def data_of(study):
    data = {"version": study.runner.version, "seeds": study.seeds}
    for name in METHODS:
        arm = study.best(CELL, name)
        epochs, curves = curves_of(study, arm)
        data[name] = {"best_rate": arm.rate, "test_accuracy": study.accuracies(CELL, arm),
                      "by_rate": study.by_rate(CELL, name), "epochs": epochs, "curves": curves}
    return data


def run(options):
    options.epochs = options.epochs or (1 if options.quick else 5)
    study = measure(options, Runner(options, "fig2"))
    name = "fig2" + ("-data" if options.data else "") + ("-quick" if options.quick else "")
    text = (f"{options.data or 'Fashion-MNIST'}, {options.epochs} epochs, 4 agents x 64, "
            f"seeds {study.seeds}, {study.runner.version}.\n\n{table_of(study)}")
    data = data_of(study)
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, study, name)

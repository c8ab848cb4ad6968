"""Figure 2: the paper's network, 4 workers with batches of 64: SGD and MH-signSGD at the best of many
rates against rates that nobody chose."""

import dataclasses
import os

import jobs
import output
import plots
from runs import Run, Runner

EPOCH = 235  # rounds of 4 x 64 samples in 60,000
SECONDS = 0.068  # of one round on one processor
RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
# The paper's own: no momentum, and sign(0) = 0.
PLAIN = {"training.momentum": 0.0, "vote.tie": "hold", "training.zero": "abstain"}


@dataclasses.dataclass
class Method:
    label: str
    keys: dict
    options: list
    rates: list  # empty: the method finds its own


def methods(quick):
    fixed = dict(PLAIN, **{"rate.controller": "fixed"})
    paper = dict(PLAIN, **{"rate.controller": "paper"})
    adam = [3e-4, 1e-3, 3e-3]
    return {
        "default": Method("Signet's default", {}, [], []),
        "paper": Method("equation (1) as it stands", paper, [], []),
        "mh_signsgd": Method("MH-signSGD", fixed, [], [1e-4, 3e-4, 1e-3] if quick else RATES),
        "sgd": Method("SGD", {}, ["--method", "sgd"], [1e-2, 1e-1] if quick else RATES),
        "adam": Method("Adam", {}, ["--method", "adam"], [1e-3] if quick else adam),
    }


def add_options(parser):
    parser.add_argument("--quick", action="store_true", help="one epoch, few rates, one seed")
    parser.add_argument("--data", metavar="DIR",
                        help="IDX files of another set, MNIST for example (Fashion-MNIST)")
    parser.add_argument("--epochs", type=int, help="of 235 rounds (5; 1 with --quick)")


def run_of(options, method, rate, seed):
    keys = dict(method.keys, **{"evaluate.every": 47})
    told = list(method.options)
    if rate is not None:
        if "--method" in told:
            told += ["--rate", repr(rate)]
        else:
            keys["rate.value"] = rate
    rounds = EPOCH * options.epochs
    told += ["--agents", "4", "--seed", str(seed), "--rounds", str(rounds), "--rows"]
    if options.data:
        told += ["--data", options.data]
    text = jobs.with_keys(jobs.shipped(options.root, "fashion-cnn"), keys)
    return Run(text, told, SECONDS * rounds)


def curve_of(run):
    """(epochs, accuracies) where it was judged."""
    judged = [row for row in run.result["rows"] if row.get("test_accuracy") is not None]
    return ([(row["round"] + 1) / EPOCH for row in judged],
            [row["test_accuracy"] for row in judged])


def accuracy(run):
    return run.result["test_accuracy"] or 0.0


def measure(options, runner):
    """Tunes with seed 1, then repeats what was best with the other seeds."""
    chosen = methods(options.quick)
    tuning = {name: {rate: run_of(options, method, rate, 1) for rate in method.rates or [None]}
              for name, method in chosen.items()}
    runner.run_all([run for runs in tuning.values() for run in runs.values()])
    seeds = [1] if options.quick else [1, 2, 3]
    best, final = {}, {}
    for name, method in chosen.items():
        best[name] = max(tuning[name], key=lambda rate, name=name: accuracy(tuning[name][rate]))
        final[name] = [run_of(options, method, best[name], seed) for seed in seeds]
    runner.run_all([run for runs in final.values() for run in runs])
    return chosen, tuning, best, final


def label_of(method, rate):
    return method.label if rate is None else f"{method.label}, best rate {rate:g}"


def draw(options, chosen, best, final, name):
    figure, (axis,) = plots.panels(1, 6.2, 4.2)
    for number, (method, runs) in enumerate(final.items()):
        epochs = curve_of(runs[0])[0]
        every = [curve_of(run)[1] for run in runs]
        middle = [output.mean(values) for values in zip(*every)]
        axis.plot([0] + epochs, [0.1] + middle, label=label_of(chosen[method], best[method]),
                  **plots.style(number))
    axis.set(xlabel=f"epoch ({EPOCH} rounds of 4 x 64 samples)", ylabel="test accuracy",
             xlim=(0, options.epochs), ylim=(0.5, 1.0 if options.data else 0.95))
    axis.legend(loc="lower right")
    return plots.save(figure, options.out, name)


def table_of(chosen, tuning, best, final):
    header = ["method", "rates tried", "best rate", "test accuracy", "lowest and highest seed",
              "diverged", "bytes up per agent"]
    rows = []
    for name, method in chosen.items():
        values = [accuracy(run) for run in final[name]]
        every = list(tuning[name].values()) + final[name][1:]
        rows.append([
            method.label, str(len(method.rates)) if method.rates else "none needed",
            "-" if best[name] is None else f"{best[name]:g}", output.number(output.mean(values)),
            f"{min(values):.4f} {max(values):.4f}",
            f"{sum(run.result['diverged'] for run in every)} of {len(every)}",
            f"{final[name][0].result['bytes_up_per_agent']:,}"])
    return output.table(header, rows)


def run(options):
    options.epochs = options.epochs or (1 if options.quick else 5)
    runner = Runner(options, "fig2")
    chosen, tuning, best, final = measure(options, runner)
    name = "fig2" + ("-data" if options.data else "") + ("-quick" if options.quick else "")
    paths = draw(options, chosen, best, final, name)
    text = (f"{options.data or 'Fashion-MNIST'}, {options.epochs} epochs, 4 agents x 64, "
            f"{len(final['default'])} seed(s), {runner.version}.\n\n"
            + table_of(chosen, tuning, best, final))
    data = {method: {
        "best_rate": best[method],
        "test_accuracy": [accuracy(run) for run in final[method]],
        "by_rate": {str(rate): accuracy(run) for rate, run in tuning[method].items()},
        "epochs": curve_of(final[method][0])[0],
        "curves": [curve_of(run)[1] for run in final[method]],
    } for method in final}
    output.write_text(os.path.join(options.out, f"{name}.md"), text)
    output.write_json(os.path.join(options.out, f"{name}.json"), data)
    return text, data, paths

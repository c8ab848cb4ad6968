"""The default controller against tuned rates: data sets x models x numbers of agents x seeds, equal
data, a fixed budget."""

import digits
import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_only, add_seeds, chosen, seeds_of

# Samples of a round are 250 or so however many agents share them.
BATCHES = {4: 64, 10: 25, 32: 8}
# More agents cost more: seconds of a round, as multiples of those of four.
COSTS = {4: 1, 10: 1.4, 32: 3}
# Rounds of a cell, and seconds of one round of four agents on one processor.
BUDGETS = {
    ("fashion", "softmax"): (1000, 0.001),
    ("fashion", "mlp"): (500, 0.007),
    ("fashion", "cnn"): (235, 0.09),
    ("digits", "softmax"): (500, 0.0003),
    ("digits", "mlp"): (500, 0.0005),
    ("digits", "cnn"): (300, 0.003),
}
RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
ADAM_RATES = [3e-4, 1e-3, 3e-3]
DEFAULT = Arm("default")
BAR = 0.003  # of accuracy


def add_options(parser):
    add_only(parser)
    parser.add_argument("--quick", action="store_true",
                        help="without the network of figure 2, 10 agents, one seed, half the rates")
    add_seeds(parser)


def arms_of(cell, rates):
    arms = [DEFAULT] + [Arm(who, rate) for who in ("fixed", "cosine") for rate in rates]
    if cell == ("fashion", "cnn", 4):
        arms += [Arm("adam", rate) for rate in ADAM_RATES]
    return arms


def run_of(options, cell, arm, seed):
    if arm.name == "adam":
        return run_with(options, cell, seed, {}, ["--method", "adam", "--rate", repr(arm.rate)])
    if arm == DEFAULT:
        return run_with(options, cell, seed, {})
    return run_with(options, cell, seed, {"rate.controller": arm.name, "rate.value": arm.rate})


def run_with(options, cell, seed, more_keys, more_options=()):
    """The shipped job of a cell with these keys in place of its own."""
    kind, model, agents = cell
    rounds, seconds = BUDGETS[kind, model]
    keys = {"training.batch": BATCHES[agents], "evaluate.every": 0, **more_keys}
    told = ["--agents", str(agents), "--seed", str(seed), "--rounds", str(rounds)]
    if kind == "digits":
        told += ["--data", digits.folder_with_digits(options.out)]
    told += more_options
    text = jobs.with_keys(jobs.shipped(options.root, f"{kind}-{model}"), keys)
    return Run(text, told, rounds * seconds * COSTS[agents] + 0.5)


def measure(options):
    rates = RATES[1::2] if options.quick else RATES
    agents = [10] if options.quick else list(BATCHES)
    cells = [(kind, model, count) for kind, model in BUDGETS for count in agents
             if not (options.quick and (kind, model) == ("fashion", "cnn"))]
    study = Study(Runner(options, "grid"), seeds_of(options), 3,
                  lambda cell, arm, seed: run_of(options, cell, arm, seed))
    study.measure({cell: arms_of(cell, rates) for cell in chosen(cells, options.only)})
    return study


def row_of(study, cell):
    """What the table and the JSON file say of one cell."""
    default = study.accuracies(cell, DEFAULT)
    fixed, cosine = study.best(cell, "fixed"), study.best(cell, "cosine")
    tuned = max((fixed, cosine), key=lambda arm: study.accuracy(cell, arm))
    differences = [a - b for a, b in zip(default, study.accuracies(cell, tuned))]
    row = {
        "data": cell[0], "model": cell[1], "agents": cell[2],
        "rounds": BUDGETS[cell[:2]][0],
        "default": output.mean(default), "default_by_seed": default,
        "fixed": study.accuracy(cell, fixed), "fixed_rate": fixed.rate,
        "cosine": study.accuracy(cell, cosine), "cosine_rate": cosine.rate,
        "difference": output.mean(differences), "worst_seed": min(differences),
        "diverged": study.diverged(cell, "default")[0],
        "by_rate": {who: study.by_rate(cell, who) for who in ("fixed", "cosine")},
    }
    if "adam" in study.names(cell):
        adam = study.best(cell, "adam")
        row.update(adam=study.accuracy(cell, adam), adam_rate=adam.rate)
    return row


def table_of(rows):
    header = ["data", "model", "agents", "rounds", "default", "best fixed (rate)",
              "best cosine (rate)", "default - best", "worst seed", "diverged"]
    cells = [[row["data"], row["model"], str(row["agents"]), str(row["rounds"]),
              output.number(row["default"]),
              f"{row['fixed']:.4f} ({row['fixed_rate']:g})",
              f"{row['cosine']:.4f} ({row['cosine_rate']:g})",
              f"{100 * row['difference']:+.2f}", f"{100 * row['worst_seed']:+.2f}",
              str(row["diverged"])] for row in rows]
    return output.table(header, cells)


def verdict(rows):
    within = sum(row["difference"] >= -BAR for row in rows)
    above = sum(row["difference"] > 0 for row in rows)
    text = (f"Of {len(rows)} cells the default is within 0.3 points of the best tuned rate in "
            f"{within}, above it in {above}; {sum(row['diverged'] for row in rows)} of its runs "
            "diverged.\n")
    for row in rows:
        if "adam" in row:
            text += (f"Full-precision Adam at its best rate ({row['adam_rate']:g}), "
                     f"{row['data']} {row['model']}, {row['agents']} agents: {row['adam']:.4f}; "
                     f"the default {row['default']:.4f}.\n")
    return text


def draw(options, rows, name):
    kinds = list(dict.fromkeys((row["data"], row["model"]) for row in rows))
    figure, axes = plots.panels(len(kinds), 3.6, 3.0, share_y=False)
    for axis, (kind, model) in zip(axes, kinds):
        chosen = [row for row in rows if (row["data"], row["model"]) == (kind, model)]
        for number, row in enumerate(chosen):
            fixed = row["by_rate"]["fixed"]
            look = plots.style(number)
            axis.plot([float(rate) for rate in fixed], [values[0] for values in fixed.values()],
                      marker="o", markersize=3, label=f"{row['agents']} agents, fixed rate", **look)
            axis.axhline(row["default_by_seed"][0], color=look["color"], linewidth=1,
                         label=f"{row['agents']} agents, default")
        top = max(max(row["default"], row["fixed"]) for row in chosen)
        axis.set(xscale="log", xlabel="fixed rate", title=f"{kind}, {model}",
                 ylabel="test accuracy, seed 1",
                 ylim=(top - 0.15, top + 0.01))
    plots.legend_below(figure, axes, 3)
    figure.tight_layout(rect=(0, 0.1, 1, 1))
    return plots.save(figure, options.out, name)


def run(options):
    study = measure(options)
    rows = [row_of(study, cell) for cell in study.arms]
    name = "grid-quick" if options.quick else "grid"
    text = (f"Test accuracy, mean over seeds {study.seeds}; differences in points. "
            f"{study.runner.version}.\n\n{table_of(rows)}\n{verdict(rows)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "cells": rows}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, rows, name)

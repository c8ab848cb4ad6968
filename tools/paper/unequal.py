"""Unequal data: voting as the setting for it arranges, against FedAvg at its best local rate and the
same number of passes over the data."""

import itertools
import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_only, add_seeds, chosen, seeds_of

SPLITS = ["dirichlet:0.1", "classes:1", "dirichlet:0.5"]
BATCHES = {10: 25, 32: 8}
LOCAL_STEPS, STEPS = 10, 700  # of an agent: in a round, and in all
SECONDS = {"mlp": 0.01, "cnn": 0.1}  # of one batch of every agent, on one processor
LOCAL_RATES = [0.01, 0.02, 0.05, 0.1]
UNEQUAL = {"data.distribution": "unequal"}

# name: (label, keys of the job, options, rates)
ARMS = {
    "unequal": ("vote, set to unequal data", UNEQUAL, [], [None]),
    "plain": ("vote, as for equal data", {}, [], [None]),
    "fedavg": ("FedAvg", {}, ["--method", "fedavg"], LOCAL_RATES),
    "fedprox": ("FedProx", {}, ["--method", "fedprox"], [0.05]),
    "scaffold": ("SCAFFOLD", {}, ["--method", "scaffold"], [0.05]),
}


def add_options(parser):
    add_only(parser)
    parser.add_argument("--quick", action="store_true",
                        help="the small network, 10 agents, one seed, a third of the steps")
    add_seeds(parser)


def run_of(options, cell, arm, seed):
    model, split, agents = cell
    _, keys, told, _ = ARMS[arm.name]
    local = 1 if arm.name == "plain" else LOCAL_STEPS
    told = told + ["--agents", str(agents), "--seed", str(seed), "--split", split, "--rounds",
                   str(options.steps // local)]
    if arm.rate is not None:
        told += ["--rate", repr(arm.rate), "--local-steps", str(local)]
    keys = dict(keys, **{"training.batch": BATCHES[agents], "evaluate.every": 0})
    text = jobs.with_keys(jobs.shipped(options.root, f"fashion-{model}"), keys)
    return Run(text, told, options.steps * SECONDS[model] + 0.5)


def measure(options):
    quick = options.quick
    options.steps = 240 if quick else STEPS
    models, agents = (["mlp"], [10]) if quick else (["mlp", "cnn"], list(BATCHES))
    study = Study(Runner(options, "unequal"), seeds_of(options), 2,
                  lambda cell, arm, seed: run_of(options, cell, arm, seed))
    arms = [Arm(name, rate) for name, (_, _, _, rates) in ARMS.items() for rate in rates]
    cells = itertools.product(models, SPLITS[:2] if quick else SPLITS, agents)
    study.measure({cell: arms for cell in chosen(cells, options.only)})
    return study


def row_of(study, cell):
    row = {"model": cell[0], "split": cell[1], "agents": cell[2]}
    for name in ARMS:
        arm = study.best(cell, name)
        first = study.results(cell, arm)[0]
        row[name] = {
            "rate": arm.rate,
            "test_accuracy": study.accuracy(cell, arm),
            "by_seed": study.accuracies(cell, arm),
            "by_rate": study.by_rate(cell, name),
            "samples": first["samples"],
            "bytes": first["bytes_up_per_agent"] + first["bytes_down_per_agent"],
            "diverged": study.diverged(cell, name)[0],
        }
    return row


def accuracy_of(arm):
    seeds = len(arm["by_seed"])
    if arm["diverged"] == 0:
        return output.number(arm["test_accuracy"])
    return "diverged" if seeds == 1 else f"{arm['diverged']} of {seeds} diverged"


def table_of(rows):
    header = ["model", "split", "agents", "unequal", "FedAvg (rate)", "difference", "bytes",
              "plain vote", "FedProx", "SCAFFOLD"]
    cells = []
    for row in rows:
        ours, fedavg = row["unequal"], row["fedavg"]
        cells.append([
            row["model"], row["split"], str(row["agents"]), output.number(ours["test_accuracy"]),
            f"{fedavg['test_accuracy']:.4f} ({fedavg['rate']:g})",
            f"{100 * (ours['test_accuracy'] - fedavg['test_accuracy']):+.2f}",
            f"1/{fedavg['bytes'] / ours['bytes']:.0f}",
            *(accuracy_of(row[arm]) for arm in ("plain", "fedprox", "scaffold"))])
    return output.table(header, cells)


def draw(options, rows, name):
    figure, (axis,) = plots.panels(1, 4.0 + 0.6 * len(rows), 3.8)
    for number, (arm, (label, _, _, _)) in enumerate(ARMS.items()):
        places = [at + 0.12 * (number - len(ARMS) // 2) for at in range(len(rows))]
        axis.plot(places, [row[arm]["test_accuracy"] for row in rows], label=label,
                  marker="os^Dv"[number], linestyle="none", color=plots.COLOURS[number])
    axis.set_xticks(range(len(rows)),
                    [f"{row['model']}\n{row['split']}\n{row['agents']} agents" for row in rows],
                    fontsize=7)
    axis.set(ylabel="test accuracy", xlim=(-0.5, len(rows) - 0.5))
    plots.legend_below(figure, [axis], 3)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    return plots.save(figure, options.out, name)


def run(options):
    study = measure(options)
    rows = [row_of(study, cell) for cell in study.arms]
    name = "unequal-quick" if options.quick else "unequal"
    text = (f"Test accuracy on Fashion-MNIST after {options.steps} batches of each agent, mean over "
            f"seeds {study.seeds}; {LOCAL_STEPS} local steps a round; bytes of an agent, both ways, "
            f"as a share of FedAvg's. {study.runner.version}.\n\n{table_of(rows)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "cells": rows}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, rows, name)

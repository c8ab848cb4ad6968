"""The smoothness L by which equation (1) is divided: the dimension, as the paper does, a number that
was tuned, and what agents measure along the voted steps."""

import digits
import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_only, add_seeds, chosen, seeds_of

AGENTS, BATCH = 10, 25
# Rounds of a cell, seconds of a round on one processor, and d.
CELLS = {
    ("fashion", "softmax"): (1000, 0.0015, 7850),
    ("fashion", "mlp"): (300, 0.011, 235146),
    ("digits", "softmax"): (500, 0.0005, 650),
    ("digits", "mlp"): (500, 0.0008, 6570),
}
CONTROLLERS = ["guarded", "paper"]
MULTIPLES = [0.1, 0.3, 3.0, 10.0, 30.0]  # of d
# An arm is a controller and what its L is; a tuned one has a multiple of d for its rate.
LS = ["dimension", "secant", "tuned"]


def add_options(parser):
    add_only(parser)
    parser.add_argument("--quick", action="store_true", help="one seed, a third of the rounds")
    add_seeds(parser)


def name_of(controller, smoothness):
    return f"{controller}, {smoothness}"


def arms():
    for controller in CONTROLLERS:
        for smoothness in ("dimension", "secant"):
            yield Arm(name_of(controller, smoothness))
        for multiple in MULTIPLES:
            yield Arm(name_of(controller, "tuned"), multiple)


def run_of(options, cell, arm, seed):
    kind, model = cell
    rounds, seconds, dimension = CELLS[cell]
    rounds //= options.less
    controller, smoothness = arm.name.split(", ")
    keys = {"training.batch": BATCH, "evaluate.every": 0, "rate.controller": controller,
            "rate.smoothness": arm.rate * dimension if arm.rate else smoothness}
    told = ["--agents", str(AGENTS), "--seed", str(seed), "--rounds", str(rounds)]
    if kind == "digits":
        told += ["--data", digits.folder_with_digits(options.out)]
    text = jobs.with_keys(jobs.shipped(options.root, f"{kind}-{model}"), keys)
    return Run(text, told, rounds * seconds + 0.5)


def measure(options):
    options.less = 3 if options.quick else 1
    study = Study(Runner(options, "smoothness"), seeds_of(options), 2,
                  lambda cell, arm, seed: run_of(options, cell, arm, seed))
    study.measure({cell: list(arms()) for cell in chosen(CELLS, options.only)})
    for cell in study.arms:
        told = study.results(cell, study.arms[cell][0])[0]["dimension"]
        if told != CELLS[cell][2]:
            output.fail(f"the model of {'-'.join(cell)} has {told} parameters")
    return study


def row_of(study, cell):
    row = {"data": cell[0], "model": cell[1]}
    for name in study.names(cell):
        arm = study.best(cell, name)
        row[name] = {"test_accuracy": study.accuracy(cell, arm), "multiple": arm.rate,
                     "by_seed": study.accuracies(cell, arm),
                     "by_multiple": study.by_rate(cell, name),
                     "diverged": study.diverged(cell, name)[0]}
    return row


def shown(value):
    multiple = f" ({value['multiple']:g} d)" if value["multiple"] else ""
    return output.number(value["test_accuracy"]) + multiple


def table_of(rows):
    names = [name_of(controller, smoothness) for controller in CONTROLLERS for smoothness in LS]
    cells = [[row["data"], row["model"], *(shown(row[name]) for name in names)] for row in rows]
    return output.table(["data", "model", *names], cells)


def draw(options, rows, name):
    figure, axes = plots.panels(len(rows), 3.4, 3.0, columns=4, share_y=False)
    for axis, row in zip(axes, rows):
        for number, controller in enumerate(CONTROLLERS):
            look = plots.style(number)
            tuned = dict(row[name_of(controller, "tuned")]["by_multiple"])
            tuned["1"] = row[name_of(controller, "dimension")]["by_seed"]
            multiples = sorted(tuned, key=float)
            axis.plot([float(m) for m in multiples], [tuned[m][0] for m in multiples], marker="o",
                      markersize=3, label=f"{controller}, L a multiple of d", **look)
            axis.axhline(row[name_of(controller, "secant")]["by_seed"][0], color=look["color"],
                         linestyle=":", linewidth=1, label=f"{controller}, L by secant")
        axis.set(xscale="log", xlabel="L / d", title=f"{row['data']}, {row['model']}")
    axes[0].set_ylabel("test accuracy, seed 1")
    plots.legend_below(figure, axes, 4)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    return plots.save(figure, options.out, name)


def run(options):
    study = measure(options)
    rows = [row_of(study, cell) for cell in study.arms]
    name = "smoothness-quick" if options.quick else "smoothness"
    text = (f"Test accuracy, mean over seeds {study.seeds}; {AGENTS} agents with batches of {BATCH}; "
            f"in brackets the best L of {MULTIPLES} d. {study.runner.version}.\n\n{table_of(rows)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "cells": rows}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, rows, name)

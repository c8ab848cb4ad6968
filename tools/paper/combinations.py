"""What each measure against unequal data does alone, and what they do together."""

import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_only, add_seeds, chosen, seeds_of

AGENTS, BATCH, STEPS = 10, 25, 400  # steps: batches of an agent in all
SECONDS = 0.01  # of one batch of every agent, on one processor
LOCAL_STEPS = 10
SPLITS = ["classes:1", "dirichlet:0.1"]
# Each at the value that data.distribution = "unequal" gives it, where that gives it one.
MEASURES = {
    "noise": {"training.noise": 2.0},
    "feedback": {"training.error_feedback": 0.5},
    "local steps": {"training.local_steps": LOCAL_STEPS},
    "weights": {"vote.weights": "mismatch"},
}
ARMS = [
    (), ("noise",), ("feedback",), ("local steps",), ("weights",),
    ("noise", "feedback"), ("local steps", "noise"), ("local steps", "feedback"),
    ("local steps", "noise", "feedback"), ("local steps", "noise", "feedback", "weights"),
]


def add_options(parser):
    add_only(parser)
    parser.add_argument("--quick", action="store_true", help="a third of the steps")
    add_seeds(parser, usual=1)


def name_of(measures):
    return " + ".join(measures) or "none"


def run_of(options, cell, arm, seed):
    measures = next(measures for measures in ARMS if name_of(measures) == arm.name)
    keys = {"training.batch": BATCH, "evaluate.every": 0}
    for measure in measures:
        keys.update(MEASURES[measure])
    rounds = options.steps // keys.get("training.local_steps", 1)
    told = ["--agents", str(AGENTS), "--seed", str(seed), "--rounds", str(rounds), "--split", cell[0]]
    text = jobs.with_keys(jobs.shipped(options.root, "fashion-mlp"), keys)
    return Run(text, told, options.steps * SECONDS + 0.5)


def measure(options):
    options.steps = STEPS // 3 if options.quick else STEPS
    study = Study(Runner(options, "combinations"), seeds_of(options), 1,
                  lambda cell, arm, seed: run_of(options, cell, arm, seed))
    cells = chosen([(split,) for split in SPLITS], options.only)
    study.measure({cell: [Arm(name_of(measures)) for measures in ARMS] for cell in cells})
    return study


def table_of(study):
    rows = []
    for measures in ARMS:
        arm = Arm(name_of(measures))
        rows.append([arm.name, *(output.number(study.accuracy(cell, arm)) for cell in study.arms)])
    return output.table(["measures", *(cell[0] for cell in study.arms)], rows)


def draw(options, study, name):
    figure, (axis,) = plots.panels(1, 6.4, 4.0)
    names = [name_of(measures) for measures in ARMS]
    for number, cell in enumerate(study.arms):
        places = [at + 0.36 * (number - 0.5) for at in range(len(names))]
        axis.barh(places, [study.accuracy(cell, Arm(arm)) for arm in names], 0.34,
                  color=plots.COLOURS[number], label=cell[0])
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.invert_yaxis()
    axis.set(xlabel="test accuracy", xlim=(0, 1))
    plots.legend_below(figure, [axis], 2)
    figure.tight_layout(rect=(0, 0.06, 1, 1))
    return plots.save(figure, options.out, name)


def run(options):
    study = measure(options)
    name = "combinations-quick" if options.quick else "combinations"
    text = (f"Test accuracy of the small network on Fashion-MNIST, {AGENTS} agents, {options.steps} "
            f"batches of each of {BATCH} samples, mean over seeds {study.seeds}. "
            f"{study.runner.version}.\n\n{table_of(study)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "cells": [
        {"split": cell[0], **{arm.name: study.accuracies(cell, arm) for arm in study.arms[cell]}}
        for cell in study.arms]}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, study, name)

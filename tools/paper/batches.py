"""Boards of different strength: batches of 8 to 256 samples in one fleet, and how their votes are
weighed."""

import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_only, add_seeds, chosen, seeds_of

AGENTS, LOW, HIGH = 10, 8, 256
# Rounds, and seconds of a round on one processor.
MODELS = {"softmax": (600, 0.004), "mlp": (300, 0.031)}
# How votes are weighed: keys of the job.
ARMS = {
    "equal": {},
    "mismatch": {"vote.weights": "mismatch"},
}


def add_options(parser):
    add_only(parser)
    parser.add_argument("--quick", action="store_true", help="one seed, a third of the rounds")
    add_seeds(parser)


def run_of(options, cell, arm, seed):
    (model,) = cell
    rounds, seconds = MODELS[model]
    rounds //= options.less
    keys = dict(ARMS[arm.name], **{"evaluate.every": 0})
    told = ["--agents", str(AGENTS), "--seed", str(seed), "--rounds", str(rounds), "--batches",
            f"{LOW}-{HIGH}"]
    text = jobs.with_keys(jobs.shipped(options.root, f"fashion-{model}"), keys)
    return Run(text, told, rounds * seconds + 0.5)


def measure(options):
    options.less = 3 if options.quick else 1
    study = Study(Runner(options, "batches"), seeds_of(options), 1,
                  lambda cell, arm, seed: run_of(options, cell, arm, seed))
    cells = chosen([(model,) for model in MODELS], options.only)
    study.measure({cell: [Arm(name) for name in ARMS] for cell in cells})
    return study


def table_of(study):
    rows = []
    for cell in study.arms:
        cells = []
        for name in ARMS:
            arm = Arm(name)
            losses = [result["test_loss"] for result in study.results(cell, arm)]
            cells.append(f"{study.accuracy(cell, arm):.4f}, {output.mean(losses):.4f}")
        rows.append([cell[0], *cells])
    return output.table(["model", *(f"{name}: accuracy, loss" for name in ARMS)], rows)


def draw(options, study, name):
    figure, (axis,) = plots.panels(1, 4.6, 3.4)
    for number, arm in enumerate(ARMS):
        for at, cell in enumerate(study.arms):
            values = study.accuracies(cell, Arm(arm))
            axis.plot([at + 0.15 * (number - 1)] * len(values), values, marker="os^"[number],
                      linestyle="none", color=plots.COLOURS[number],
                      label=arm if at == 0 else None)
    axis.set_xticks(range(len(study.arms)), [cell[0] for cell in study.arms])
    axis.set(ylabel="test accuracy, each seed", xlim=(-0.5, len(study.arms) - 0.5))
    axis.legend()
    return plots.save(figure, options.out, name)


def run(options):
    study = measure(options)
    name = "batches-quick" if options.quick else "batches"
    text = (f"Test accuracy and loss on Fashion-MNIST, {AGENTS} agents with batches of {LOW} to {HIGH} "
            f"samples, mean over seeds {study.seeds}, by vote.weights. {study.runner.version}.\n\n"
            f"{table_of(study)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "cells": [
        {"model": cell[0], **{arm: study.accuracies(cell, Arm(arm)) for arm in ARMS}}
        for cell in study.arms]}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, study, name)

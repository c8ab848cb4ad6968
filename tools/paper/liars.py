"""Liars: what is left of the accuracy when a part of the agents lies."""

import jobs
import output
import plots
from runs import Run, Runner
from study import Arm, Study, add_seeds, seeds_of

AGENTS, BATCH, ROUNDS = 20, 16, 500
SECONDS = 0.028  # of one round on one processor
KINDS = ["flip", "random", "constant", "collude"]
SHARES = [0.15, 0.33, 0.45]
CLEAN = (None, 0.0)
# How votes are weighed: keys of the job.
ARMS = {"unweighted": {}, "weighted": {"vote.weights": "mismatch"}}


def add_options(parser):
    parser.add_argument("--quick", action="store_true", help="one seed, half of the rounds, flippers "
                                                             "and colluders")
    add_seeds(parser)


def run_of(options, cell, arm, seed):
    kind, share = cell
    keys = dict(ARMS[arm.name], **{"training.batch": BATCH, "evaluate.every": 0})
    told = ["--agents", str(AGENTS), "--seed", str(seed), "--rounds", str(options.rounds)]
    if kind:
        told += ["--liars", f"{share:g}:{kind}"]
    text = jobs.with_keys(jobs.shipped(options.root, "fashion-mlp"), keys)
    return Run(text, told, options.rounds * SECONDS + 0.5)


def measure(options):
    options.rounds = ROUNDS // 2 if options.quick else ROUNDS
    kinds = ["flip", "collude"] if options.quick else KINDS
    cells = [CLEAN] + [(kind, share) for kind in kinds for share in SHARES]
    study = Study(Runner(options, "liars"), seeds_of(options), 1,
                  lambda cell, arm, seed: run_of(options, cell, arm, seed))
    study.measure({cell: [Arm(name) for name in ARMS] for cell in cells})
    return study, kinds


def table_of(study):
    header = ["liars", "share"] + [f"{name}: accuracy (against none)" for name in ARMS]
    rows = []
    for kind, share in study.arms:
        cells = []
        for name in ARMS:
            value = study.accuracy((kind, share), Arm(name))
            lost = value - study.accuracy(CLEAN, Arm(name))
            cells.append(f"{value:.4f}" + (f" ({100 * lost:+.2f})" if kind else ""))
        rows.append([kind or "none", f"{int(share * AGENTS + 1e-9)} of {AGENTS}"] + cells)
    return output.table(header, rows)


def draw(options, study, kinds, name):
    figure, axes = plots.panels(len(ARMS), 5.0, 3.8)
    for axis, arm in zip(axes, ARMS):
        for number, kind in enumerate(kinds):
            values = [study.accuracy(cell, Arm(arm))
                      for cell in [CLEAN] + [(kind, share) for share in SHARES]]
            axis.plot([0] + SHARES, values, marker="o", label=kind, **plots.style(number))
        axis.set(xlabel="share of agents that lie", title=arm)
    axes[0].set_ylabel("test accuracy")
    axes[0].legend(loc="lower left")
    return plots.save(figure, options.out, name)


def run(options):
    study, kinds = measure(options)
    name = "liars-quick" if options.quick else "liars"
    text = (f"Test accuracy of the small network on Fashion-MNIST after {options.rounds} rounds, "
            f"{AGENTS} agents with batches of {BATCH}, mean over seeds {study.seeds}; differences in "
            f"points. {study.runner.version}.\n\n{table_of(study)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "agents": AGENTS, "cells": [
        {"liars": kind, "share": share,
         **{arm: study.accuracies((kind, share), Arm(arm)) for arm in ARMS}}
        for kind, share in study.arms]}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, study, kinds, name)

"""Liars: what is left of the accuracy when a part of the agents lies."""

import os

import jobs
import output
import plots
from runs import Run, Runner

AGENTS, BATCH, ROUNDS = 20, 16, 500
SECONDS = 0.007  # of one round on one processor
KINDS = ["flip", "random", "constant", "collude"]
SHARES = [0.15, 0.33, 0.45]
# How votes are weighed: keys of the job.
ARMS = {"unweighted": {}}


def add_options(parser):
    parser.add_argument("--quick", action="store_true", help="one seed, half of the rounds, flippers "
                                                             "and colluders")


class Study:
    def __init__(self, options):
        self.options = options
        self.seeds = [1] if options.quick else [1, 2, 3]
        self.rounds = ROUNDS // 2 if options.quick else ROUNDS
        self.kinds = ["flip", "collude"] if options.quick else KINDS
        self.cells = [(None, 0.0)] + [(kind, share) for kind in self.kinds for share in SHARES]
        self.runs = {(cell, arm, seed): self.run_of(cell, arm, seed)
                     for cell in self.cells for arm in ARMS for seed in self.seeds}

    def run_of(self, cell, arm, seed):
        kind, share = cell
        keys = dict(ARMS[arm], **{"training.batch": BATCH, "evaluate.every": 0})
        told = ["--agents", str(AGENTS), "--seed", str(seed), "--rounds", str(self.rounds)]
        if kind:
            told += ["--liars", f"{share:g}:{kind}"]
        text = jobs.with_keys(jobs.shipped(self.options.root, "fashion-mlp"), keys)
        return Run(text, told, self.rounds * SECONDS + 0.5)

    def accuracy(self, cell, arm):
        return output.mean([self.runs[cell, arm, seed].result["test_accuracy"]
                            for seed in self.seeds])


def table_of(study):
    header = ["liars", "share"] + [f"{arm}: accuracy (against none)" for arm in ARMS]
    rows = []
    for kind, share in study.cells:
        cells = []
        for arm in ARMS:
            value, clean = study.accuracy((kind, share), arm), study.accuracy((None, 0.0), arm)
            cells.append(output.number(value) if kind is None
                         else f"{value:.4f} ({100 * (value - clean):+.2f})")
        rows.append([kind or "none", f"{int(share * AGENTS)} of {AGENTS}"] + cells)
    return output.table(header, rows)


def draw(study, name):
    figure, axes = plots.panels(len(ARMS), 5.0, 3.8)
    for axis, arm in zip(axes, ARMS):
        clean = study.accuracy((None, 0.0), arm)
        for number, kind in enumerate(study.kinds):
            axis.plot([0] + SHARES,
                      [clean] + [study.accuracy((kind, share), arm) for share in SHARES],
                      marker="o", label=kind, **plots.style(number))
        axis.set(xlabel="share of agents that lie", title=arm)
    axes[0].set_ylabel("test accuracy")
    axes[0].legend(loc="lower left")
    return plots.save(figure, study.options.out, name)


def run(options):
    runner = Runner(options, "liars")
    study = Study(options)
    runner.run_all(list(study.runs.values()))
    name = "liars-quick" if options.quick else "liars"
    text = (f"Test accuracy of the small network on Fashion-MNIST after {study.rounds} rounds, "
            f"{AGENTS} agents with batches of {BATCH}, mean over seeds {study.seeds}; differences in "
            f"points. {runner.version}.\n\n{table_of(study)}")
    output.write_text(os.path.join(options.out, f"{name}.md"), text)
    data = {"version": runner.version, "seeds": study.seeds, "agents": AGENTS, "cells": [
        {"liars": kind, "share": share, **{arm: study.accuracy((kind, share), arm) for arm in ARMS}}
        for kind, share in study.cells]}
    output.write_json(os.path.join(options.out, f"{name}.json"), data)
    return text, data, draw(study, name)

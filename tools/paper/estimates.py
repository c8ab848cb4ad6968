"""The two estimates of equation (1)'s sum, each with L = d and with the measured L, in the cells of the
grid."""

import grid
import output
import plots
from runs import Runner
from study import Arm, Study, add_only, add_seeds, chosen, seeds_of

# name: keys of the job
ARMS = {f"{statistic}, {smoothness}": {"rate.statistic": statistic, "rate.smoothness": smoothness}
        for statistic in ("local", "cross") for smoothness in ("dimension", "secant")}


def add_options(parser):
    add_only(parser)
    parser.add_argument("--quick", action="store_true", help="the cells of the digits, one seed")
    add_seeds(parser)


def measure(options):
    study = Study(Runner(options, "estimates"), seeds_of(options), 1,
                  lambda cell, arm, seed: grid.run_with(options, cell, seed, ARMS[arm.name]))
    cells = [(kind, model, count) for kind, model in grid.BUDGETS for count in grid.BATCHES
             if kind == "digits" or not options.quick]
    study.measure({cell: [Arm(name) for name in ARMS] for cell in chosen(cells, options.only)})
    return study


def table_of(study):
    header = ["data", "model", "agents", *ARMS]
    return output.table(header, [
        [*map(str, cell), *(output.number(study.accuracy(cell, Arm(name))) for name in ARMS)]
        for cell in study.arms])


def draw(options, study, name):
    figure, (axis,) = plots.panels(1, 3.0 + 0.5 * len(study.arms), 3.6)
    for number, arm in enumerate(ARMS):
        axis.plot([study.accuracy(cell, Arm(arm)) for cell in study.arms], label=arm,
                  marker="os^D"[number], linestyle="none", color=plots.COLOURS[number])
    axis.set_xticks(range(len(study.arms)), ["\n".join(map(str, cell)) for cell in study.arms],
                    fontsize=7)
    axis.set(ylabel="test accuracy")
    plots.legend_below(figure, [axis], 4)
    figure.tight_layout(rect=(0, 0.1, 1, 1))
    return plots.save(figure, options.out, name)


def run(options):
    study = measure(options)
    name = "estimates-quick" if options.quick else "estimates"
    text = (f"Test accuracy, mean over seeds {study.seeds}, by rate.statistic and rate.smoothness. "
            f"{study.runner.version}.\n\n{table_of(study)}")
    data = {"version": study.runner.version, "seeds": study.seeds, "cells": [
        {"data": cell[0], "model": cell[1], "agents": cell[2],
         **{name: study.accuracies(cell, Arm(name)) for name in ARMS}} for cell in study.arms]}
    output.write_study(options.out, name, text, data)
    return text, data, draw(options, study, name)

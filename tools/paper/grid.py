"""The default controller against tuned rates: data sets x models x numbers of agents x seeds, equal
data, a fixed budget."""

import itertools
import os

import jobs
import output
import plots
from runs import Run, Runner

# Samples of a round are 250 or so however many agents share them.
BATCHES = {4: 64, 10: 25, 32: 8}
# Rounds of a cell, and seconds of one round on one processor.
BUDGETS = {
    ("fashion", "softmax"): (1000, 0.001),
    ("fashion", "mlp"): (500, 0.006),
    ("fashion", "cnn"): (235, 0.068),
    ("digits", "softmax"): (500, 0.0002),
    ("digits", "mlp"): (500, 0.0004),
    ("digits", "cnn"): (300, 0.003),
}
RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
ADAM_RATES = [3e-4, 1e-3, 3e-3]
BAR = 0.003  # of accuracy


def add_options(parser):
    parser.add_argument("--quick", action="store_true",
                        help="without the network of figure 2, 10 agents, one seed, every third rate")


class Grid:
    def __init__(self, options):
        self.options = options
        quick = options.quick
        self.digits = jobs.digits_folder(options.out)
        self.seeds = [1] if quick else [1, 2, 3]
        self.rates = RATES[1::2] if quick else RATES
        agents = [10] if quick else list(BATCHES)
        self.cells = [(kind, model, count) for kind, model in BUDGETS for count in agents
                      if not (quick and (kind, model) == ("fashion", "cnn"))]
        self.runs = {}
        for cell, seed in itertools.product(self.cells, self.seeds):
            for arm in self.arms(cell):
                self.runs[cell, arm, seed] = self.run_of(cell, arm, seed)

    def arms(self, cell):
        """(who chooses, rate)."""
        arms = [("default", None)]
        arms += [(who, rate) for who in ("fixed", "cosine") for rate in self.rates]
        if cell == ("fashion", "cnn", 4):
            arms += [("adam", rate) for rate in ADAM_RATES]
        return arms

    def run_of(self, cell, arm, seed):
        kind, model, agents = cell
        who, rate = arm
        rounds, seconds = BUDGETS[kind, model]
        keys = {"training.batch": BATCHES[agents], "evaluate.every": 0}
        told = ["--agents", str(agents), "--seed", str(seed), "--rounds", str(rounds)]
        if kind == "digits":
            told += ["--data", self.digits]
        if who == "adam":
            told += ["--method", "adam", "--rate", repr(rate)]
        elif who != "default":
            keys.update({"rate.controller": who, "rate.value": rate})
        text = jobs.with_keys(jobs.shipped(self.options.root, f"{kind}-{model}"), keys)
        return Run(text, told, rounds * seconds + 0.5)

    def accuracies(self, cell, arm):
        return [self.runs[cell, arm, seed].result["test_accuracy"] or 0.0 for seed in self.seeds]

    def best(self, cell, who):
        """The rate with the best mean over the seeds."""
        arms = [arm for arm in self.arms(cell) if arm[0] == who]
        return max(arms, key=lambda arm: output.mean(self.accuracies(cell, arm)), default=None)

    def diverged(self, cell, who):
        return sum(run.result["diverged"] for (other, arm, _), run in self.runs.items()
                   if other == cell and arm[0] == who)


def row_of(grid, cell):
    """What the table and the JSON file say of one cell."""
    default = grid.accuracies(cell, ("default", None))
    fixed, cosine = grid.best(cell, "fixed"), grid.best(cell, "cosine")
    tuned = max((fixed, cosine), key=lambda arm: output.mean(grid.accuracies(cell, arm)))
    differences = [a - b for a, b in zip(default, grid.accuracies(cell, tuned))]
    row = {
        "data": cell[0], "model": cell[1], "agents": cell[2],
        "rounds": BUDGETS[cell[:2]][0],
        "default": output.mean(default),
        "fixed": output.mean(grid.accuracies(cell, fixed)), "fixed_rate": fixed[1],
        "cosine": output.mean(grid.accuracies(cell, cosine)), "cosine_rate": cosine[1],
        "difference": output.mean(differences), "worst_seed": min(differences),
        "diverged": grid.diverged(cell, "default"),
        "by_rate": {who: {str(rate): grid.accuracies(cell, (who, rate)) for rate in grid.rates}
                    for who in ("fixed", "cosine")},
        "default_by_seed": default,
    }
    adam = grid.best(cell, "adam")
    if adam:
        row.update(adam=output.mean(grid.accuracies(cell, adam)), adam_rate=adam[1])
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


def draw(grid, rows, name):
    kinds = sorted({(row["data"], row["model"]) for row in rows},
                   key=lambda pair: list(BUDGETS).index(pair))
    figure, axes = plots.panels(len(kinds), 3.2, 3.4, share_y=False)
    for axis, (kind, model) in zip(axes, kinds):
        chosen = [row for row in rows if (row["data"], row["model"]) == (kind, model)]
        for number, row in enumerate(chosen):
            means = [output.mean(row["by_rate"]["fixed"][str(rate)]) for rate in grid.rates]
            look = plots.style(number)
            axis.plot(grid.rates, means, marker="o", markersize=3,
                      label=f"{row['agents']} agents, fixed rate", **look)
            axis.axhline(row["default"], color=look["color"], linewidth=1,
                         label=f"{row['agents']} agents, default")
        top = max(max(row["default"], row["fixed"]) for row in chosen)
        axis.set(xscale="log", xlabel="fixed rate", title=f"{kind}, {model}",
                 ylim=(top - 0.15, top + 0.01))
    axes[0].set_ylabel("test accuracy")
    plots.legend_below(figure, axes, 3)
    figure.tight_layout(rect=(0, 0.14, 1, 1))
    return plots.save(figure, grid.options.out, name)


def run(options):
    runner = Runner(options, "grid")
    grid = Grid(options)
    runner.run_all(list(grid.runs.values()))
    rows = [row_of(grid, cell) for cell in grid.cells]
    name = "grid-quick" if options.quick else "grid"
    text = (f"Test accuracy, mean over seeds {grid.seeds}; differences in points. "
            f"{runner.version}.\n\n{table_of(rows)}\n{verdict(rows)}")
    output.write_text(os.path.join(options.out, f"{name}.md"), text)
    data = {"version": runner.version, "seeds": grid.seeds, "cells": rows}
    output.write_json(os.path.join(options.out, f"{name}.json"), data)
    return text, data, draw(grid, rows, name)

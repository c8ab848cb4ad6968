"""Each study of tools/paper in seconds: the real program on a small data set of its own, and what the
study is there to show. --binaries DIR is the folder that the programs were built in."""

import argparse
import contextlib
import io
import os
import random
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools", "paper"))
# What draws and what brings the large data sets needs packages that this test can do without.
sys.modules["plots"] = mock.MagicMock()
sys.modules["digits"] = mock.MagicMock()

import batches  # noqa: E402
import combinations  # noqa: E402
import estimates  # noqa: E402
import fig2  # noqa: E402
import grid  # noqa: E402
import liars  # noqa: E402
import runs  # noqa: E402
import smoothness  # noqa: E402
import unequal  # noqa: E402
from study import Arm  # noqa: E402

FEATURES, HIDDEN, CLASSES, TRAIN, TEST = 32, 24, 10, 2000, 1000
DIMENSION = FEATURES * HIDDEN + HIDDEN + HIDDEN * CLASSES + CLASSES
JOB = f"""name = "small"
[data]
format = "csv"
classes = {CLASSES}
label = "class"
[model]
input = [{FEATURES}]
layers = [
  {{ type = "dense", units = {HIDDEN} }},
  {{ type = "relu" }},
  {{ type = "dense", units = {CLASSES} }},
]
[training]
batch = 16
"""


def write_blobs(path, count, centres, coin):
    """A cloud around each centre, near enough to each other that nobody can tell all."""
    with open(path, "w", encoding="ascii") as file:
        print(*(f"f{i}" for i in range(FEATURES)), "class", sep=",", file=file)
        for _ in range(count):
            label = coin.randrange(CLASSES)
            values = [f"{coin.gauss(centre, 1.0):.4f}" for centre in centres[label]]
            print(*values, label, sep=",", file=file)


class SmallRunner(runs.Runner):
    """On the small data set, whatever the study's own is."""

    data = None

    def run_all(self, runs_of_study):
        for run in runs_of_study:
            if "--data" not in run.options:
                run.options = [*run.options, "--data", self.data]
        with contextlib.redirect_stderr(io.StringIO()):
            super().run_all(runs_of_study)


class SmallStudiesTest(unittest.TestCase):
    binaries = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = cls.folder.name
        SmallRunner.data = os.path.join(root, "data")
        for folder in ("jobs", "data"):
            os.mkdir(os.path.join(root, folder))
        for kind in ("softmax", "mlp", "cnn"):
            with open(os.path.join(root, "jobs", f"fashion-{kind}.toml"), "w", encoding="utf-8") as job:
                job.write(JOB)
        coin = random.Random(5)
        centres = [[coin.gauss(0, 0.8) for _ in range(FEATURES)] for _ in range(CLASSES)]
        write_blobs(os.path.join(root, "data", "train.csv"), TRAIN, centres, coin)
        write_blobs(os.path.join(root, "data", "test.csv"), TEST, centres, coin)
        for study in (batches, combinations, estimates, fig2, grid, liars, smoothness, unequal):
            study.Runner = SmallRunner

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def options(self, **more):
        root = self.folder.name
        usual = {"root": root, "out": os.path.join(root, "out"), "only": None, "quick": True,
                 "binaries": self.binaries, "processes": 2, "data": None, "seeds": None,
                 "usual_seeds": 3}
        return argparse.Namespace(**{**usual, **more})

    def test_grid_finds_the_default_near_the_best_of_many_rates(self):
        cells = {("fashion", "softmax"): (200, 0.0)}
        with mock.patch.multiple(grid, BUDGETS=cells, RATES=[1.0, 1e-6, 1.0, 3e-3, 1.0, 3e-2]):
            study = grid.measure(self.options())
            row = grid.row_of(study, ("fashion", "softmax", 10))
            self.assertIn("0.0", grid.table_of([row]))
        self.assertGreater(row["difference"], -0.03)
        self.assertGreater(row["default"], 0.8)
        # A rate can be wrong: without this the comparison would say nothing.
        self.assertGreater(row["default"], row["by_rate"]["fixed"]["1e-06"][0] + 0.1)

    def test_each_estimate_with_each_smoothness_is_a_run_of_its_own_and_learns(self):
        with mock.patch.multiple(grid, BUDGETS={("fashion", "softmax"): (200, 0.0)},
                                 BATCHES={10: 16}):
            study = estimates.measure(self.options(quick=False, seeds=1))
            cell = ("fashion", "softmax", 10)
            table = estimates.table_of(study)
        digests = {study.results(cell, Arm(name))[0]["digest"] for name in estimates.ARMS}
        self.assertEqual(len(digests), 4)
        for name in estimates.ARMS:
            self.assertGreater(study.accuracy(cell, Arm(name)), 0.7)
            self.assertIn(f"{study.accuracy(cell, Arm(name)):.4f}", table)

    def test_fig2_has_a_curve_of_each_method_and_a_default_beside_the_best(self):
        with mock.patch.multiple(fig2, EPOCH=94):
            options = self.options(epochs=1, seeds=1)
            study = fig2.measure(options, SmallRunner(options, "fig2"))
            best = {name: study.accuracy(fig2.CELL, study.best(fig2.CELL, name))
                    for name in fig2.METHODS}
            epochs, curves = fig2.curves_of(study, study.best(fig2.CELL, "default"))
        self.assertEqual(epochs, [0.5, 1.0])
        self.assertEqual(len(curves[0]), 2)
        self.assertGreater(best["default"], 0.8)
        for name in ("mh_signsgd", "sgd", "adam"):
            self.assertGreater(best["default"], best[name] - 0.04, name)

    def test_unequal_keeps_what_a_plain_vote_loses_at_a_part_of_the_bytes(self):
        with mock.patch.multiple(unequal, SPLITS=["classes:1"], BATCHES={10: 16}, STEPS=1000):
            study = unequal.measure(self.options(quick=False, only=["mlp"]))
            row = unequal.row_of(study, ("mlp", "classes:1", 10))
        self.assertGreater(row["unequal"]["test_accuracy"], row["plain"]["test_accuracy"] + 0.04)
        self.assertGreater(row["unequal"]["test_accuracy"], row["fedavg"]["test_accuracy"] - 0.12)
        self.assertLess(row["unequal"]["bytes"], row["fedavg"]["bytes"] / 8)

    def test_combinations_are_better_than_nothing(self):
        with mock.patch.multiple(combinations, SPLITS=["classes:1"], STEPS=1000):
            study = combinations.measure(self.options(quick=False, seeds=3))
        cell = ("classes:1",)
        self.assertEqual(len(study.arms[cell]), len(combinations.ARMS))
        self.assertGreater(study.accuracy(cell, Arm("local steps + noise + feedback")),
                           study.accuracy(cell, Arm("none")) + 0.03)

    def test_liars_cost_less_where_votes_are_weighed(self):
        with mock.patch.multiple(liars, KINDS=["flip"], SHARES=[0.45], ROUNDS=300):
            options = self.options()
            study, _ = liars.measure(options)
        clean = study.accuracy(liars.CLEAN, Arm("weighted"))
        self.assertGreater(clean, 0.8)
        flipped = {arm: study.accuracy(("flip", 0.45), Arm(arm)) for arm in liars.ARMS}
        self.assertGreater(flipped["weighted"], clean - 0.03)
        self.assertGreater(flipped["weighted"], flipped["unweighted"] + 0.05)

    def test_batches_of_all_sizes_learn_however_they_are_weighed(self):
        with mock.patch.multiple(batches, MODELS={"mlp": (900, 0.0)}, LOW=4, HIGH=64):
            study = batches.measure(self.options())
        accuracies = [study.accuracy(("mlp",), Arm(name)) for name in batches.ARMS]
        self.assertGreater(min(accuracies), 0.9)
        # The batches differ in what the program draws: from 4 to 64 each.
        samples = study.results(("mlp",), Arm("equal"))[0]["samples"]
        self.assertEqual(samples, 300 * (4 + 5 + 7 + 10 + 14 + 19 + 25 + 35 + 47 + 64))

    def test_a_measured_smoothness_is_near_the_best_of_many(self):
        cells = {("fashion", "mlp"): (600, 0.0, DIMENSION)}
        with mock.patch.multiple(smoothness, CELLS=cells, MULTIPLES=[0.3, 3.0, 1000.0]):
            study = smoothness.measure(self.options())
            row = smoothness.row_of(study, ("fashion", "mlp"))
        tuned = row["guarded, tuned"]
        self.assertGreater(row["guarded, secant"]["test_accuracy"], tuned["test_accuracy"] - 0.04)
        # A smoothness can be wrong.
        self.assertGreater(row["guarded, secant"]["test_accuracy"],
                           tuned["by_multiple"]["1000.0"][0] + 0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binaries", required=True)
    known, rest = parser.parse_known_args()
    SmallStudiesTest.binaries = known.binaries
    unittest.main(argv=[sys.argv[0], *rest])

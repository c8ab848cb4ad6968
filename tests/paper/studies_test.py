"""The parts of tools/paper that decide which runs a study has: with a program in place of signet that
answers at once."""

import argparse
import json
import os
import stat
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools", "paper"))

import jobs  # noqa: E402
import output  # noqa: E402
from runs import Run, Runner  # noqa: E402
from study import Arm, Study  # noqa: E402

# Counts its calls in the file "calls"; accurate where --rate is near 0.01, and for some seeds.
STAND_IN = """#!{python}
import json, os, sys
if sys.argv[1] == "--version":
    print("stand-in 1")
    sys.exit()
told = dict(zip(sys.argv[3::2], sys.argv[4::2]))
with open(os.path.join({folder!r}, "calls"), "a") as file:
    file.write("x")
if told["--rate"] == "7":
    sys.exit("a rate of 7 is refused")
accuracy = 0.9 - abs(float(told["--rate"]) - 0.01) + 0.001 * int(told["--seed"])
with open(told["--json"], "w") as file:
    json.dump({{"test_accuracy": accuracy, "diverged": False}}, file)
"""


class JobTest(unittest.TestCase):
    def test_keys_are_set_where_they_are_and_where_they_are_not(self):
        text = '[rate]\ncontroller = "guarded"\n\n[stop]\nrounds = 5\n'
        changed = jobs.with_keys(text, {"rate.controller": "fixed", "rate.value": 1e-05,
                                        "data.distribution": "unequal", "stop.rounds": 7})
        lines = changed.split("\n")
        self.assertIn('controller = "fixed"', lines)
        self.assertNotIn('controller = "guarded"', lines)
        self.assertLess(lines.index("[rate]"), lines.index("value = 1e-05"))
        self.assertLess(lines.index("value = 1e-05"), lines.index("[stop]"))
        self.assertIn("rounds = 7", lines)
        self.assertLess(lines.index("[data]"), lines.index('distribution = "unequal"'))

    def test_a_key_is_not_taken_for_one_of_another_table_or_a_longer_one(self):
        text = "[a]\nrate = 1\nrate_max = 2\n[b]\nrate = 3\n"
        changed = jobs.with_keys(text, {"b.rate": 4, "a.rate_max": None})
        self.assertEqual(changed, "[a]\nrate = 1\n[b]\nrate = 4\n")

    def test_every_job_that_a_study_starts_from_is_there(self):
        for name in ("fashion-softmax", "fashion-mlp", "fashion-cnn", "digits-softmax",
                     "digits-mlp", "digits-cnn"):
            self.assertIn("[training]", jobs.shipped(ROOT, name))


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.options = argparse.Namespace(binaries=self.folder.name, out=self.folder.name,
                                          processes=2)
        self.write_program(STAND_IN)

    def tearDown(self):
        self.folder.cleanup()

    def write_program(self, text):
        program = os.path.join(self.folder.name, "cli", "signet")
        os.makedirs(os.path.dirname(program), exist_ok=True)
        with open(program, "w", encoding="utf-8") as file:
            file.write(text.format(python=sys.executable, folder=self.folder.name))
        os.chmod(program, os.stat(program).st_mode | stat.S_IXUSR)

    def runner(self):
        return Runner(self.options, "a study")

    def calls(self):
        path = os.path.join(self.folder.name, "calls")
        return os.path.getsize(path) if os.path.exists(path) else 0

    @staticmethod
    def run_of(rate, seed=1, job="a job"):
        return Run(job, ["--rate", str(rate), "--seed", str(seed)])

    def test_a_finished_run_is_not_run_again_unless_job_options_or_program_changed(self):
        runs = [self.run_of(0.01), self.run_of(0.02), self.run_of(0.01)]
        self.runner().run_all(runs)
        self.assertEqual(self.calls(), 2)  # equal runs once
        self.assertEqual(runs[0].result, runs[2].result)
        self.runner().run_all([self.run_of(0.01), self.run_of(0.02)])
        self.assertEqual(self.calls(), 2)
        self.runner().run_all([self.run_of(0.01, seed=2), self.run_of(0.01, job="another")])
        self.assertEqual(self.calls(), 4)
        self.write_program(STAND_IN + "\n")
        self.runner().run_all([self.run_of(0.01)])
        self.assertEqual(self.calls(), 5)

    def test_a_run_that_fails_ends_the_study_with_its_message_and_leaves_the_others(self):
        with self.assertRaises(SystemExit) as ended:
            self.runner().run_all([self.run_of(0.01), self.run_of(7)])
        self.assertIn("a rate of 7 is refused", str(ended.exception))
        self.assertEqual(len(os.listdir(os.path.join(self.folder.name, "cache"))), 1)

    def test_rates_are_tuned_with_the_first_seed_and_judged_over_all(self):
        study = Study(self.runner(), [1, 2, 3], 2,
                      lambda _, arm, seed: self.run_of(arm.rate, seed))
        study.measure({"cell": [Arm("vote", rate) for rate in (0.001, 0.01, 0.02, 0.5)]})
        self.assertEqual(self.calls(), 4 + 2 * 2)
        self.assertEqual(study.best("cell", "vote"), Arm("vote", 0.01))
        self.assertAlmostEqual(study.accuracy("cell", Arm("vote", 0.01)), 0.902)
        self.assertEqual(len(study.accuracies("cell", Arm("vote", 0.5))), 1)
        self.assertEqual(study.diverged("cell", "vote"), (0, 8))


class OutputTest(unittest.TestCase):
    def test_a_table_is_markdown_with_one_width_a_column(self):
        lines = output.table(["a", "long name"], [["1", "2"], ["333", "4"]]).splitlines()
        self.assertEqual(lines[1], "|-----|-----------|")
        self.assertEqual({len(line) for line in lines}, {len(lines[0])})

    def test_a_file_is_written_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "new", "file.json")
            output.write_json(path, {"a": 1})
            self.assertEqual(os.listdir(os.path.dirname(path)), ["file.json"])
            with self.assertRaises(ValueError):
                output.write_json(path, {"a": float("nan")})
            with open(path, encoding="utf-8") as file:
                self.assertEqual(json.load(file), {"a": 1})


if __name__ == "__main__":
    unittest.main()

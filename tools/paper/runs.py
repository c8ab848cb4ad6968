"""Runs of `signet simulate`: several at once, each kept by what it depends on, so that a study that
was broken off goes on where it stopped."""

import concurrent.futures
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import output


@dataclasses.dataclass
class Run:
    """One simulation. `options` are those of `signet simulate`; `cost` is a guess of the seconds it
    takes on one processor, for the progress line alone."""

    job: str
    options: list
    cost: float = 1.0
    result: dict = None


class Runner:
    def __init__(self, options, study):
        self.program = os.path.join(options.binaries, "cli", "signet")
        self.cache = os.path.join(options.out, "cache")
        self.at_once = options.processes
        self.study = study
        with open(self.program, "rb") as file:
            self.build = hashlib.sha256(file.read()).hexdigest()
        self.version = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                                      check=True).stdout.strip()
        os.makedirs(self.cache, exist_ok=True)

    def path_of(self, run):
        told = json.dumps([run.job, run.options, self.build])
        return os.path.join(self.cache, hashlib.sha256(told.encode()).hexdigest()[:32] + ".json")

    def simulate(self, run, path):
        with tempfile.TemporaryDirectory() as folder:
            job, answer = os.path.join(folder, "job.toml"), os.path.join(folder, "answer.json")
            output.write_text(job, run.job)
            command = [self.program, "simulate", job, *run.options, "--threads", "1", "--json",
                       answer]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  check=False, env={**os.environ, "OMP_NUM_THREADS": "1"})
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)}\nended with exit code {done.returncode}:\n"
                                   f"{done.stderr.strip()}\n\nThe job:\n{run.job}")
            with open(answer, encoding="utf-8") as file:
                run.result = json.load(file)
        output.write_json(path, run.result)

    def run_all(self, runs):
        """Fills in the results. Equal runs are run once."""
        waiting = {}
        for run in runs:
            path = self.path_of(run)
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    run.result = json.load(file)
            else:
                waiting.setdefault(path, []).append(run)
        if waiting:
            self.run_waiting(waiting, len(runs))

    def run_waiting(self, waiting, count):
        progress = Progress(self.study, count, waiting)
        pool = concurrent.futures.ThreadPoolExecutor(self.at_once)
        try:
            tasks = {pool.submit(self.simulate, runs[0], path): runs
                     for path, runs in waiting.items()}
            for task in concurrent.futures.as_completed(tasks):
                task.result()
                first, *others = tasks[task]
                for other in others:
                    other.result = first.result
                progress.ended(first)
        except RuntimeError as error:
            output.fail(str(error))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        progress.end()


class Progress:
    """One line: on a terminal always the newest state, elsewhere one now and then."""

    SECONDS_BETWEEN = 30

    def __init__(self, study, count, waiting):
        self.study, self.count, self.left = study, count, len(waiting)
        self.cost_left = sum(runs[0].cost for runs in waiting.values())
        self.cost_done, self.began, self.told = 0.0, time.monotonic(), 0.0
        self.terminal = sys.stderr.isatty()
        self.lock = threading.Lock()
        self.tell()

    def ended(self, run):
        with self.lock:
            self.left -= 1
            self.cost_left -= run.cost
            self.cost_done += run.cost
        self.tell()

    def tell(self):
        now = time.monotonic()
        if not self.terminal and now - self.told < self.SECONDS_BETWEEN:
            return
        self.told = now
        text = f"{self.study}: {self.count - self.left} of {self.count} runs"
        if self.cost_done > 0:
            left = (now - self.began) * self.cost_left / self.cost_done
            text += f", about {left / 60:.0f} min left" if left > 90 else f", about {left:.0f} s left"
        print(f"\r\033[K{text}" if self.terminal else text, end="" if self.terminal else "\n",
              file=sys.stderr, flush=True)

    def end(self):
        if self.terminal:
            print(file=sys.stderr)

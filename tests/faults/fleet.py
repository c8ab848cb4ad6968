"""A fleet of real processes for the commands that break things: data, a job, a coordinator, agents.

Used by kills.py, netfaults.py, faults.py, hostile.py and soak.py. A check that fails raises Broken; the command
then ends with a message and a non-zero exit code.
"""
import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

CLASSES, SIDE = 4, 8

# Its rate follows the agents' estimates but not the number of rounds: a run that is stopped after n rounds is the
# same as one of n rounds.
JOB = """
name = "faults"
seed = {seed}
data = {{ format = "idx", classes = 4 }}
training = {{ batch = {batch} }}
rate = {{ controller = "guarded", horizon = "open" }}
stop = {{ rounds = 1000000000 }}
state = {{ snapshot_every = {snapshot_every}, durability = "{durability}" }}
evaluate = {{ every = {evaluate_every} }}

[model]
input = [1, 8, 8]
layers = [
  {{ type = "flatten" }}, {{ type = "dense", units = {units} }}, {{ type = "relu" }}, {{ type = "dense", units = 4 }},
]

[round]
agents = {agents}
deadline_min_s = {deadline_min_s}
deadline_max_s = {deadline_max_s}
heartbeat_s = {heartbeat_s}
silence_s = {silence_s}
rejoin_s = {rejoin_s}
"""
KNOBS = dict(seed=7, units=64, batch=64, agents=4, deadline_min_s=2, deadline_max_s=120,
             heartbeat_s=1, silence_s=10, rejoin_s=30, snapshot_every=100, durability="round", evaluate_every=200)


class Broken(Exception):
    """An invariant does not hold."""


def require(holds, what):
    if not holds:
        raise Broken(what)


def wait_until(done, seconds, what, every=0.02):
    """The first true value of done(); Broken when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = done()
        if value:
            return value
        require(time.monotonic() < end, f"{what} did not happen within {seconds} s")
        time.sleep(every)


def write_data(folder, samples=800, tests=400):
    """Images of four classes, each a pattern with noise, as the four files of an IDX set."""
    rng = random.Random(1)
    patterns = [[rng.choice((60, 120)) for _ in range(SIDE * SIDE)] for _ in range(CLASSES)]
    os.makedirs(folder)
    for name, count in (("train", samples), ("t10k", tests)):
        labels = [rng.randrange(CLASSES) for _ in range(count)]
        pixels = bytes(min(255, max(0, int(rng.gauss(mean, 30)))) for label in labels for mean in patterns[label])
        with open(f"{folder}/{name}-images-idx3-ubyte", "wb") as file:
            file.write(struct.pack(">4I", 2051, count, SIDE, SIDE) + pixels)
        with open(f"{folder}/{name}-labels-idx1-ubyte", "wb") as file:
            file.write(struct.pack(">2I", 2049, count) + bytes(labels))


def free_port():
    """A port whose successor is free as well, below those that the system gives to connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


class Fleet:
    """One run: its folder, its coordinator and its agents. A context manager that ends all its processes."""

    def __init__(self, options, name, **knobs):
        self.options = options
        self.knobs = KNOBS | knobs
        self.agents_count = self.knobs["agents"]
        self.folder = os.path.join(options.folder, name)
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.listen = self.address
        # A socket's path must be short, and a build folder's may be long.
        self.short = tempfile.mkdtemp(prefix="signet-")
        self.control = os.path.join(self.short, "control")
        self.coordinator = None
        self.agents = {}
        self.starts = 0
        write_data(self.path("data"))
        with open(self.path("job.toml"), "w") as file:
            file.write(JOB.format(**self.knobs))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in [self.coordinator, *self.agents.values()]:
            end(process)
        shutil.rmtree(self.short, ignore_errors=True)
        if kind is not None and kind is not KeyboardInterrupt:
            self.tell_logs()

    def path(self, name):
        return os.path.join(self.folder, name)

    def program(self, name):
        places = {"signet": "cli", "signet-coordinator": "coordinator", "signet-agent": "agent"}
        return os.path.join(self.options.build, places.get(name, "tests/faults"), name)

    def start(self, role, *command, before=(), stdin=subprocess.DEVNULL):
        """A process that dies with this one; what it says goes into ROLE-N.log."""
        self.starts += 1
        log = self.path(f"{role}-{self.starts}.log")
        with open(log, "w") as file:
            process = subprocess.Popen([*before, "setpriv", "--pdeathsig", "KILL", *command], stdin=stdin,
                                       stdout=file, stderr=subprocess.STDOUT,
                                       env=os.environ | {"OMP_NUM_THREADS": "1"})
        process.log, process.role = log, role
        return process

    def start_coordinator(self, *more, before=()):
        self.coordinator = self.start("coordinator", self.program("signet-coordinator"), "run", self.path("job.toml"),
                                      "--listen", self.listen, "--encryption", "off",
                                      "--state", self.path("run.signet"), "--control", self.control,
                                      "--data", self.path("data"), "--json", self.path("run.json"),
                                      "--export", self.path("run.safetensors"), "--progress", "none", *more,
                                      before=before)
        return self.coordinator

    def agent_arguments(self, index, data="data"):
        return ("--name", f"agent-{index}", "--coordinator", self.address, "--encryption", "off",
                "--data", self.path(data), "--shard", f"{index % self.agents_count}/{self.agents_count}")

    def start_agent(self, index, data="data", before=()):
        self.agents[index] = self.start(f"agent-{index}", self.program("signet-agent"), "run",
                                        *self.agent_arguments(index, data), before=before)
        return self.agents[index]

    def start_all(self, *more):
        self.start_coordinator(*more)
        for index in range(self.agents_count):
            self.start_agent(index)

    def ask(self, what):
        """The answer to `signet WHAT --json`; None when nobody answers."""
        answer = subprocess.run([self.program("signet"), what, "--json", "--control", self.control,
                                 "--timeout-s", "2"], capture_output=True, text=True)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def must_ask(self, what):
        """The same of a coordinator that runs, and may be busy."""
        return wait_until(lambda: self.ask(what), 30, f"an answer to 'signet {what}'")

    def round(self):
        """Rounds done; None while nobody answers."""
        status = self.ask("status")
        return status["round"] if status else None

    def must_round(self):
        return self.must_ask("status")["round"]

    def agent(self, index):
        found = [a for a in self.must_ask("agents")["agents"] if a["name"] == f"agent-{index}"]
        require(found, f"the coordinator does not know agent-{index}")
        return found[0]

    def await_round(self, least, seconds=60):
        """Waits for a round of at least `least`; the round."""
        def reached():
            require(self.coordinator.poll() is None, "the coordinator ended: " + text_of(self.coordinator)[-500:])
            now = self.round()
            return now if now is not None and now >= least else None
        return wait_until(reached, seconds, f"round {least}")

    def votes(self):
        """Votes by agent's name, in this life of the coordinator; None while nobody answers."""
        answer = self.ask("agents")
        return {agent["name"]: agent["votes"] for agent in answer["agents"]} if answer else None

    def must_votes(self):
        return wait_until(self.votes, 30, "an answer to 'signet agents'")

    def await_votes(self, seconds=60):
        """Waits until each agent votes again. That a dead one is gone may not have been noticed yet: its votes tell."""
        before = self.must_votes()
        def all_vote():
            now = self.votes()
            return now is not None and all(now.get(f"agent-{index}", 0) > before.get(f"agent-{index}", 0)
                                           for index in self.agents)
        wait_until(all_vote, seconds, "a vote of each agent")

    def stop(self):
        """Ends the coordinator in the middle of a run; its figures."""
        self.coordinator.terminate()
        require(self.coordinator.wait(60) == 0, "a coordinator that is asked to stop must end with 0")
        return self.figures()

    def finish(self, rounds=30):
        """Goes on after stop() for some rounds, so that all agents say goodbye; the figures."""
        stopped = self.figures()["rounds"]
        self.start_coordinator("--rounds", str(stopped + rounds))
        require(self.coordinator.wait(120) == 0, "the coordinator must end with 0")
        for index, agent in self.agents.items():
            require(agent.wait(60) == 0, f"agent {index} must end with 0: {text_of(agent)[-500:]}")
        figures = self.figures()
        require(figures["rounds"] == stopped + rounds, "all rounds must be done")
        require(figures["replicas_equal"] is True, "all replicas must be equal")
        require(figures["agents"] == len(self.agents), f"{figures['agents']} of {len(self.agents)} agents confirmed")
        return figures

    def figures(self):
        with open(self.path("run.json")) as file:
            return json.load(file)

    def saved_rounds(self):
        """How many rounds lie in the state file, which must be all from 0 on. Nobody may have it open."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path('run.signet')}?mode=ro", uri=True)) as state:
            count, first, last = state.execute("SELECT count(*), min(round), max(round) FROM rounds").fetchone()
        require(count == 0 or (first == 0 and last == count - 1),
                f"the state file has {count} rounds from {first} to {last}")
        return count

    def tell_logs(self):
        for process in [self.coordinator, *self.agents.values()]:
            if process is not None:
                print(f"--- the end of {os.path.basename(process.log)}\n{text_of(process)[-1500:]}", file=sys.stderr)


def undisturbed(options, name, rounds, **knobs):
    """The figures of the same job with `rounds` rounds when nothing happens to it."""
    with Fleet(options, name, **knobs) as fleet:
        fleet.start_all("--rounds", str(rounds))
        require(fleet.coordinator.wait(3600) == 0, "an undisturbed run must end with 0")
        return fleet.figures()


def text_of(process):
    with open(process.log, errors="replace") as file:
        return file.read()


def end(process):
    """Whatever state it is in, a stopped one too."""
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def memory_of(pid):
    """Bytes that a process has in memory now."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def options_of(name, **more):
    """The options that all these commands have, and those of `more`: name -> (type, default, help)."""
    parser = argparse.ArgumentParser(prog=f"./dev {name}")
    parser.add_argument("--build", required=True, help="build folder (./dev fills it in)")
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON")
    for option, (kind, default, text) in more.items():
        parser.add_argument(f"--{option}", type=kind, default=default, help=f"{text} ({default})")
    return parser.parse_args()


def run(name, options, body):
    """body(options, rows) fills rows and returns the last line; the exit code is 1 when something is broken."""
    def leave(number, frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    # In the build folder, because /tmp may lie in memory, where durability costs nothing.
    options.folder = tempfile.mkdtemp(prefix=f"{name}-", dir=options.build)
    rows, code = [], 1
    try:
        print(f"{name}: {body(options, rows)}", flush=True)
        code = 0
    except Broken as broken:
        print(f"{name}: BROKEN: {broken}", flush=True)
    finally:
        if options.json:
            with open(options.json, "w") as file:
                json.dump(rows, file, indent=2)
        if code == 0:
            shutil.rmtree(options.folder)
        else:
            print(f"{name}: logs and state are in {options.folder}", file=sys.stderr)
    sys.exit(code)

#!/usr/bin/python3
"""Rounds per second of real processes over loopback: a coordinator, and agents without training.

./dev bench rounds [--json FILE] [--peer] [--keys] [--dimensions 100000,1000000] [--agents 4] [--seconds 4]

Every arm (durability of a round off, on, with --keys each of them encrypted as well, and with --peer the
pyzmq vote) is run for about --seconds,
in turn, --repeats times over. Figures are medians over the repeats; ratios are medians of the ratios
of neighbours in time. Rounds are timed by the coordinator's own record of them in its state file,
from after the warm-up to the last one; bytes are the agents' own counts; memory is VmHWM.
"""
import argparse
import json
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(HERE, "peer_pyzmq.py")
OUTPUTS = 1000  # of the one dense layer
DURABILITY = {"off": "snapshot", "on": "round"}  # of a round -> the job's word for it
SECONDS_MAX = 120  # for one arm
ROUNDS_MIN = 130  # A run costs about one vote per agent more than its rounds: 3 % of 30 rounds.
WARM_UP = 10  # rounds: connections are made, memory is touched for the first time

JOB = """
name = "rounds"
data = {{ format = "idx", classes = {outputs}, normalise = "none" }}
model = {{ input = [{inputs}], layers = [{{ type = "dense", units = {outputs} }}] }}
training = {{ momentum = 0.0, zero = "random" }}
vote = {{ tie = "random" }}
rate = {{ controller = "fixed", value = 1e-4 }}
round = {{ agents = {agents}, quorum = {agents}, heartbeat_s = 1 }}
stop = {{ rounds = {rounds} }}
state = {{ snapshot_every = 1000000, durability = "{durability}" }}
evaluate = {{ every = 0 }}
"""


def free_ports():
    """A port whose two successors are free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second, socket.socket() as third:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                third.bind(("127.0.0.1", port + 2))
            except (OSError, OverflowError):
                continue
            return port


def start(*command):
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(processes, seconds_max):
    """What each wrote. The first is the one that decides; when it fails, nobody waits for others."""
    texts = []
    try:
        for process in processes:
            texts.append(process.communicate(timeout=seconds_max)[0])
            if process.returncode != 0:
                sys.exit(f"{' '.join(process.args)} ended with {process.returncode}")
    finally:
        for process in processes:
            process.kill()
    return texts


def pace(ends):
    warm = min(WARM_UP, len(ends) // 3)
    return (len(ends) - 1 - warm) / (ends[-1] - ends[warm])


def enrol(build, folder, name, coordinator):
    """The coordinator's public key and the agent's key file, as bench_agent takes them."""
    path = lambda ending: os.path.join(folder, name + ending)
    control = os.path.join(folder, "state.control")
    end = time.monotonic() + 60
    while not os.path.exists(control):
        if coordinator.poll() is not None or time.monotonic() > end:
            sys.exit(f"the coordinator made no {control} to ask for a token")
        time.sleep(0.01)
    token = subprocess.run([f"{build}/cli/signet", "token", "--control", control], check=True, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    subprocess.run([f"{build}/agent/signet-agent", "join", "-", "--no-start", "--name", name,
                    "--config", path(".toml")], check=True, input=token, text=True, stderr=subprocess.DEVNULL)
    with open(path(".toml")) as file:
        key = next(line for line in file if line.startswith("server_key = "))
    return key.split('"')[1], path(".key")


def run_ours(build, folder, dimension, agents, rounds, durability, keys):
    for old in os.listdir(folder):
        os.remove(os.path.join(folder, old))
    path = lambda name: os.path.join(folder, name)
    with open(path("job.toml"), "w") as file:
        file.write(JOB.format(outputs=OUTPUTS, inputs=dimension // OUTPUTS - 1, agents=agents, rounds=rounds,
                              durability=durability))
    address = f"tcp://127.0.0.1:{free_ports()}"
    coordinator = start(f"{build}/coordinator/signet-coordinator", "run", "--progress", "none",
                        "--log-level", "warning", "--listen", address,
                        "--state", path("state"), "--export", path("model.safetensors"),
                        "--json", path("report.json"), "--encryption", "on" if keys else "auto",
                        path("job.toml"))
    names = [f"agent-{i}" for i in range(agents)]
    try:
        own = {name: enrol(build, folder, name, coordinator) if keys else () for name in names}
    except BaseException:
        coordinator.kill()
        raise
    fleet = [start(f"{build}/tests/bench/bench_agent", name, address, *own[name]) for name in names]
    texts = finish([coordinator, *fleet], SECONDS_MAX)
    with open(path("report.json")) as file:
        report = json.load(file)
    if not report["replicas_equal"]:
        sys.exit(f"replicas are not equal: {report}")
    with sqlite3.connect(path("state")) as state:
        ends = [row[0] for row in state.execute("SELECT elapsed_s FROM rounds ORDER BY round")]
    return {
        "rounds_per_second": pace(ends),
        "bytes_up_per_agent_round": report["bytes_up_per_agent"] / rounds,
        "bytes_down_per_agent_round": report["bytes_down_per_agent"] / rounds,
        "coordinator_rss_mib": report["memory_peak_bytes"] / 2**20,
        "agent_rss_mib": max(int(text) for text in texts[1:]) / 2**20,
        "closing_ms": report["closing_seconds"] * 1000,
    }


def run_peer(dimension, agents, rounds):
    port = str(free_ports())
    arguments = [port, str(dimension), str(rounds)]
    processes = [start(sys.executable, PEER, "coordinator", *arguments, str(agents))]
    processes += [start(sys.executable, PEER, "worker", *arguments) for _ in range(agents)]
    return pace([float(word) for word in finish(processes, SECONDS_MAX)[0].split()])


def memory_bound_mib(dimension, agents):
    return (agents * dimension / 8 + 12 * dimension) / 2**20 + 20


def measure(options, dimension):
    """One row for each durability; the peer's figures stand in the rows."""
    samples = {(DURABILITY[word], keys): [] for word in options.durability.split(",")
               for keys in ([False, True] if options.keys else [False])}
    peers = []
    rounds = {arm: 40 for arm in [*samples, "peer"]}

    def take(arm):
        if arm == "peer":
            pace_now = run_peer(dimension, options.agents, rounds[arm])
        else:
            figures = run_ours(options.build, options.folder, dimension, options.agents,
                               rounds[arm], *arm)
            pace_now = figures["rounds_per_second"]
        least = WARM_UP + 20 if arm == "peer" else ROUNDS_MIN
        rounds[arm] = int(min(200_000, max(least, options.seconds * pace_now)))
        return pace_now if arm == "peer" else figures

    arms = [*samples] + (["peer"] if options.peer else [])
    for arm in arms:
        take(arm)  # How many rounds fill the time.
    for _ in range(options.repeats):
        for arm in arms:
            (peers if arm == "peer" else samples[arm]).append(take(arm))
    rows = []
    for (durability, keys), figures in samples.items():
        row = {"dimension": dimension, "agents": options.agents,
               "durability": "off" if durability == "snapshot" else "on", "keys": keys}
        for key in figures[0]:
            # Bytes and memory do not scatter, but the worst is what counts of memory.
            pick = max if key.endswith("_mib") else statistics.median
            row[key] = pick(f[key] for f in figures)
        row["coordinator_rss_bound_mib"] = memory_bound_mib(dimension, options.agents)
        row["bytes_up_ratio"] = row["bytes_up_per_agent_round"] * 8 / dimension
        row["bytes_down_ratio"] = row["bytes_down_per_agent_round"] * 8 / dimension
        if keys:
            row["ratio_to_plain"] = statistics.median(
                f["rounds_per_second"] / p["rounds_per_second"]
                for f, p in zip(figures, samples[durability, False]))
        if peers:
            row["peer_rounds_per_second"] = statistics.median(peers)
            row["ratio_to_peer"] = statistics.median(
                f["rounds_per_second"] / p for f, p in zip(figures, peers))
        rows.append(row)
    return rows


HEAD = (f"{'d':>9} {'durable':>7} {'keys':>4} {'to plain':>8} {'rounds/s':>9} {'up/(d/8)':>8} {'down/(d/8)':>10} "
        f"{'coord. MiB':>10} {'bound':>6} {'agent MiB':>9} {'closing ms':>10} "
        f"{'pyzmq/s':>8} {'ratio':>6}")


def line_of(row):
    to_plain = f"{row['ratio_to_plain']:.2f}" if row["keys"] else "-"
    text = (f"{row['dimension']:>9} {row['durability']:>7} {'on' if row['keys'] else 'off':>4} "
            f"{to_plain:>8} {row['rounds_per_second']:>9.1f} "
            f"{row['bytes_up_ratio']:>8.4f} {row['bytes_down_ratio']:>10.4f} "
            f"{row['coordinator_rss_mib']:>10.1f} {row['coordinator_rss_bound_mib']:>6.0f} "
            f"{row['agent_rss_mib']:>9.1f} {row['closing_ms']:>10.3f} ")
    if "ratio_to_peer" not in row:
        return text + f"{'-':>8} {'-':>6}"
    return text + f"{row['peer_rounds_per_second']:>8.1f} {row['ratio_to_peer']:>6.2f}"


def main():
    parser = argparse.ArgumentParser(prog="./dev bench rounds")
    parser.add_argument("--build", required=True, help="build folder (./dev fills it in)")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--peer", action="store_true", help="beside a vote in pyzmq and NumPy")
    parser.add_argument("--keys", action="store_true", help="beside the same with keys, encrypted")
    parser.add_argument("--dimensions", default="100000,1000000,10000000,25600000")
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--durability", default="off,on")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    # In the build folder, because /tmp may lie in memory, where durability costs nothing.
    options.folder = tempfile.mkdtemp(prefix="rounds-", dir=options.build)
    rows = []
    try:
        print(HEAD)
        for dimension in map(int, options.dimensions.split(",")):
            for row in measure(options, dimension):
                rows.append(row)
                print(line_of(row), flush=True)
    finally:
        shutil.rmtree(options.folder)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=2)


if __name__ == "__main__":
    main()

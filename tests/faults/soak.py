#!/usr/bin/python3
"""Full speed with churn: does anything grow? See ./dev help and docs/reliability.md.

A coordinator and two agents that stay; two that are killed and started again, and guests of eight names that join,
and leave or are killed. Memory, descriptors and the state file are sampled; after the warm-up they must be flat, or
bounded by what the rounds' figures take.
"""
import glob
import os
import random
import signal
import statistics
import time

from fleet import Fleet, memory_of, options_of, require, run, text_of

STAY = (0, 1)
GUESTS = 8
SAMPLE_S = 2
FIGURES_MOST = 200  # bytes of the state file that a round may keep for ever
# What lies there between two snapshots besides: planes of rounds, the log, the free pages.
STATE_BOUND = 80 << 20
GROWTH_MOST = 2 << 20  # bytes of memory from the middle of the soak to its end


def sample(fleet, began):
    """One row; the agent is one that stays."""
    row = {"seconds": time.monotonic() - began, "round": fleet.must_round()}
    for role, process in (("coordinator", fleet.coordinator), ("agent", fleet.agents[0])):
        row[f"{role}_rss"] = memory_of(process.pid)
        row[f"{role}_fds"] = len(os.listdir(f"/proc/{process.pid}/fd"))
    row["state_bytes"] = sum(os.path.getsize(path) for path in glob.glob(fleet.path("run.signet*")))
    return row


def churn(fleet, rng, guests):
    """One agent comes, leaves or is killed."""
    index = rng.choice([2, 3, *range(fleet.agents_count, fleet.agents_count + GUESTS)])
    agent = fleet.agents.get(index)
    require(agent is None or agent.poll() in (None, 0, -signal.SIGKILL),
            f"{agent and agent.role} ended of itself with {agent and agent.poll()}")
    if agent is not None and agent.poll() is None:
        agent.kill() if rng.random() < 0.5 else agent.terminate()
        agent.wait()
    else:
        guests[index] = guests.get(index, 0) + 1
        fleet.start_agent(index)


def slope(rows, key):
    """Growth an hour by least squares."""
    x, y = [row["seconds"] / 3600 for row in rows], [row[key] for row in rows]
    return statistics.linear_regression(x, y).slope


def grown(rows, key):
    """From the middle of the rows to their end, by medians."""
    tenth = max(1, len(rows) // 10)
    middle = len(rows) // 2
    return statistics.median(r[key] for r in rows[-tenth:]) - statistics.median(
        r[key] for r in rows[middle:middle + tenth])


def judge(rows):
    """The rows after the warm-up; the figures of the soak."""
    for key in ("coordinator_rss", "agent_rss"):
        require(grown(rows, key) < GROWTH_MOST, f"{key} grew by {grown(rows, key)} bytes in half of the time, "
                                                f"{slope(rows, key) / 2**20:.1f} MiB an hour")
    # A guest that is being served may be in either half of a pair of samples.
    half = len(rows) // 2
    for key in ("coordinator_fds", "agent_fds"):
        early, late = (max(row[key] for row in part) for part in (rows[:half], rows[half:]))
        require(late <= early + 4, f"{key} grew from {early} to {late}")
    last = rows[-1]
    bound = FIGURES_MOST * last["round"] + STATE_BOUND
    require(max(row["state_bytes"] for row in rows) <= bound, f"the state file grew beyond {bound} bytes")


def body(options, rows):
    rng, guests = random.Random(options.seed), {}
    with Fleet(options, "soak", units=16, batch=16, deadline_min_s=0.3, heartbeat_s=0.2, silence_s=2) as fleet:
        fleet.start_coordinator()
        for index in range(fleet.agents_count):
            fleet.start_agent(index)
        fleet.await_round(100)
        began = time.monotonic()
        while time.monotonic() < began + 60 * options.minutes:
            rows.append(sample(fleet, began))
            churn(fleet, rng, guests)
            time.sleep(SAMPLE_S)
            require(fleet.coordinator.poll() is None, "the coordinator ended")
            for index in STAY:
                agent = fleet.agents[index]
                require(agent.poll() is None, f"{agent.role}, which stays, ended: {text_of(agent)[-500:]}")
            if len(rows) % 30 == 0:
                row = rows[-1]
                print(f"{row['seconds'] / 60:5.1f} min  round {row['round']:>9}  coordinator "
                      f"{row['coordinator_rss'] / 2**20:.1f} MiB, {row['coordinator_fds']} descriptors  agent "
                      f"{row['agent_rss'] / 2**20:.1f} MiB, {row['agent_fds']} descriptors  state "
                      f"{row['state_bytes'] / 2**20:.1f} MiB", flush=True)
        agents = fleet.must_ask("agents")["agents"]
        stopped = fleet.stop()
        require(fleet.saved_rounds() == stopped["rounds"], "every round that was told must be saved")
        state = os.path.getsize(fleet.path("run.signet"))
    warm = rows[len(rows) // 5:]
    judge(warm)
    joins = sum(guests.values())
    return (f"{options.minutes:g} minutes, {stopped['rounds']} rounds, {joins} joins of {len(agents)} names; memory of "
            f"the coordinator {slope(warm, 'coordinator_rss') / 2**20:+.1f} MiB an hour, of an agent "
            f"{slope(warm, 'agent_rss') / 2**20:+.1f}; descriptors at most "
            f"{max(row['coordinator_fds'] for row in warm)}; state file {state / stopped['rounds']:.0f} bytes a round")


if __name__ == "__main__":
    run("soak", options_of("soak", minutes=(float, 30, "how long"), seed=(int, 1, "of the churn")), body)

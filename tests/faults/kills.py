#!/usr/bin/python3
"""kill -9 at random instants: coordinators, agents, both. See ./dev help and docs/reliability.md.

Half of the kills hit the coordinator alone, a quarter each with state.durability "round" and "snapshot". No vote is
lost then, so the digest must be that of a run to which nothing happened. The other half hits agents, and both.
Between any two processes' lives: no round goes back, no agent is ahead of what was saved, replicas are equal.
"""
import random
import re
import statistics
import time

from fleet import Fleet, options_of, require, run, text_of, undisturbed, wait_until

# No board misses a round while the coordinator is away, however busy this machine is.
PATIENT = dict(units=256, deadline_min_s=100, deadline_max_s=100, rejoin_s=60, heartbeat_s=0.2, silence_s=20)
QUICK = dict(units=256, deadline_min_s=0.3, heartbeat_s=0.1, silence_s=2, rejoin_s=1)


def await_instant(fleet, rng, since):
    """A random instant: mostly in the middle of rounds, else while the fleet is still coming back."""
    if rng.random() < 0.75:
        since = fleet.await_round(since + 1)
        time.sleep(rng.uniform(0, 0.2))
        return fleet.round() or since
    time.sleep(rng.uniform(0, 0.3))
    return since


def goes_on_at(coordinator):
    """Where a coordinator that was started after a kill said that it goes on; None if it did not live to say so."""
    found = re.search(r"going on with run .* at round (\d+)", text_of(coordinator))
    return int(found[1]) if found else None


def check_back(coordinator):
    at = goes_on_at(coordinator)
    if coordinator.least is not None and at is not None:
        require(at >= coordinator.least, f"round {coordinator.least} was told, and {coordinator.log} goes on at {at}")


def check_no_resync(fleet):
    """Agents follow by updates alone: one that is ahead of the saved rounds would need a snapshot."""
    for process in fleet.agents.values():
        require("snapshot" not in text_of(process), f"{process.log}: an agent was ahead of what was saved")


def kill_once(fleet, rng, whom, since):
    """Kills and starts again; `since` is the last round that is known to be done. Who was killed, and, where the
    coordinator was not, the votes and the round of before the new start."""
    most = {"coordinator": 0, "agents": 2, "both": fleet.agents_count}[whom]
    victims = [fleet.agents[index] for index in rng.sample(range(fleet.agents_count), rng.randint(min(1, most), most))]
    if whom != "agents":
        victims.insert(rng.randint(0, len(victims)), fleet.coordinator)
    for victim in victims:
        victim.kill()
    for victim in victims:
        victim.wait()
    votes, at = ({}, None) if whom != "agents" else (fleet.must_votes(), fleet.must_round())
    if whom != "agents":
        check_back(fleet.coordinator)
        fleet.start_coordinator().least = since
    names = [f"agent-{index}" for index, agent in fleet.agents.items() if agent in victims]
    for index, agent in list(fleet.agents.items()):
        if agent in victims:
            fleet.start_agent(index)
    return names, votes, at


def await_back(fleet, names, votes, at):
    """Until one more round is done, and each agent that was killed has voted again; the round."""
    if at is None:
        at = wait_until(lambda: goes_on_at(fleet.coordinator), 60, "a coordinator goes on", every=0.002)
    since = fleet.await_round(at + 1)
    def all_vote():
        now = fleet.votes()
        return now is not None and all(now.get(name, 0) > votes.get(name, 0) for name in names)
    wait_until(all_vote, 60, f"votes of {names}")
    return since


def kill_some(fleet, rng, whom, count):
    """Kills `count` times; the seconds from new starts until the fleet was back."""
    fleet.start_all()
    fleet.coordinator.least = None
    since = fleet.await_round(1)
    back = []
    for _ in range(count):
        since = max(since, await_instant(fleet, rng, since))
        killed = kill_once(fleet, rng, whom, since)
        started = time.monotonic()
        if rng.random() < 0.75:
            since = await_back(fleet, *killed)
            back.append(time.monotonic() - started)
    fleet.await_round(since + 20)
    check_back(fleet.coordinator)
    return back


def phase(options, rows, name, whom, count, **knobs):
    rng = random.Random(f"{options.seed} {name}")
    with Fleet(options, name, **knobs) as fleet:
        began = time.monotonic()
        back = kill_some(fleet, rng, whom, count)
        seconds = time.monotonic() - began
        if whom == "coordinator":
            check_no_resync(fleet)
        fleet.await_votes()
        stopped = fleet.stop()
        require(fleet.saved_rounds() == stopped["rounds"], "every round that was told must be saved")
        figures = fleet.finish()
    row = {"phase": name, "kills": count, "rounds": stopped["rounds"], "seconds": round(seconds, 1),
           "back_s_median": round(statistics.median(back), 2) if back else None,
           "back_s_worst": round(max(back), 2) if back else None,
           "replicas_equal": figures["replicas_equal"], "test_accuracy": figures["test_accuracy"]}
    require(figures["test_accuracy"] > 0.8, f"accuracy {figures['test_accuracy']} after the kills")
    if whom == "coordinator":
        quiet = undisturbed(options, f"{name}-quiet", stopped["rounds"], **knobs)
        row |= {"digest": stopped["digest"], "digest_undisturbed": quiet["digest"],
                "undisturbed_rounds_per_second": quiet["rounds_per_second"]}
        require(quiet["digest"] == stopped["digest"], f"digest {stopped['digest']}, undisturbed {quiet['digest']}")
    rows.append(row)
    worst = f"{row['back_s_worst']} s" if back else "-"
    print(f"{name:<22} {count:>5} kills  {row['rounds']:>7} rounds  back after {row['back_s_median']} s, at worst "
          f"{worst}  accuracy {row['test_accuracy']:.3f}"
          + ("  digest as undisturbed" if whom == "coordinator" else "  replicas equal"), flush=True)


def body(options, rows):
    quarter = options.count // 4
    for durability in ("round", "snapshot"):
        phase(options, rows, f"coordinator-{durability}", "coordinator", quarter, durability=durability, **PATIENT)
    phase(options, rows, "agents", "agents", quarter, **QUICK)
    phase(options, rows, "both", "both", options.count - 3 * quarter, **QUICK)
    paces = [row["undisturbed_rounds_per_second"] for row in rows[:2]]
    return (f"{options.count} kills, seed {options.seed}: no round lost, replicas equal, digests as undisturbed; "
            f"undisturbed {paces[0]:.0f} rounds a second with durability 'round', {paces[1]:.0f} with 'snapshot'")


if __name__ == "__main__":
    run("kills", options_of("kills", count=(int, 200, "how often"), seed=(int, 1, "of the instants")), body)

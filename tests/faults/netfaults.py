#!/usr/bin/python3
"""One run through bad networks: each agent in a network namespace of its own, a TUN wire from each to the coordinator's.

See ./dev help and docs/reliability.md. Needs root. The scenarios are parts of one run, in order: after each the wires
are good again and all agents must be back; at the end all replicas must be equal.
"""
import os
import subprocess
import sys
import time

from fleet import Fleet, end, options_of, require, run, wait_until

AGENTS = 3
PORT = 7300
HOST = "coordinator.signet"  # as the agents know it
BACK_S = 90  # After a silence an agent waits up to 30 s, with a quarter of jitter, before it asks again.


class Wires:
    """Namespaces of this process's own, and tun_wire between them."""

    def __init__(self, fleet, seed):
        name = f"signet-{os.getpid()}"
        self.hub, self.leaves = f"{name}-hub", [f"{name}-{i}" for i in range(AGENTS)]
        self.made, self.process = [], None
        try:
            for space in [self.hub, *self.leaves]:
                subprocess.run(["ip", "netns", "add", space], check=True)
                self.made.append(space)
            with open(fleet.path("wire.log"), "w") as log:
                self.process = subprocess.Popen([fleet.program("tun_wire"), str(seed), self.hub, *self.leaves],
                                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
            require(self.process.stdout.readline() == "ready\n", f"no wire: see {log.name}")
        except BaseException:
            self.remove()
            raise

    def remove(self):
        end(self.process)
        for space in self.made:
            subprocess.run(["ip", "netns", "del", space], check=False)

    def say(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def set(self, link, direction="both", **faults):
        """What this link does from now on; nothing but what is named."""
        links = range(AGENTS) if link == "all" else [link]
        for one in links:
            words = [str(word) for pair in faults.items() for word in pair]
            require(self.say("set", one, direction, *words) == "ok", f"the wire refuses {faults}")

    def bytes(self):
        """Up and down, of all links, with the headers of TCP/IP and what was sent again."""
        stats = [list(map(int, self.say("stats", link).split())) for link in range(AGENTS)]
        return sum(s[1] for s in stats), sum(s[3] for s in stats)

    def ip(self, space, *words):
        subprocess.run(["ip", "-n", space, *words], check=True)


class FarFleet(Fleet):
    """A fleet whose agents reach the coordinator over wires."""

    def __init__(self, options, seed):
        # About 13 kB a vote: a tenth of a second at 1 Mbit/s.
        super().__init__(options, "far", agents=AGENTS, units=1500, batch=16, snapshot_every=500, evaluate_every=1000)
        self.wires = Wires(self, seed)
        self.listen, self.address = f"tcp://0.0.0.0:{PORT}", f"tcp://{HOST}:{PORT}"
        for link in range(AGENTS):
            self.name_coordinator(link, f"10.77.{link}.1")

    def __exit__(self, kind, error, trace):
        try:
            super().__exit__(kind, error, trace)
        finally:
            self.wires.remove()

    def name_coordinator(self, link, address):
        # Written in place: it is mounted over the agent's /etc/hosts.
        with open(self.path(f"hosts-{link}"), "w") as file:
            file.write(f"127.0.0.1 localhost\n{address} {HOST}\n")

    def start_coordinator(self, *more, before=()):
        return super().start_coordinator(*more, before=("ip", "netns", "exec", self.wires.hub))

    def start_agent(self, index, data="data", before=()):
        mounted = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return super().start_agent(index, data, ("ip", "netns", "exec", self.wires.leaves[index], "sh", "-c",
                                                 mounted, self.path(f"hosts-{index}")))

    def voting(self):
        answer = self.ask("agents")
        return [a["name"] for a in answer["agents"] if a["state"] == "voting"] if answer else []

    def await_all(self, what, seconds=BACK_S):
        wait_until(lambda: len(self.voting()) == AGENTS, seconds, f"{what}: all agents vote again", every=0.1)


def measure(fleet, seconds):
    """What happens in so many seconds from now on."""
    before, wired, began = fleet.must_ask("status"), fleet.wires.bytes(), time.monotonic()
    longest, last, since = 0.0, before["round"], began
    while time.monotonic() < began + seconds:
        time.sleep(0.05)
        now = fleet.ask("status")
        if now and now["round"] > last:
            longest, last, since = max(longest, time.monotonic() - since), now["round"], time.monotonic()
    after, took = fleet.must_ask("status"), time.monotonic() - began
    wire = [b - a for a, b in zip(wired, fleet.wires.bytes())]
    rounds = after["round"] - before["round"]
    of_round = lambda value: round(value / rounds / AGENTS) if rounds else None
    return {"seconds": round(took, 1), "rounds": rounds, "rounds_per_second": round(rounds / took, 2),
            "longest_pause_s": round(max(longest, time.monotonic() - since), 2),
            "up_bytes": of_round(after["bytes_up"] - before["bytes_up"]),
            "down_bytes": of_round(after["bytes_down"] - before["bytes_down"]),
            "wire_up_bytes": of_round(wire[0]), "wire_down_bytes": of_round(wire[1])}


def require_no_vote(fleet):
    """Agent 0 is cut off: else the scenario shows nothing."""
    votes = fleet.agent(0)["votes"]
    time.sleep(1)
    require(fleet.agent(0)["votes"] == votes, "an agent that is cut off cannot vote")


def good(fleet, seconds):
    return measure(fleet, seconds)


def loss(fleet, seconds):
    fleet.wires.set("all", loss=0.1)
    return measure(fleet, seconds)


def delay(fleet, seconds):
    fleet.wires.set("all", delay_ms=300, jitter_ms=100)
    return measure(fleet, seconds)


def slow(fleet, seconds):
    fleet.wires.set("all", rate_bit=1_000_000)
    return measure(fleet, seconds)


def disorder(fleet, seconds):
    fleet.wires.set("all", delay_ms=5, duplicate=0.2, reorder=0.2)
    return measure(fleet, seconds)


def deaf_up(fleet, seconds):
    """Of agent 0 nothing arrives, but it hears everything."""
    fleet.wires.set(0, "up", loss=1)
    row = measure(fleet, seconds)
    require("agent-0" not in fleet.voting(), "an agent of whom nothing arrives cannot vote")
    return row


def deaf_down(fleet, seconds):
    """Agent 0 hears nothing, but what it says arrives."""
    fleet.wires.set(0, "down", loss=1)
    row = measure(fleet, seconds)
    require_no_vote(fleet)
    return row


def silent_updates(fleet, seconds):
    """Agent 0's connection for updates is dead at once and without a word; that for votes works."""
    votes = fleet.agent(0)["votes"]
    fleet.wires.set(0, port=PORT + 1, loss=1)
    row = measure(fleet, seconds)
    require(fleet.agent(0)["votes"] > votes + seconds / 4, "without updates an agent follows by its heartbeats")
    return row


def link_down(fleet, seconds):
    """Agent 0's link is down for 60 s; the others go on."""
    fleet.wires.set(0, loss=1)
    row = measure(fleet, 60)
    require_no_vote(fleet)
    return row


def all_down(fleet, seconds):
    """Nobody reaches anybody: nothing can happen, and nothing ends."""
    fleet.wires.set("all", loss=1)
    row = measure(fleet, seconds)
    require(row["rounds"] <= 1, "no round closes without votes")
    return row


def half_open_agent(fleet, seconds):
    """An agent dies with its link: the coordinator's half of the connection stays, and a new agent takes its name."""
    fleet.wires.set(0, loss=1)
    end(fleet.agents[0])
    time.sleep(1)
    fleet.start_agent(0)
    fleet.wires.set(0)
    row = measure(fleet, seconds)
    require("agent-0" in fleet.voting(), "the agent of a half-open connection must be let in again")
    return row


def half_open_coordinator(fleet, seconds):
    """The coordinator dies while the links are down: the agents' halves stay, and the next one must be found."""
    fleet.wires.set("all", loss=1)
    time.sleep(1)
    end(fleet.coordinator)
    fleet.start_coordinator()
    wait_until(lambda: fleet.round() is not None, 30, "the coordinator answers")
    fleet.wires.set("all")
    return measure(fleet, seconds)


def new_address(fleet, seconds):
    """The coordinator's machine gets another address; names lead to it from then on."""
    hub, wires = fleet.wires.hub, fleet.wires
    for link, leaf in enumerate(wires.leaves):
        wires.ip(hub, "addr", "add", f"10.78.{link}.1/32", "dev", f"wire{link}")
        wires.ip(hub, "addr", "del", f"10.77.{link}.1", "peer", f"10.77.{link}.2/32", "dev", f"wire{link}")
        wires.ip(hub, "route", "replace", f"10.77.{link}.2/32", "dev", f"wire{link}", "src", f"10.78.{link}.1")
        wires.ip(leaf, "route", "add", f"10.78.{link}.1/32", "dev", "wire")
        fleet.name_coordinator(link, f"10.78.{link}.1")
    return measure(fleet, max(seconds, 40))


# Scenario, its name in the table, and the fewest rounds a second that "the run goes on" means.
SCENARIOS = [(good, "good wires", 5), (loss, "10 % of packets lost", 0.2), (delay, "300 ms +- 100 each way", 0.5),
             (slow, "1 Mbit/s", 2), (disorder, "20 % twice, 20 % late", 1), (deaf_up, "one way dead: up", 1),
             (deaf_down, "one way dead: down", 1), (silent_updates, "updates' connection dead", 0.2),
             (link_down, "a link down for 60 s", 1), (half_open_agent, "half-open: an agent died", 1),
             (half_open_coordinator, "half-open: coordinator died", 0.2), (all_down, "all links down", 0),
             (new_address, "coordinator's address changed", 0.2)]

SLOWED = (loss, delay, slow, disorder)  # if these are as fast as good wires, nothing was wrong with theirs


def body(options, rows):
    with FarFleet(options, options.seed) as fleet:
        fleet.start_all()
        fleet.await_round(50)
        print(f"{'network':<30} {'rounds/s':>8} {'longest pause':>13} {'back after':>10} {'up':>7} {'down':>7} "
              f"{'wire up':>8} {'wire down':>9}   (bytes of an agent and a round)")
        for scenario, name, least in SCENARIOS:
            if options.only and options.only != scenario.__name__:
                continue
            row = {"network": name} | scenario(fleet, options.seconds)
            fleet.wires.set("all")
            healed = time.monotonic()
            fleet.await_round(fleet.must_round() + 1, BACK_S)
            fleet.await_all(name)
            row["back_s"] = round(time.monotonic() - healed, 2)
            rows.append(row)
            cell = lambda key: row[key] if row[key] is not None else "-"
            print(f"{name:<30} {row['rounds_per_second']:>8} {row['longest_pause_s']:>11} s {row['back_s']:>8} s "
                  f"{cell('up_bytes'):>7} {cell('down_bytes'):>7} {cell('wire_up_bytes'):>8} "
                  f"{cell('wire_down_bytes'):>9}", flush=True)
            require(row["rounds_per_second"] >= least, f"{name}: {row['rounds_per_second']} rounds a second")
            if scenario in SLOWED and rows[0]["network"] == SCENARIOS[0][1]:
                require(row["rounds_per_second"] < rows[0]["rounds_per_second"] / 2, f"{name}: nobody felt it")
        stopped = fleet.stop()
        require(fleet.saved_rounds() == stopped["rounds"], "every round that was told must be saved")
        figures = fleet.finish()
        return (f"{len(rows)} networks, one run of {figures['rounds']} rounds: it went on in each, no agent was lost "
                f"for good, all replicas equal")


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("./dev netfaults: network namespaces and TUN devices need root; run it as root or with sudo")
    run("netfaults", options_of("netfaults", seconds=(float, 20, "of each network"), seed=(int, 1, "of the wires"),
                                only=(str, "", "one scenario, by its function's name")), body)

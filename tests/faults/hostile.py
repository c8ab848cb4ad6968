#!/usr/bin/python3
"""Attacks on the two ports of a coordinator while its agents train. See ./dev help and docs/reliability.md.

Each attack is a process of its own (hostile_peer.cpp) for some seconds. The coordinator's memory must stay within a
bound, what was refused must be counted, and the run must go on: during the attack at a part of its pace (but for a message
without an end, which costs all connections again and again), and at once when it is over.
"""
import time

from fleet import Fleet, memory_of, options_of, require, run, text_of, wait_until

MIB = 1 << 20
# Attack, the reason under which its messages are counted (none: they never become messages), and how much more
# memory than before the coordinator may take.
ATTACKS = [("garbage", None, 64 * MIB), ("old-protocol", "malformed", 64 * MIB), ("oversize", None, 64 * MIB),
           ("half-frames", None, 256 * MIB), ("endless-message", None, 512 * MIB),
           ("short-votes", "not begun", 64 * MIB), ("votes-of-an-earlier-run", "another run", 64 * MIB),
           ("flood-of-heartbeats", None, 64 * MIB), ("flood-of-noise", "malformed", 64 * MIB),
           ("flood-of-names", None, 64 * MIB), ("connections", None, 256 * MIB)]
PACE_LEAST = 0.01  # of the rounds a second without an attack; the attacker takes a processor of this machine
STALLS = ("endless-message",)


def watch(fleet, seconds):
    """Rounds a second, and the most memory that the coordinator had, in so many seconds from now on."""
    first, began, most = fleet.must_round(), time.monotonic(), 0
    while time.monotonic() < began + seconds:
        most = max(most, memory_of(fleet.coordinator.pid))
        time.sleep(0.05)
    now = fleet.must_round()
    return (now - first) / (time.monotonic() - began), most


def attack(fleet, name, reason, room, options):
    before = memory_of(fleet.coordinator.pid)
    refused = fleet.must_ask("status")["refused"].get(reason, 0)
    peer = fleet.start("hostile", fleet.program("hostile_peer"), name, str(fleet.port), str(options.seconds), "1")
    pace, most = watch(fleet, options.seconds)
    wait_until(lambda: peer.poll() is not None, 60, f"the end of {name}")
    require(peer.poll() == 0, f"hostile_peer failed: {text_of(peer)}")
    require(fleet.coordinator.poll() is None, f"{name}: the coordinator died: {text_of(fleet.coordinator)[-1000:]}")
    status = fleet.must_ask("status")
    row = {"attack": name, "count": int(text_of(peer)), "rounds_per_second": round(pace, 1),
           "memory_more_mib": round((most - before) / MIB, 1), "memory_bound_mib": room // MIB,
           "refused": status["refused"].get(reason, 0) - refused if reason else 0, "reason": reason or ""}
    require(row["count"] > 0, f"{name}: nothing was attacked")
    require(most - before < room, f"{name}: {row['memory_more_mib']} MiB more than before")
    require(reason is None or row["refused"] > 0, f"{name}: nothing was counted as '{reason}': {status['refused']}")
    return row


def body(options, rows):
    with Fleet(options, "hostile", units=128, silence_s=5) as fleet:
        fleet.start_all()
        fleet.await_round(50)
        usual, _ = watch(fleet, options.seconds)
        print(f"{'attack':<24} {'times':>9} {'rounds/s':>8} {'memory':>10} {'counted':>9}   "
              f"({usual:.0f} rounds a second without)", flush=True)
        for name, reason, room in ATTACKS:
            if options.only and options.only != name:
                continue
            row = attack(fleet, name, reason, room, options)
            rows.append(row)
            print(f"{name:<24} {row['count']:>9} {row['rounds_per_second']:>8} {row['memory_more_mib']:>+6} MiB "
                  f"{row['refused']:>9}   {row['reason']}", flush=True)
            require(name in STALLS or row["rounds_per_second"] >= PACE_LEAST * usual, f"{name}: the run hardly goes on")
            fleet.await_round(fleet.must_round() + 20, 30)
        fleet.stop()
        figures = fleet.finish()
        require(figures["test_accuracy"] > 0.9, f"the model is spoiled, accuracy {figures['test_accuracy']}")
        return (f"{len(rows)} attacks of {options.seconds:g} s: the run went on, memory within its bounds, all replicas "
                f"equal, accuracy {figures['test_accuracy']:.3f}")


if __name__ == "__main__":
    run("hostile", options_of("hostile", seconds=(float, 10, "of each attack"),
                              only=(str, "", "one attack, by its name")), body)

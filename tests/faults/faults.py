#!/usr/bin/python3
"""One fault in each of many short runs, and what it cost: the table of docs/reliability.md. See ./dev help.

The cost is the longest time without a new round while the fault lasts; waits are the defaults of a job.
"""
import os
import shutil
import signal
import time

from fleet import Fleet, end, options_of, require, run, text_of, wait_until

LIAR = 3


def longest_pause(fleet, seconds):
    """The longest time without a new round in so many seconds from now on."""
    last, since, longest = fleet.round() or 0, time.monotonic(), 0.0
    stop = since + seconds
    while time.monotonic() < stop:
        now = fleet.round()
        if now is not None and now > last:
            longest, last, since = max(longest, time.monotonic() - since), now, time.monotonic()
        time.sleep(0.01)
    return max(longest, time.monotonic() - since)


def start_liar(fleet, lie):
    words = fleet.agent_arguments(LIAR)
    told = dict(zip(words[::2], words[1::2]))
    fleet.agents[LIAR] = fleet.start(f"liar-{lie}", fleet.program("lying_agent"), lie,
                                     *(told[f"--{option}"] for option in ("name", "coordinator", "data", "shard")))


def all_vote(fleet):
    answer = fleet.ask("agents")
    return answer and all(a["state"] == "voting" for a in answer["agents"])


def nothing(fleet, seconds):
    return longest_pause(fleet, seconds), ""


def agent_killed(fleet, seconds):
    fleet.agents.pop(0).kill()
    pause = longest_pause(fleet, seconds)
    return pause, fleet.agent(0)["remark"]


def agent_stopped(fleet, seconds):
    fleet.agents[0].send_signal(signal.SIGSTOP)
    pause = longest_pause(fleet, 40)
    remark = fleet.agent(0)["remark"]
    fleet.agents[0].send_signal(signal.SIGCONT)
    pause = max(pause, longest_pause(fleet, 5))
    wait_until(lambda: all_vote(fleet), 60, "an agent that was stopped votes again")
    return pause, remark


def coordinator_killed(fleet, seconds):
    before = fleet.must_round()
    fleet.coordinator.kill()
    fleet.coordinator.wait()
    fleet.start_coordinator()
    pause = longest_pause(fleet, seconds)
    require("going on with run" in text_of(fleet.coordinator), "a run goes on where it was")
    require(fleet.must_round() > before, "a run goes on where it was")
    return pause, "all agents came back"


def refused_of_liar(fleet, reason):
    refused = fleet.agent(LIAR)["refused"]
    require(refused.get(reason, 0) > 0, f"a liar's votes must be refused as '{reason}': {refused}")
    return f"{refused[reason]} refused: {reason}"


def wrong_shape(fleet, seconds):
    return longest_pause(fleet, seconds), refused_of_liar(fleet, "malformed")


def garbage(fleet, seconds):
    peer = fleet.start("hostile", fleet.program("hostile_peer"), "garbage", str(fleet.port), str(seconds), "1")
    pause = longest_pause(fleet, seconds)
    wait_until(lambda: peer.poll() is not None, 30, "the end of the garbage")
    return pause, f"{text_of(peer).strip()} connections with garbage"


def not_a_number(fleet, seconds):
    return longest_pause(fleet, seconds), refused_of_liar(fleet, "malformed")


def huge(fleet, seconds):
    pause = longest_pause(fleet, seconds)
    return pause, f"rate {fleet.must_ask('status')['rate']:.1e}"


def samples(fleet, seconds):
    return longest_pause(fleet, seconds), f"tells of {fleet.agent(LIAR)['samples']} samples"


def exception(fleet, seconds):
    pause = longest_pause(fleet, seconds)
    liar = fleet.agents.pop(LIAR)
    require(liar.poll() == -signal.SIGABRT, f"an exception must end the agent at once: {liar.poll()}")
    return pause, "the agent aborted, for its service manager to start it again"


def unreadable_data(fleet, seconds):
    shutil.copytree(fleet.path("data"), fleet.path("torn"))
    os.truncate(fleet.path("torn/train-images-idx3-ubyte"), 1000)
    end(fleet.agents[0])
    fleet.start_agent(0, data="torn")
    pause = longest_pause(fleet, seconds)
    agent = fleet.agents.pop(0)
    require(agent.poll() == 4, f"torn data must end the agent with 4: {agent.poll()}")
    return pause, "the agent ended with 4 and named the file"


# What happens, its name in the table, and the lie of agent 3 from the start on.
FAULTS = [(nothing, "nothing", None), (agent_killed, "an agent killed in a round", None),
          (agent_stopped, "an agent stopped for 40 s", None),
          (coordinator_killed, "the coordinator killed and started", None),
          (wrong_shape, "votes of another shape", "shape"), (garbage, "garbage bytes", None),
          (not_a_number, "votes with NaN", "nan"), (huge, "votes with 1e30", "huge"),
          (samples, "a lie about the sample count", "samples"),
          (exception, "an exception in the training code", "throw"),
          (unreadable_data, "an agent's data are torn", None)]
COST_MOST = 5  # seconds; the shortest deadline of a round is 2


def body(options, rows):
    print(f"{'fault':<36} {'cost':>6}  {'accuracy':>8}  seen", flush=True)
    for fault, name, lie in FAULTS:
        if options.only and options.only != fault.__name__:
            continue
        with Fleet(options, fault.__name__, units=128) as fleet:
            fleet.start_coordinator()
            for index in range(fleet.agents_count if lie is None else LIAR):
                fleet.start_agent(index)
            if lie is not None:
                start_liar(fleet, lie)
            fleet.await_round(30)
            pause, seen = fault(fleet, options.seconds)
            fleet.await_round(fleet.must_round() + 200, 120)
            stopped = fleet.stop()
            # Whoever does not take part in rounds says no goodbye with the right digest either.
            if lie in ("shape", "nan"):
                end(fleet.agents.pop(LIAR))
            figures = fleet.finish()
        row = {"fault": name, "survived": True, "cost_s": round(pause, 2), "seen": seen,
               "test_accuracy": figures["test_accuracy"], "rounds": stopped["rounds"]}
        rows.append(row)
        print(f"{name:<36} {row['cost_s']:>4} s  {row['test_accuracy']:>8.3f}  {seen}", flush=True)
        require(pause < COST_MOST, f"{name}: {pause:.1f} s without a round")
        require(row["test_accuracy"] > 0.9, f"{name}: the model is spoiled, accuracy {row['test_accuracy']}")
    return f"{len(rows) - 1} faults, each survived; at worst {max(row['cost_s'] for row in rows)} s without a round"


if __name__ == "__main__":
    run("faults", options_of("faults", seconds=(float, 10, "that each fault is watched for"),
                             only=(str, "", "one fault, by its function's name")), body)

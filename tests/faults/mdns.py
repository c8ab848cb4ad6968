#!/usr/bin/python3
"""An agent that is told no address finds its coordinator by Avahi, and again when the coordinator's address changes.

See ./dev help and docs/reliability.md. Needs root. Two machines, each of namespaces: network, host name, and a /run of
its own with a system bus and an Avahi daemon, as the packages of Debian have them.
"""
import os
import signal
import subprocess
import sys
import time

from fleet import Fleet, end, options_of, require, run, text_of, wait_until

PORT = 7300
LAB, PI, LAB_LATER = "192.0.2.1", "192.0.2.2", "192.0.2.77"
# In a mount namespace of its own.
BOOT = """
hostname "$0"
mount -t tmpfs none /run
mount -t tmpfs none /etc/avahi/services
mkdir -p /run/dbus /run/avahi-daemon
dbus-daemon --system --nofork --nopidfile &
await() {
  for _ in $(seq 400); do [ -S "$1" ] && return; sleep 0.05; done
  echo "no $1"; exit 1
}
await /run/dbus/system_bus_socket
avahi-daemon --no-drop-root --no-chroot --no-rlimits --no-proc-title &
await /run/avahi-daemon/socket
echo ready
read -r _
"""


class Machine:
    """A board or a laptop, as far as its network can tell."""

    def __init__(self, fleet, name):
        self.space = f"signet-{os.getpid()}-{name}"
        subprocess.run(["ip", "netns", "add", self.space], check=True)
        self.ip("link", "set", "lo", "up")
        self.log = open(fleet.path(f"{name}.log"), "w")
        self.name, self.holder = name, None

    def boot(self):
        self.holder = subprocess.Popen(["ip", "netns", "exec", self.space, "unshare", "--mount", "--uts", "--propagation",
                                        "private", "setpriv", "--pdeathsig", "KILL", "sh", "-c", BOOT, self.name],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = self.holder.stdout.readline()
        require(said == "ready\n", f"{said.strip()}: no Avahi, see {self.log.name}")

    def ip(self, *words):
        subprocess.run(["ip", "-n", self.space, *words], check=True)

    def inside(self):
        """Goes before a command that is to run on this machine."""
        return ("nsenter", "-t", str(self.holder.pid), "-m", "-u", "-n", "--")

    def run(self, *command):
        done = subprocess.run([*self.inside(), *command], capture_output=True, text=True)
        require(done.returncode == 0, f"{command[0]} on {self.name}: {done.stderr}")
        return done.stdout

    def remove(self):
        # All that runs there: the bus and Avahi, too.
        pids = subprocess.run(["ip", "netns", "pids", self.space], capture_output=True, text=True).stdout.split()
        for pid in map(int, pids):
            os.kill(pid, signal.SIGKILL)
        end(self.holder)
        subprocess.run(["ip", "netns", "del", self.space], check=False)


class AnnouncedFleet(Fleet):
    def __init__(self, options):
        super().__init__(options, "announced", agents=1)
        self.machines = []
        self.address = f"tcp://{LAB}:{PORT}"

    def __exit__(self, kind, error, trace):
        try:
            super().__exit__(kind, error, trace)
        finally:
            for machine in self.machines:
                machine.remove()

    def build(self):
        self.lab, self.pi = self.machine("lab"), self.machine("pi")
        self.lab.ip("link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", self.pi.space)
        for machine, address in ((self.lab, LAB), (self.pi, PI)):
            machine.ip("addr", "add", f"{address}/24", "dev", "wire")
            machine.ip("link", "set", "wire", "up")
        for machine in self.machines:
            machine.boot()

    def machine(self, name):
        self.machines.append(Machine(self, name))
        return self.machines[-1]

    def start_keyed(self):
        self.coordinator = self.start("coordinator", self.program("signet-coordinator"), "run", self.path("job.toml"),
                                      "--listen", f"tcp://0.0.0.0:{PORT}", "--state", self.path("run.signet"),
                                      "--control", self.control, "--data", self.path("data"), "--progress", "none", before=self.lab.inside())
        wait_until(lambda: self.ask("status"), 30, "the coordinator answers")

    def announce(self):
        text = self.lab.run(self.program("signet-coordinator"), "announce", "--listen", f"tcp://0.0.0.0:{PORT}",
                            "--fleet", self.path("signet.fleet"))
        with open(self.path("signet.service"), "w") as file:
            file.write(text)
        self.lab.run("cp", self.path("signet.service"), "/etc/avahi/services/signet.service")

    def join(self):
        token = self.lab.run(self.program("signet"), "token", "--address", self.address, "--control",
                             self.control).strip()
        self.pi.run(self.program("signet-agent"), "join", token, "--config", self.path("pi.toml"), "--name", "agent-0",
                    "--data", self.path("data"), "--no-start")

    def start_looking(self):
        self.agents[0] = self.start("agent-0", self.program("signet-agent"), "run", "--config", self.path("pi.toml"),
                                    "--coordinator", "mdns", before=self.pi.inside())


def timed(rows, what, done):
    began = time.monotonic()
    done()
    rows.append({"what": what, "seconds": round(time.monotonic() - began, 1)})
    print(f"{what:<60} {rows[-1]['seconds']:>6} s", flush=True)


def body(options, rows):
    with AnnouncedFleet(options) as fleet:
        fleet.build()
        fleet.start_keyed()
        fleet.join()
        fleet.start_looking()
        wait_until(lambda: "no coordinator with the key" in text_of(fleet.agents[0]), 30,
                   "an agent says that nobody is announced")

        def found():
            fleet.announce()
            fleet.await_round(20)
        timed(rows, "announced: from the announcement to votes", found)

        def found_again():
            fleet.lab.ip("addr", "del", f"{LAB}/24", "dev", "wire")
            fleet.lab.ip("addr", "add", f"{LAB_LATER}/24", "dev", "wire")
            fleet.await_round(fleet.must_round() + 20, 120)
        timed(rows, "another address: from the change to votes", found_again)

        def after_restart():
            end(fleet.agents[0])
            fleet.start_looking()
            fleet.await_round(fleet.must_round() + 20)
        timed(rows, "a new start of the agent: to votes", after_restart)
        return "an agent that knows no address found its coordinator each time"


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("./dev mdns: network namespaces need root; run it as root or with sudo")
    run("mdns", options_of("mdns"), body)

#!/usr/bin/python3
"""The yardstick for rounds.py: a sign vote in plain pyzmq and NumPy, as one writes it in an afternoon.

The same work per round as Signet's: every worker packs the signs of d floats, the coordinator takes
the majority of them (a tie is +1) and sends it back, everybody steps d floats by it. No digest, no
store, no deadlines.

  peer_pyzmq.py coordinator PORT DIMENSION ROUNDS WORKERS    prints the end of each round in seconds
  peer_pyzmq.py worker PORT DIMENSION ROUNDS
"""
import os
import sys
import time

import numpy as np
import zmq

RATE = np.float32(1e-4)


def step(parameters, packed):
    signs = np.unpackbits(np.frombuffer(packed, np.uint8), count=parameters.size)
    parameters -= RATE * (2 * signs.astype(np.float32) - 1)


def coordinate(port, dimension, rounds, workers):
    router = zmq.Context().socket(zmq.ROUTER)
    router.bind(f"tcp://127.0.0.1:{port}")
    ends = []
    for number in range(rounds):
        votes = {}
        while len(votes) < workers:
            peer, voted, packed = router.recv_multipart()
            if int(voted) == number:
                votes[peer] = packed
        tally = np.zeros(dimension, np.int16)
        for packed in votes.values():
            tally += np.unpackbits(np.frombuffer(packed, np.uint8), count=dimension)
        update = np.packbits(2 * tally >= workers).tobytes()
        for peer in votes:
            router.send_multipart([peer, update])
        ends.append(time.monotonic())
    print(*ends)


def work(port, dimension, rounds):
    dealer = zmq.Context().socket(zmq.DEALER)
    dealer.connect(f"tcp://127.0.0.1:{port}")
    gradient = np.random.default_rng(os.getpid()).random(dimension, np.float32) - np.float32(0.5)
    parameters = np.zeros(dimension, np.float32)
    for number in range(rounds):
        dealer.send_multipart([b"%d" % number, np.packbits(gradient >= 0).tobytes()])
        step(parameters, dealer.recv())


if __name__ == "__main__":
    {"coordinator": coordinate, "worker": work}[sys.argv[1]](*map(int, sys.argv[2:]))

"""./dev paper: repeats the studies of docs/paper.md. Started by tools/dev/paper.sh, which has
built the programs; `--help` of each study lists its options."""

import argparse
import os

import batches
import combinations
import estimates
import fig1
import fig2
import grid
import liars
import output
import smoothness
import unequal

STUDIES = {
    "fig1": (fig1, "Figure 1 of the paper: the synthetic problem."),
    "fig2": (fig2, "Figure 2 of the paper: rates of its network, tuned and not."),
    "grid": (grid, "The default controller against tuned rates, in many settings."),
    "unequal": (unequal, "Agents with unequal data, against FedAvg."),
    "combinations": (combinations, "Measures against unequal data, alone and together."),
    "batches": (batches, "Boards of different strength, and the weights of their votes."),
    "smoothness": (smoothness, "The L of equation (1): the dimension, tuned, and measured."),
    "estimates": (estimates, "The estimates of equation (1)'s sum, with both L."),
    "liars": (liars, "Agents that lie."),
}


def parse():
    parser = argparse.ArgumentParser(prog="./dev paper", description=__doc__.split(":")[1].strip())
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--binaries", help=argparse.SUPPRESS)
    studies = parser.add_subparsers(dest="study", required=True)
    for name, (module, text) in STUDIES.items():
        study = studies.add_parser(name, help=text, description=text)
        study.add_argument("--json", metavar="FILE", help="write the figures there as well")
        study.add_argument("--processes", type=int, default=os.cpu_count() or 1,
                           help="runs at once (one for each processor)")
        module.add_options(study)
    options = parser.parse_args()
    options.binaries = options.binaries or os.path.join(options.root, "build", "release")
    options.out = os.path.join(options.root, "build", "paper")
    return options


def main():
    options = parse()
    module, _ = STUDIES[options.study]
    text, data, paths = module.run(options)
    if options.json:
        output.write_json(options.json, data)
    print(text)
    for path in paths:
        print(os.path.relpath(path))


if __name__ == "__main__":
    main()

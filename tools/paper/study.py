"""What the studies have in common: cells, and in each cell arms, of which some must choose a rate."""

import dataclasses

import output


def add_only(parser):
    parser.add_argument("--only", metavar="TEXT", action="append",
                        help="only cells whose name holds TEXT, such as mlp or cnn-4; may be given again")


def add_seeds(parser, usual=3):
    """seeds_of() makes numbers of it; --quick, where a study has it, means one."""
    parser.add_argument("--seeds", type=int, metavar="N",
                        help=f"how many ({usual}{'; 1 with --quick' if usual > 1 else ''})")
    parser.set_defaults(usual_seeds=usual)


def seeds_of(options):
    usual = 1 if options.quick else options.usual_seeds
    count = usual if options.seeds is None else options.seeds
    if count < 1:
        output.fail("--seeds takes a number from 1 on")
    return list(range(1, count + 1))


def chosen(cells, only):
    """The cells, tuples of words and numbers, that --only leaves."""
    names = {cell: "-".join(map(str, cell)) for cell in cells}
    left = [cell for cell, name in names.items() if not only or any(text in name for text in only)]
    if not left:
        output.fail(f"--only leaves no cell; there are {', '.join(names.values())}")
    return left


@dataclasses.dataclass(frozen=True)
class Arm:
    """A method, and the rate it was given; None: it finds its own."""

    name: str
    rate: float = None


class Study:
    """Runs of (cell, arm, seed). All rates are tried with the first seed; the other seeds repeat the
    best `kept` rates of each method, and what is called best is so by the mean over all seeds."""

    def __init__(self, runner, seeds, kept, make_run):
        self.runner, self.seeds, self.kept, self.make_run = runner, seeds, kept, make_run
        self.runs = {}
        self.arms = {}

    def measure(self, arms_of_cells):
        """`arms_of_cells`: {cell: [Arm, ...]}."""
        self.arms = arms_of_cells
        self.add((cell, arm, self.seeds[0]) for cell, arms in arms_of_cells.items() for arm in arms)
        self.add((cell, arm, seed) for cell in arms_of_cells for arm in self.promising(cell)
                 for seed in self.seeds[1:])

    def add(self, keys):
        new = {key: self.make_run(*key) for key in keys}
        self.runs.update(new)
        if new:
            self.runner.run_all(list(new.values()))

    def names(self, cell):
        return list(dict.fromkeys(arm.name for arm in self.arms[cell]))

    def promising(self, cell):
        for name in self.names(cell):
            arms = [arm for arm in self.arms[cell] if arm.name == name]
            arms.sort(key=lambda arm: self.accuracies(cell, arm)[0], reverse=True)
            yield from arms[:self.kept]

    def results(self, cell, arm):
        """Of the seeds that were run, in order."""
        return [self.runs[cell, arm, seed].result for seed in self.seeds
                if (cell, arm, seed) in self.runs]

    def accuracies(self, cell, arm):
        return [result["test_accuracy"] or 0.0 for result in self.results(cell, arm)]

    def accuracy(self, cell, arm):
        return output.mean(self.accuracies(cell, arm))

    def best(self, cell, name):
        """The arm of `name` with the best mean over all seeds."""
        arms = [arm for arm in self.arms[cell] if arm.name == name]
        repeated = [arm for arm in arms if len(self.results(cell, arm)) == len(self.seeds)]
        return max(repeated, key=lambda arm: self.accuracy(cell, arm))

    def diverged(self, cell, name):
        """(how many, of how many) runs."""
        told = [result["diverged"] for arm in self.arms[cell] if arm.name == name
                for result in self.results(cell, arm)]
        return sum(told), len(told)

    def by_rate(self, cell, name):
        """{rate: accuracies of the seeds that were run}, for JSON."""
        return {str(arm.rate): self.accuracies(cell, arm) for arm in self.arms[cell]
                if arm.name == name}

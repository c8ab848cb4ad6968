"""Figure 1: the synthetic problem. The data come from signet-figure-1."""

import json
import os
import subprocess

import output
import plots

LABELS = {
    "adaptive": "MH-signSGD, rate of equation (1)",
    "sgd": "SGD, rate 0.05",
    "signsgd": "signSGD, rate 0.05",
    "mh_signsgd": "MH-signSGD, rate 0.05",
    "adaptive_no_noise": "equation (1) without noise",
    "default": "MH-signSGD, Signet's default rate",
}


def add_options(parser):
    parser.add_argument("--seed", type=int, default=1, help="of starting points and noise (1)")
    parser.add_argument("--trials", type=int, default=10, help="how many runs a curve averages (10)")
    parser.add_argument("--iterations", type=int, default=10_000, help="of each run (10000)")


def compute(options):
    program = os.path.join(options.binaries, "fleet", "paper", "signet-figure-1")
    done = subprocess.run(
        [program, "--seed", str(options.seed), "--trials", str(options.trials), "--iterations",
         str(options.iterations), "--threads", str(options.processes)],
        stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        output.fail(f"{program} ended with exit code {done.returncode}")
    return json.loads(done.stdout)


def draw(data, folder):
    settings = data["settings"]
    figure, axes = plots.panels(len(settings["dimensions"]))
    for axis, dimension in zip(axes, settings["dimensions"]):
        for number, (method, label) in enumerate(LABELS.items()):
            curve = next(c for c in data["curves"]
                         if c["method"] == method and c["dimension"] == dimension)
            steps = [k + 1 for k in curve["iteration"]]  # a logarithmic axis has no 0
            axis.plot(steps, curve["mean"], label=label, **plots.style(number))
            if method == "adaptive":
                axis.fill_between(steps, curve["lowest"], curve["highest"], linewidth=0,
                                  alpha=0.15, color=plots.COLOURS[number])
        axis.set(xscale="log", yscale="log", xlim=(1, settings["iterations"] + 1),
                 ylim=(2e-3, 2 * max(settings["dimensions"])), xlabel="iteration k + 1",
                 title=f"d = {dimension}, L = d")
    axes[0].set_ylabel("loss f(x) = x'x / 2")
    figure.suptitle(f"Noise N(0, {settings['noise_deviation']:g}²) on the first coordinate, "
                    f"{settings['samples']} samples; mean of {settings['trials']} trials, and the range "
                    "of equation (1)'s",
                    fontsize=10)
    plots.legend_below(figure, axes, 3)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    return plots.save(figure, folder, "fig1")


def table_of(data):
    dimensions = data["settings"]["dimensions"]
    header = ["method"] + [f"d = {d}: mean ± error, median" for d in dimensions]
    rows = []
    for method, label in LABELS.items():
        cells = []
        for dimension in dimensions:
            name = f"{method}_d{dimension}"
            cells.append(f"{data[name]:.3g} ± {data['standard_error'][name]:.2g}, "
                         f"{data['median'][name]:.3g}")
        rows.append([label] + cells)
    return output.table(header, rows)


def run(options):
    data = compute(options)
    paths = draw(data, options.out)
    settings = data["settings"]
    text = (f"Loss over the last tenth of {settings['iterations']} iterations, over "
            f"{settings['trials']} trials. Seed {settings['seed']}, version "
            f"{settings['version']}, {settings['seconds']:.0f} s.\n\n" + table_of(data))
    output.write_study(options.out, "fig1", text, data)
    return text, data, paths

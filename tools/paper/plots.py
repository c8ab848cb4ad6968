"""One look for all figures: colours that colour-blind readers can tell apart, PNG and SVG."""

import os
import re

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)

import output  # noqa: E402

# Okabe and Ito's palette, and a line style each, so that print in grey works as well.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9"]
STYLES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2))]

matplotlib.rcParams.update({
    "figure.dpi": 110,
    "savefig.dpi": 150,
    "font.size": 10,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    # The same data give the same file.
    "svg.hashsalt": "signet",
    "svg.fonttype": "none",
})


def panels(count, width=5.0, height=3.8, columns=3, share_y=True):
    """`count` axes, in rows of at most `columns`."""
    columns = min(count, columns)
    rows = -(-count // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(width * columns, height * rows),
                                sharey=share_y, squeeze=False)
    for spare in axes.flat[count:]:
        spare.set_visible(False)
    return figure, list(axes.flat[:count])


def style(number):
    """Colour and line style of curve `number`."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": STYLES[number % len(STYLES)]}


def legend_below(figure, axes, columns):
    """One legend for all axes."""
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=columns, bbox_to_anchor=(0.5, -0.02))


def save(figure, folder, name):
    """Writes name.png and name.svg; returns the paths."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for ending in ("png", "svg"):
        path = os.path.join(folder, f"{name}.{ending}")
        metadata = {"Date": None} if ending == "svg" else {}
        figure.savefig(path, bbox_inches="tight", metadata=metadata)
        paths.append(path)
    round_numbers(paths[-1])
    plt.close(figure)
    return paths


def round_numbers(path):
    """A tenth of a point is finer than any screen, and half as long as what matplotlib writes."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    output.write_text(path, re.sub(r"(\d\.\d)\d+", r"\1", text))

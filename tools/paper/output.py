"""Tables in markdown, JSON files, and what is said on the way."""

import json
import os
import sys


def table(header, rows):
    """A markdown table; cells are text."""
    cells = [header] + rows
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row):
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"

    ruler = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(header), ruler] + [line(row) for row in rows]) + "\n"


def write_text(path, text):
    """Writes a file whole or not at all: a broken-off study leaves no half of one."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    partial = f"{path}.{os.getpid()}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, path)


def write_json(path, value):
    """The same for JSON; a figure that is not finite is null there, as JSON knows none."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def write_study(folder, name, text, data):
    """The study's table as NAME.md and its figures as NAME.json."""
    write_text(os.path.join(folder, f"{name}.md"), text)
    write_json(os.path.join(folder, f"{name}.json"), data)


def number(value, digits=4):
    """0.1234 in so many digits; a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def mean(values):
    """Mean of those that are there; None without any."""
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def fail(text):
    """Ends the program with a sentence."""
    sys.exit(f"./dev paper: {text}")

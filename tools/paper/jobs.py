"""Jobs of the studies: those of jobs/, with some keys set."""

import gzip
import os
import re

import numpy

import output

MODELS = ("softmax", "mlp", "cnn")
SETS = ("fashion", "digits")


def shipped(root, name):
    with open(os.path.join(root, "jobs", f"{name}.toml"), encoding="utf-8") as file:
        return file.read()


def as_toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def with_keys(text, keys):
    """Sets {"table.key": value} in the text of a job. A table must be there; None takes a key out."""
    for name, value in keys.items():
        table, key = name.split(".")
        parts = re.split(r"(?m)^(?=\[)", text)
        at = next((i for i, part in enumerate(parts) if part.startswith(f"[{table}]")), None)
        if at is None:
            parts.append(f"\n[{table}]\n")
            at = len(parts) - 1
        parts[at] = re.sub(rf"(?m)^{key} *=.*\n", "", parts[at])
        if value is not None:
            head, _, rest = parts[at].partition("\n")
            parts[at] = f"{head}\n{key} = {as_toml(value)}\n{rest}"
        text = "".join(parts)
    return text


def digits_folder(out):
    """The 1,797 digits of 8x8 pixels (E. Alpaydin, C. Kaynak, 1998, UCI) that Debian ships with
    scikit-learn, as .npy files: every fifth sample is for testing, the others are for training."""
    folder = os.path.join(out, "data", "digits")
    names = [f"{part}-{what}.npy" for part in ("train", "test") for what in ("features", "labels")]
    if all(os.path.exists(os.path.join(folder, name)) for name in names):
        return folder
    source = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
    if not os.path.exists(source):
        output.fail(f"there is no {source}; it is in Debian's package python3-sklearn")
    with gzip.open(source, "rt", encoding="ascii") as file:
        rows = numpy.loadtxt(file, delimiter=",").astype(numpy.uint8)
    testing = numpy.arange(len(rows)) % 5 == 4
    os.makedirs(folder, exist_ok=True)
    for part, chosen in (("train", rows[~testing]), ("test", rows[testing])):
        numpy.save(os.path.join(folder, f"{part}-features.npy"), chosen[:, :-1].reshape(-1, 8, 8))
        numpy.save(os.path.join(folder, f"{part}-labels.npy"), chosen[:, -1])
    return folder

"""The second data set of the grid."""

import gzip
import os

import numpy

import output

SOURCE = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"


def folder_with_digits(out):
    """The 1,797 digits of 8x8 pixels (E. Alpaydin, C. Kaynak, 1998, UCI) that Debian ships with
    scikit-learn, as .npy files: every fifth sample is for testing, the others are for training."""
    folder = os.path.join(out, "data", "digits")
    names = [f"{part}-{what}.npy" for part in ("train", "test") for what in ("features", "labels")]
    if all(os.path.exists(os.path.join(folder, name)) for name in names):
        return folder
    if not os.path.exists(SOURCE):
        output.fail(f"there is no {SOURCE}; it is in Debian's package python3-sklearn")
    with gzip.open(SOURCE, "rt", encoding="ascii") as file:
        rows = numpy.loadtxt(file, delimiter=",").astype(numpy.uint8)
    testing = numpy.arange(len(rows)) % 5 == 4
    os.makedirs(folder, exist_ok=True)
    for part, chosen in (("train", rows[~testing]), ("test", rows[testing])):
        numpy.save(os.path.join(folder, f"{part}-features.npy"), chosen[:, :-1].reshape(-1, 8, 8))
        numpy.save(os.path.join(folder, f"{part}-labels.npy"), chosen[:, -1])
    return folder

"""Jobs of the studies: those of jobs/, with some keys set."""

import os
import re


def shipped(root, name):
    with open(os.path.join(root, "jobs", f"{name}.toml"), encoding="utf-8") as file:
        return file.read()


def as_toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def with_keys(text, keys):
    """Sets {"table.key": value} in the text of a job; None takes a key out."""
    for name, value in keys.items():
        table, key = name.split(".")
        parts = re.split(r"(?m)^(?=\[)", text)
        at = next((i for i, part in enumerate(parts) if part.startswith(f"[{table}]")), None)
        if at is None:
            parts.append(f"[{table}]\n")
            at = len(parts) - 1
        parts[at] = re.sub(rf"(?m)^{key} *=.*\n", "", parts[at])
        if value is not None:
            head, _, rest = parts[at].partition("\n")
            parts[at] = f"{head}\n{key} = {as_toml(value)}\n{rest}"
        text = "".join(parts)
    return text

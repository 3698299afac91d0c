# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' documentation as ``ansible-doc`` returns it, and the comparison of results with it."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools import workspace

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("dokploy_*.py"))

# What every result of Ansible can have.
COMMON = frozenset(["changed", "exception", "failed", "invocation", "msg", "warnings"])

# Dictionaries whose keys are the user's own words, or the server's.
FREE_FORM = frozenset(
    "env build_args build_secrets labels driver_opts monitoring response headers before after document".split()
)

# What results have besides the sample of a value, as the guide to results says.
BESIDES_SAMPLE: Mapping[str, Mapping[str, Any]] = {
    "diff": {name: {"type": "str"} for name in ("before_header", "after_header")},
}

TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
}


@functools.cache
def documentation() -> dict[str, Any]:
    """Of each module ``doc``, ``examples`` and ``return``, with the fragments merged in."""
    names = ["community.dokploy." + name for name in MODULES]
    done = subprocess.run(
        [workspace.VENV / "bin/ansible-doc", "--json", "--type", "module", *names],
        env=workspace.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return {name: found["community.dokploy." + name] for name in MODULES if "community.dokploy." + name in found}


def short_example(module: str) -> dict[str, Any] | None:
    """The arguments of the example in the synopsis of a module, if there is one."""
    written = re.compile(rf"A short example: C\(community\.dokploy\.{module}: (\{{.+\}})\)\.")
    found = [match for line in documentation()[module]["doc"]["description"] if (match := written.fullmatch(line))]
    return yaml.safe_load(found[0][1]) if found else None


def plays(examples: str, head: str) -> str:
    """A playbook of examples: their tasks in one play, and then the plays that are among them.

    :param head: the play of the tasks, up to C(tasks:); other plays have the same C(gather_facts) and defaults.
    """
    items = [item.strip("\n") + "\n" for item in re.split(r"\n(?=- name:)", examples.strip("\n"))]
    whole = [item for item in items if "\n  hosts: " in item]
    tasks = "\n".join(item for item in items if item not in whole)
    settings = head[head.index("  gather_facts:") : head.index("  tasks:")]
    own = [item.replace("  gather_facts: false\n", settings) for item in whole]
    return "\n".join([head + textwrap.indent(tasks, "    "), *own])


def text(described: Mapping[str, Any]) -> str:
    """The description of an option or of a return value, in one line."""
    words = described.get("description") or []
    return " ".join(" ".join(str(word).split()) for word in ([words] if isinstance(words, str) else words))


def contents(name: str, described: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a return value contains: as it is documented, or as its sample has it."""
    if "contains" in described or name in FREE_FORM:
        found: Mapping[str, Any] = described.get("contains") or {}
        return found
    sample = described.get("sample")
    item = sample[0] if isinstance(sample, list) and sample else sample
    shown = item if isinstance(item, Mapping) else {}
    return {**{key: _as_shown(value) for key, value in shown.items()}, **BESIDES_SAMPLE.get(name, {})}


def _as_shown(sample: Any) -> dict[str, Any]:
    """A value of a sample in the terms of the documentation."""
    found: dict[str, Any] = {"type": _type_of(sample), "sample": sample}
    if isinstance(sample, list):
        found["elements"] = _type_of(sample[0]) if sample else "raw"
    return found


def _type_of(sample: Any) -> str:
    return {str: "str", bool: "bool", int: "int", float: "float", dict: "dict", list: "list"}.get(type(sample), "raw")


def undocumented(result: Mapping[str, Any], returns: Mapping[str, Any]) -> list[str]:
    """What a result has that the documentation does not say, or says otherwise."""
    return [problem for problem in _problems("", result, returns) if problem]


def seen(result: Mapping[str, Any], returns: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The dotted paths of documented return values that a result has with a value."""
    for name, value in result.items():
        if name not in returns or value is None:
            continue
        own = f"{path}{name}"
        yield own
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping) and name not in FREE_FORM:
                yield from seen(item, contents(name, returns[name]), own + ".")


def paths(returns: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The dotted paths of all documented return values."""
    for name, described in returns.items():
        yield f"{path}{name}"
        yield from paths(contents(name, described), f"{path}{name}.")


def _problems(path: str, result: Mapping[str, Any], returns: Mapping[str, Any]) -> Iterator[str]:
    for name, value in result.items():
        own = f"{path}{name}"
        if name not in returns:
            if path or name not in COMMON:
                yield f"{own} is not documented"
            continue
        described = returns[name]
        if value is None or described["type"] == "raw":
            continue
        if not isinstance(value, TYPES[described["type"]]) or (described["type"] != "bool" and isinstance(value, bool)):
            yield f"{own} is documented as {described['type']} and is {value!r}"
            continue
        items = value if isinstance(value, list) else [value]
        if isinstance(value, list):
            wrong = [item for item in items if not isinstance(item, TYPES.get(described["elements"], (object,)))]
            if wrong:
                yield f"{own} is documented to hold {described['elements']} and holds {wrong[0]!r}"
        for item in items:
            if isinstance(item, Mapping) and name not in FREE_FORM:
                yield from _problems(own + ".", item, contents(name, described))

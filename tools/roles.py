# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describe the options that roles pass on to modules as the modules do: ``python -m tools.roles``.

Replaces the descriptions in C(roles/*/meta/argument_specs.yml). Types, choices and defaults are compared by the tests.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tools.workspace import ROOT

ROLES = ROOT / "roles"
WIDTH = 120
# What a role means by these is its own: where something is, and what is to become of it.
OWN = frozenset("name state project environment project_id environment_id application_id force wait_timeout".split())


@dataclass(frozen=True)
class Place:
    """Where a role has the options of a module: below the options of C(path), their names with C(prefix)."""

    role: str
    module: str
    path: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def words(self) -> str:
        return "".join(f"{name}[]." for name in self.path) + self.prefix


PLACES = (
    Place("application", "dokploy_application", prefix="application_"),
    Place("setup", "dokploy_project", ("setup_projects",)),
    Place("setup", "dokploy_environment", ("setup_projects", "environments")),
    Place("setup", "dokploy_application", ("setup_projects", "environments", "applications")),
)


def documented(module: str) -> dict[str, Any]:
    """The options in the documentation of a module."""
    tree = ast.parse((ROOT / f"plugins/modules/{module}.py").read_text())
    (text,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION"
    )
    options: dict[str, Any] = yaml.safe_load(text)["options"]
    return options


def paragraphs(option: Mapping[str, Any], names: frozenset[str], place: Place) -> list[str]:
    """The description of an option, with references to the options of the role."""
    found = option["description"]

    def reference(match: re.Match[str]) -> str:
        kind, target = match.groups()
        # Another module's.
        if "#" in target:
            return match[0]
        if kind == "O" and re.split(r"[.\[=]", target)[0] in names:
            return f"O({place.words}{target})"
        return f"{kind}(community.dokploy.{place.module}#module:{target})"

    texts = [found] if isinstance(found, str) else found
    plain = [text for text in texts if "{{" not in text]
    if len(plain) < len(texts):
        # Ansible takes them for templates, since a role's argument specification is an argument of a task.
        plain.append(f"M(community.dokploy.{place.module}) documents what double braces in a value mean.")
    return [re.sub(r"\b(O|RV)\(((?:[^()\\]|\\.)*)\)", reference, text) for text in plain]


def changes(
    options: yaml.MappingNode, described: Mapping[str, Any], place: Place
) -> Iterator[tuple[int, int, list[str]]]:
    """The first line, the line after the last one, and the new lines of each description."""
    names = frozenset(described) - OWN
    yield from _changes(options, {place.prefix + name: described[name] for name in names}, names, place, place.words)


def _changes(
    options: yaml.MappingNode, described: Mapping[str, Any], names: frozenset[str], place: Place, path: str
) -> Iterator[tuple[int, int, list[str]]]:
    aliases = {alias: name for name, one in described.items() for alias in one.get("aliases", ())}
    for key, value in options.value:
        option = described.get(key.value)
        if option is not None:
            texts = paragraphs(option, names, place)
        elif key.value in aliases:
            texts = [f"Another name for O({path}{aliases[key.value]})."]
        else:
            continue
        keys = [part for part, _value in value.value]
        (number,) = (number for number, part in enumerate(keys) if part.value == "description")
        following = keys[number + 1]
        first = keys[number].start_mark
        yield first.line, following.start_mark.line, _lines(texts, " " * first.column)
        inner = {part.value: node for part, node in value.value}.get("options")
        if option is not None and inner is not None:
            joint = "[]." if option["type"] == "list" else "."
            above = path.removesuffix(place.prefix) if place.prefix else path
            yield from _changes(inner, option["suboptions"], names, place, above + key.value + joint)


def _lines(texts: list[str], indent: str) -> list[str]:
    def wrapped(text: str, margin: str) -> list[str]:
        return textwrap.wrap(
            text,
            WIDTH,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )

    if len(texts) == 1:
        return [f"{indent}description: >-", *wrapped(texts[0], indent + "  ")]
    lines = [f"{indent}description:"]
    for text in texts:
        lines += [f"{indent}  - >-", *wrapped(text, indent + "    ")]
    return lines


def generated(role: str, text: str = "") -> str:
    """The argument specification of a role with the descriptions of the modules.

    :param text: what it is before; the file, if it is left out.
    """
    text = text or (ROLES / role / "meta/argument_specs.yml").read_text()
    lines = text.splitlines()
    root = _at(yaml.compose(text), "argument_specs", "main", "options")
    found = []
    for place in PLACES:
        if place.role == role:
            options = root
            for name in place.path:
                options = _at(options, name, "options")
            found += list(changes(options, documented(place.module), place))
    for first, after, replacement in sorted(found, reverse=True):
        lines[first:after] = replacement
    return "\n".join(lines) + "\n"


def _at(node: Any, *names: str) -> Any:
    for name in names:
        node = next(value for key, value in node.value if key.value == name)
    return node


def main() -> int:
    """Entry point; returns the exit status."""
    for role in sorted({place.role for place in PLACES}):
        (ROLES / role / "meta/argument_specs.yml").write_text(generated(role))
    return 0


if __name__ == "__main__":
    sys.exit(main())

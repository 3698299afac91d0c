# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of YAML in the documentation: of the README, the guides, the roles and the examples of all plugins."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible.playbook.task import Task

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import OPERATION
from tests.guides.snippets import snippets
from tools import workspace
from tools.workspace import ROOT

YAML = ("yaml", "yaml+jinja")
# The head of a block in a page, whatever follows it.
HEAD = re.compile(r"^ *(?:\.\. (?:code-block|code|sourcecode)::|```(?=\S)|(?!\.\. |``).*::$)", re.M)
# Keywords of tasks that are not actions; `loop` and the like are among the attributes.
KEYWORDS = frozenset(Task.fattributes) | {"local_action", "args"}


class Loader(yaml.SafeLoader):
    """YAML with the tags of Ansible."""


def _text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


for tag in ("!unsafe", "!vault"):
    Loader.add_constructor(tag, _text)


@dataclass(frozen=True)
class Block:
    """One block.

    :param place: the page, or the plugin whose example it is, as a path from the top of the repository.
    :param number: which one of the place.
    :param section: the label of the part of a guide that it is in, without the name of the collection.
    """

    place: str
    number: int
    text: str
    file: str | None = None
    section: str = ""

    @property
    def part(self) -> str:
        """The label of the guide, or of the part of one, that it is in, or else the place."""
        return self.section or self.place

    @property
    def name(self) -> str:
        return f"{self.place}:{self.number}"

    @property
    def first_line(self) -> str:
        return self.text.split("\n", 1)[0]

    @functools.cached_property
    def documents(self) -> list[Any]:
        return list(yaml.load_all(self.text, Loader))

    @property
    def kind(self) -> str:
        """C(playbook), C(tasks), C(play) (the parts of one), C(options) of an application, C(rulebook) or C(other)."""
        if len(self.documents) != 1:
            return "other"
        (data,) = self.documents
        if isinstance(data, list) and all(isinstance(item, Mapping) for item in data):
            if all("sources" in item for item in data):
                return "rulebook"
            if all({"hosts", "ansible.builtin.import_playbook"} & set(item) for item in data):
                return "playbook"
            return "tasks" if all("name" in item and item.keys() - KEYWORDS - {"name"} for item in data) else "other"
        if isinstance(data, Mapping) and self.file is None:
            if data.keys() <= {"tasks", "handlers"}:
                return "play"
            return "options" if data.keys() <= OPERATION.argument_spec.keys() else "other"
        return "other"

    def tasks(self) -> Iterator[Mapping[str, Any]]:
        """All tasks in it, those in blocks, too."""
        for data in self.documents:
            if self.kind == "playbook":
                for play in data:
                    yield from _tasks(play)
            elif self.kind == "tasks":
                for task in data:
                    yield from _tasks({"tasks": [task]})
            elif self.kind == "play":
                yield from _tasks(data)


def _tasks(parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for part in ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always"):
        for task in parent.get(part, ()):
            yield task
            yield from _tasks(task)


def pages() -> list[Path]:
    """Every page of the repository."""
    return [ROOT / name for name in workspace.tracked_files() if name.endswith((".md", ".rst"))]


def heads(page: Path) -> int:
    """How many blocks begin in a page, by a pattern that knows nothing of what is in them."""
    return len(HEAD.findall(page.read_text("utf-8")))


@functools.cache
def of_pages() -> tuple[Block, ...]:
    return tuple(
        Block(
            page.relative_to(ROOT).as_posix(),
            number,
            snippet.text.rstrip("\n") + "\n",
            snippet.file,
            snippet.section,
        )
        for page in pages()
        for number, snippet in enumerate(snippets(page), 1)
        if snippet.language in YAML
    )


def _divided(text: str) -> list[str]:
    """The parts of an example that has plays between its tasks: plays, and the tasks before, between and after them."""
    is_play = re.compile(r"^  hosts: ", re.M).search
    if not is_play(text):
        return [text]
    comment, *items = re.split(r"(?m)^(?=- )", text)
    items[0] = comment + items[0]
    groups = itertools.groupby(items, lambda item: is_play(item) is not None)
    return ["".join(group).rstrip("\n") + "\n" for _kind, group in groups]


@functools.cache
def of_plugins() -> tuple[Block, ...]:
    """The examples of all plugins, modules among them."""
    found = []
    for name in workspace.tracked_files():
        if name.startswith(("plugins/", "extensions/")) and name.endswith(".py"):
            for node in ast.parse((ROOT / name).read_text("utf-8")).body:
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
                    text = textwrap.dedent(ast.literal_eval(node.value)).strip("\n") + "\n"
                    found += [Block(name, number, part) for number, part in enumerate(_divided(text), 1)]
    for name in workspace.tracked_files():
        if name.startswith("plugins/") and name.endswith((".yml", ".yaml")) and "/filter/" in name:
            found.append(Block(name, 1, yaml.safe_load((ROOT / name).read_text("utf-8"))["EXAMPLES"]))
    return tuple(found)

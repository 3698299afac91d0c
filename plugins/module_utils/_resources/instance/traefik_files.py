# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Further files of Traefik's configuration, each at its path below Dokploy's folder for Traefik.

Dokploy writes to any path and answers C(true) even when it cannot write, as into a folder that does not exist, and no
procedure makes a folder or removes a file (source of 0.30.2, measured). So a path is checked here, and the file is read
again after the write.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set

from ..._api.client import Call
from ..._engine.execute import Executor
from ..._engine.flow import ResourcePlan
from ..._engine.plan import Outcome, Step, Write
from ..._engine.runner import Context
from ..._errors import NotApplied, OptionError
from ..._model.argspec import Spec
from ..._reads.rows import valid
from ..._secrets.masking import MASK
from ..._values import yaml_text
from ..._values.schema import ANY, ID, TEXT, Shape, list_of, needed, object_of
from .traefik_content import any_file, dynamic_file, ignored_keys
from .traefik_facts import EMPTY

OPTIONS: Spec = {
    "type": "list",
    "elements": "dict",
    "options": {
        "path": {"type": "str", "required": True},
        "content": {"type": "raw", "required": True, "no_log": True},
    },
}

_PATH = re.compile(r"(?!.*(?:\A|/)\.{1,2}(?:/|\Z))(?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_.-]+\.ya?ml\Z")
_LONGEST = 255
# The files that other options manage.
# How many folders are in each other.
_FOLDERS = 5


def _folder(depth: int) -> Shape:
    """What is in a folder: files, and folders with what is in them."""
    return list_of(object_of(id=ID, type=needed(TEXT), children=_folder(depth - 1) if depth else ANY))


ANSWERS = {"settings.readDirectories": needed(_folder(_FOLDERS)), "settings.readTraefikFile": TEXT}
_OTHERS = {"traefik.yml": "traefik.config", "dynamic/middlewares.yml": "traefik.middlewares"}
# Where Dokploy has them, if it shows none.
_FOLDER = "/etc/dokploy/traefik"
# What the diff shows of a content, which is secret.
_OLD, _NEW = MASK + " (old)", MASK + " (new)"


@dataclass(frozen=True)
class TraefikFile:
    """A stated file.

    :param path: below the folder. :param place: on the server. :param current: C(None) if there is none.
    """

    path: str
    place: str
    text: str
    current: Optional[str]

    @property
    def same(self) -> bool:
        return self.current is not None and yaml_text.same(self.text, self.current)


def stated_texts(params: Mapping[str, Any]) -> Dict[str, str]:
    """The contents of the stated files, by their paths.

    :raises OptionError: a path or a content is invalid.
    """
    stated = (params["traefik"] or {}).get("files") or []
    texts: Dict[str, str] = {}
    for item in stated:
        path = item["path"]
        _check(path)
        if path in texts:
            raise OptionError("traefik.files: the path %r is stated twice" % path)
        try:
            texts[path] = _text(path, item["content"])
        except ValueError as error:
            raise OptionError("traefik.files: the content of %s: %s" % (path, error)) from error
    return texts


def stated_files(context: Context) -> List[TraefikFile]:
    """The stated files and what is in their places.

    :raises OptionError: the folder of a new file does not exist.
    """
    texts = stated_texts(context.params)
    ignored = [(path, ignored_keys(text)) for path, text in texts.items() if _is_dynamic(path)]
    context.warn("traefik.files: the content of %s: %s." % entry for entry in ignored if entry[1])
    if not texts:
        return []
    tree = context.client.query("settings.readDirectories")
    root = posixpath.dirname(tree[0]["id"]) if tree else _FOLDER
    there, folders = set(paths_in_tree(tree, "file")), {root, *paths_in_tree(tree, "directory")}
    places = {path: posixpath.join(root, path) for path in texts}
    _check_folders(places, folders)
    wanted = [path for path, place in places.items() if place in there]
    answers = context.client.call_many([Call("settings.readTraefikFile", {"path": places[path]}) for path in wanted])
    current = {path: valid(answer) for path, answer in zip(wanted, answers)}
    return [TraefikFile(path, places[path], text, current.get(path)) for path, text in texts.items()]


def _text(path: str, content: Any) -> str:
    """:raises ValueError: the content is invalid."""
    if content == "":
        return EMPTY
    return dynamic_file(content) if _is_dynamic(path) else any_file(content)


def _is_dynamic(path: str) -> bool:
    """Whether Traefik reads it by itself."""
    return path.startswith("dynamic/")


def _check(path: str) -> None:
    if len(path) > _LONGEST or not _PATH.match(path):
        raise OptionError(
            "traefik.files: the path %r must be relative to Dokploy's folder for Traefik and end with .yml or .yaml, "
            "such as dynamic/company.yml. Letters, digits, '_', '-' and '.' are allowed" % path[: _LONGEST + 1]
        )
    if path in _OTHERS:
        raise OptionError("traefik.files: use %s for the file %s" % (_OTHERS[path], path))


def _check_folders(places: Mapping[str, str], folders: Set[str]) -> None:
    for path, place in places.items():
        if posixpath.dirname(place) not in folders:
            raise OptionError(
                "traefik.files: the folder of %s does not exist, and Dokploy has no procedure that makes one" % path,
                hint="Use the folder dynamic, or make the folder on the server.",
            )


def paths_in_tree(nodes: Sequence[Mapping[str, Any]], kind: str) -> Iterator[str]:
    """The paths of all files, or of all folders, in a tree."""
    for node in nodes:
        if node.get("type") == kind:
            yield str(node["id"])
        yield from paths_in_tree(node.get("children") or [], kind)


def plan_files(files: Sequence[TraefikFile], planned: ResourcePlan) -> ResourcePlan:
    """The plan with the files that differ at its end."""
    different = [file for file in files if not file.same]
    if not different:
        return planned
    before, after = (
        {"traefik": {**(old.get("traefik") or {}), "files": {file.path: _shown(file, side) for file in different}}}
        for side, old in (("before", planned.difference.before), ("after", planned.difference.after))
    )
    return planned.also([WriteFile(file) for file in different], before, after)


@dataclass(frozen=True)
class WriteFile(Step):
    """Write a file, and look whether the server has it."""

    file: TraefikFile

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises NotApplied: the server accepted it, but does not have it."""
        body = {"path": self.file.place, "traefikConfig": self.file.text}
        executor.write(Write("settings.updateTraefikFile", body), outcome)
        text = executor.client.query("settings.readTraefikFile", {"path": self.file.place})
        if text is None or not yaml_text.same(self.file.text, text):
            raise NotApplied(
                "traefik.files: the server accepted %s, but does not have it" % self.file.path,
                hint="Dokploy cannot write to the folder of the file.",
            )


def _shown(file: TraefikFile, side: str) -> Optional[str]:
    if side == "after":
        return _NEW
    return None if file.current is None else _OLD

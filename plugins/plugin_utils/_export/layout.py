# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files an exported document becomes: one, or one for each project and one for the rest of the instance."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Set

from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import HEAD

#: The file of what is in no project, and the folder of those of projects.
INSTANCE, PROJECTS = "instance.yml", "projects"

# The most characters of a name, each of which has up to four bytes: file systems have 255 for it, with its ending.
_LONGEST = 60


@dataclass(frozen=True)
class DocumentFile:
    """What one file has of a document.

    :param name: the path from the folder; empty for a single file.
    :param comments: each C({path, text}), with a path of the part.
    """

    name: str
    document: Mapping[str, Any]
    comments: Sequence[Mapping[str, Any]]


def document_files(document: Mapping[str, Any], comments: Sequence[Mapping[str, Any]]) -> List[DocumentFile]:
    """The files in a folder, in the order in which they are read."""
    # Each begins with its name, or with its ID if another one has the name.
    projects = document.get("projects") or []
    rest = {key: value for key, value in document.items() if key != "projects"}
    of_project: Dict[int, List[Mapping[str, Any]]] = {}
    of_rest = []
    for comment in comments:
        path = comment["path"]
        if path[:1] == ["projects"] and len(path) > 1 and path[1] in range(len(projects)):
            of_project.setdefault(path[1], []).append({**comment, "path": ["projects", 0, *path[2:]]})
        else:
            of_rest.append(comment)
    common = {key: value for key, value in rest.items() if key in HEAD}
    names = file_names([str(next(iter(project.values()), "")) for project in projects])
    parts = [
        DocumentFile("%s/%s" % (PROJECTS, name), {**common, "projects": [project]}, of_project.get(index, []))
        for index, (name, project) in enumerate(zip(names, projects))
    ]
    parts.sort(key=lambda part: part.name)
    if not parts or of_rest or len(rest) > len(common):
        parts.insert(0, DocumentFile(INSTANCE, rest, of_rest))
    return parts


def read_as(parts: Sequence[DocumentFile]) -> Dict[str, Any]:
    """The document that parts make in their order."""
    document: Dict[str, Any] = {}
    for part in parts:
        for key, value in part.document.items():
            document[key] = [*document.get(key, []), *value] if key == "projects" else value
    return document


def file_names(names: Sequence[str]) -> List[str]:
    """A file name for each name. They differ on any file system, also on one without upper and lower case."""
    wanted = [_safe(name) for name in names]
    chosen: Dict[int, str] = {}
    taken: Set[str] = set()
    own = {_folded(name) for name in wanted}
    # Those that need no change first.
    for index in sorted(range(len(names)), key=lambda index: (wanted[index] != names[index], names[index], index)):
        number, name = 1, wanted[index]
        while _folded(name) in taken or (number > 1 and _folded(name) in own):
            number += 1
            name = "%s-%d" % (wanted[index], number)
        taken.add(_folded(name))
        chosen[index] = "%s.yml" % name
    return [chosen[index] for index in range(len(names))]


def _safe(name: str) -> str:
    """A name without what a file system, a shell or Git could take for something else."""
    text = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", name))[:_LONGEST].strip(".-")
    return text or "project"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())

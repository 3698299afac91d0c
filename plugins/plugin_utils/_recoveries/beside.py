# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of a backup set that comes back beside the living one: under which name, and without what. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import enumerated
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined, split, unescaped

Row = Mapping[str, Any]

# What acts on others, or on the data of the living one.
_HELD = ("domains", "schedules", "backups")
_DUMP = "dump"
_ONE_PATH = "recover_beside needs recover_only with one path of a service, such as shop/production/db."


def recovery_beside(saved: Row, only: Sequence[str], name: str) -> Dict[str, Any]:
    """How a service comes back beside the living one.

    :param saved: the content of C(archives.yml). :param only: the paths of C(recover_only).
    :return: C(mistakes), one sentence for each. Without one, also C(path) and C(names) of the living one, its C(kind)
        and its C(type), C(beside), the path of the other one, and the options C(hold), C(rename) and C(rename_rules) of
        C(dokploy_manifest).
    """
    names = _names(only)
    if len(names) != 3:
        return {"mistakes": [_ONE_PATH]}
    if not name.strip("/ ") or "/" in name or name == names[-1]:
        return {"mistakes": ["recover_beside takes a name that the environment does not have, without a slash."]}
    path, beside = joined(names), joined((*names[:-1], name))
    archives = archives_of(saved, path)
    if not archives:
        paths = sorted({str(archive["path"]) for archive in saved.get("archives") or ()})
        text = "recover_only: the set has no archive of %s; it has archives of %s."
        return {"mistakes": [text % (path, enumerated(paths) if paths else "nothing")]}
    kind = str(archives[0]["kind"])
    return {
        "mistakes": [],
        "path": path,
        "names": list(names),
        "kind": kind,
        "type": archives[0].get("database_type") if kind == "database" else None,
        "beside": beside,
        "hold": _held(kind, archives),
        "rename": {path: beside},
        "rename_rules": {
            "ports": {"*": 0},
            "volumes": {"*": "{}-" + name},
            "paths": {"*": "{}-" + name},
        },
    }


def _names(only: Sequence[str]) -> Tuple[str, ...]:
    """The names in a path; none if several are stated, or a pattern."""
    if len(only) != 1 or any(sign in only[0] for sign in "*?["):
        return ()
    return tuple(unescaped(part) for part in split(only[0]))


def archives_of(saved: Row, path: str) -> List[Row]:
    """The archives of a service, by its path."""
    return [archive for archive in saved.get("archives") or () if archive.get("path") == path]


def _held(kind: str, archives: Sequence[Row]) -> List[str]:
    """What is left out. Containers of an application would do the work of the living one; only a dump needs a stack."""
    needs_containers = kind == "database" or any(archive.get("method") == _DUMP for archive in archives)
    return [*_HELD] if needs_containers else [*_HELD, "containers"]

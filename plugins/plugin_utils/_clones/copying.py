# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the copy of an environment takes of a plan: its masks, what it replaces, and what it must not touch."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List, Mapping, Sequence

Change = Mapping[str, Any]

#: What is beside the copy is only created, never a server, which two Dokploys would manage.
BESIDE = ("destination", "registry", "ssh_key", "git_provider", "network", "tag")
_LIVE = re.compile("it exists|it was restored")


def clone_masks(masks: Sequence[Mapping[str, Any]], source: str) -> List[Dict[str, Any]]:
    """Masks with the texts of their files and the paths of their services, as C(masks) of a document takes them.

    :param masks: mappings with name, service, and one of sql, sql_file, script and script_file.
    :param source: the path of the original environment.
    :raises OSError: a file cannot be read. :raises UnicodeDecodeError: it is no text.
    """
    made = []
    for mask in masks:
        service = str(mask.get("service") or "")
        known = {"name": mask.get("name") or "", "service": service if "/" in service else source + "/" + service}
        for option in ("sql", "script"):
            file = mask.get(option + "_file")
            if mask.get(option):
                known[option] = mask[option]
            elif file:
                known[option] = _text(file)
        if mask.get("image"):
            known["image"] = mask["image"]
        made.append(known)
    return made


def _text(path: str) -> str:
    """The text of a file as a lookup reads it: without the line feed at its end."""
    with open(os.path.abspath(path), encoding="utf-8") as file:
        return file.read().rstrip()


def clone_foreign(changes: Sequence[Change], target: str, with_project: bool) -> List[str]:
    """The changes of a plan that are not to the copy, each as a line.

    :param target: the path of the copy. :param with_project: the project of the copy may change, too.
    """
    project = target.split("/")[0]
    return [
        " ".join((change["action"], change["kind"], change["path"]))
        for change in changes
        if not _is_of_copy(change, target, project if with_project else None)
    ]


def _is_of_copy(change: Change, target: str, project: Any) -> bool:
    if (change["path"] + "/").startswith(target + "/"):
        return True
    if change["kind"] == "project" and change["path"] == project:
        return True
    # The environment that Dokploy makes in each project.
    return change["action"] == "create" and change["kind"] in ("environment", *BESIDE)


def clone_replaced(changes: Sequence[Change], archives: Sequence[Mapping[str, Any]]) -> List[str]:
    """The paths of services that exist and do not have the data of their archives yet.

    Also those of which a run that was killed has restored nothing yet.
    """
    created = {change["path"] for change in changes if change["action"] == "create"}
    paths = []
    for archive in archives:
        is_kept = archive["action"] == "none" and _LIVE.match(archive.get("reason") or "")
        is_left = archive["action"] == "restore" and archive["path"] not in created
        if is_kept or is_left:
            paths.append(archive["path"])
    return list(dict.fromkeys(paths))

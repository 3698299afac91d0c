# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is checked of a changed database before it is written: Dokploy stores anything, and a later deployment fails."""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Mapping

from ..._engine.diff import Diff, Judgement
from ..._engine.state import State
from ..._errors import OptionError, Refused
from ..._model.resource import ChangeCheck, Resource
from .passwords import PASSWORDS_IN_PLACE, note_passwords
from .ports import DIFFERENT_PORTS, FREE_PORTS

Row = Mapping[str, Any]

# The text from which Dokploy concludes where PostgreSQL keeps its data.
_POSTGRES = re.compile(r"postgres:(\d+)")


def _has_effect(state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    return Judgement(diff, tuple(_warnings(state.resource, diff.fields_after(state.row), params)))


def _warnings(resource: Resource, after: Row, params: Mapping[str, Any]) -> Iterator[str]:
    image = str(params.get("image") or "")
    if image and "@" not in image and ":" not in image.rpartition("/")[2]:
        yield "image: %s has no tag, so that a deployment may run another major version than the data is of" % image
    if (params.get("replicas") or 0) > 1:
        yield "replicas: more than one container writes to the same data volume, which damages the data"
    if (
        after.get("externalPort")
        and after.get("endpointSpecSwarm") is not None
        and _any(params, "endpoint_spec", "external_port")
    ):
        yield "external_port has no effect: endpoint_spec replaces it"
    words = [str(after.get("command") or ""), *(after.get("args") or ())]
    if resource.kind == "redis" and _any(params, "command", "args") and any(words) and "requirepass" not in str(words):
        yield (
            "command and args replace the command with which Dokploy sets the password. Redis accepts connections "
            "without one, unless they set it"
        )


def _any(params: Mapping[str, Any], *names: str) -> bool:
    return any(params.get(name) is not None for name in names)


def _has_primary(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises OptionError: a replica lacks what it is a replica of, and something of it changes."""
    after = diff.fields_after(state.row)
    if not diff.empty and after.get("sqldNode") == "replica" and not after.get("sqldPrimaryUrl"):
        raise OptionError("primary_url is needed with node=replica")
    return Judgement(diff)


def _data_path(image: str) -> str:
    """Where the image keeps its data, as Dokploy concludes from its name; empty if the name does not tell."""
    match = _POSTGRES.search(image)
    if match is None:
        return ""
    return "/var/lib/postgresql/%s/docker" % match.group(1) if int(match.group(1)) >= 18 else "/var/lib/postgresql/data"


def _keeps_data(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: with another image, the data volume would be mounted where PostgreSQL keeps nothing."""
    after = diff.fields_after(state.row)
    old, new = (_data_path(str((row or {}).get("dockerImage") or "")) for row in (state.row, after))
    moved = state.resource.kind == "postgres" and old and new and old != new
    if moved and new not in _mounted_at(state.row or {}, diff):
        raise Refused(
            "image: %s keeps its data in %s, but the data volume is mounted at %s: without a volume, each deployment "
            "deletes the data" % (after.get("dockerImage"), new, old),
            hint="Create another database and restore a dump into it, or mount a volume at the new path with mounts.",
        )
    return Judgement(diff)


def _mounted_at(row: Row, diff: Diff) -> List[Any]:
    """Where something is mounted after the changes."""
    gone = [change.row for change in diff.children if change.action == "remove"]
    kept = [mount.get("mountPath") for mount in row.get("mounts") or () if mount not in gone]
    return kept + [want.value for change in diff.children for want in change.item if want.field.api == "mountPath"]


CHECKS = (
    ChangeCheck(_has_effect, note_passwords),
    ChangeCheck(_has_primary),
    DIFFERENT_PORTS,
    FREE_PORTS,
    ChangeCheck(_keeps_data),
    PASSWORDS_IN_PLACE,
)

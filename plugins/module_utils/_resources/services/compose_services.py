# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services a Compose stack has, and what belongs to one that it lacks."""

from __future__ import annotations

from typing import Any, Container, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._engine.desired import dotted
from ..._engine.diff import Change, Diff, Judgement, Row
from ..._engine.state import State
from ..._engine.view import predicted
from ..._errors import NotFoundError, OptionError, ServerError
from ..._model.resource import ChangeCheck, Resource
from ..._reads.reads import Reads
from . import compose_file

# The key with the name of a service, and the keys that decide which services there are.
_SERVICE = "serviceName"
NAMING = ("composeFile", "composePath", "sourceType", "randomize", "suffix", "isolatedDeployment")


def _loaded(row: Row, changes: Sequence[Change], reads: Reads) -> Optional[List[str]]:
    """The names of the services in the repository of a stack; C(None) if they are not known before its next
    deployment."""
    # Another repository, branch or path, or other names in the same file.
    if not row.get("composeId") or any(len(change.path) > 1 or change.field.api in NAMING for change in changes):
        return None
    try:
        # Of the last checkout: type=fetch would replace the files of a running stack.
        return list(reads.client.query("compose.loadServices", {"composeId": row["composeId"], "type": "cache"}))
    except (NotFoundError, ServerError):
        # There is none yet, or its file is broken.
        return None


def stated_services(row: Row) -> Optional[List[str]]:
    """The names of the services in the Compose file that a raw stack stores; C(None) if they cannot be found out."""
    names = compose_file.service_names(row.get("composeFile"))
    # Docker Compose and Traefik get the names with the suffix.
    suffix = row.get("suffix") if row.get("randomize") and not row.get("isolatedDeployment") else ""
    return ["%s-%s" % (name, suffix) for name in names] if names and suffix else names


def _stack(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(row) of a stack whose services matter, and their names if these are C(loaded) from its repository."""
    resource, row = state.resource, state.row
    if not _services_in(diff) and not _renamed(diff):
        return {}
    if row is not None and "sourceType" not in row:
        # Only its children were read.
        row = {**reads.ahead.row(Call(resource.reading.procedure, {resource.id_key: row[resource.id_key]})), **row}
    after = predicted(resource, row, diff)
    return {"row": row, "loaded": None if _is_stated(after) else _loaded(after, diff.changes, reads)}


def _renamed(diff: Diff) -> bool:
    """Whether the stack may get other services."""
    return any(change.field.api in NAMING for change in diff.changes)


def _is_stated(row: Row) -> bool:
    return bool(row.get("sourceType") == "raw")


def _has_services(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """Refuse what belongs to a service that the stack does not have: each deployment would fail, or it has no effect.

    :raises OptionError: there is no such service; the message lists those that there are.
    """
    if not known:
        return Judgement(diff)
    resource, renamed, after = state.resource, _renamed(diff), predicted(state.resource, known["row"], diff)
    names = stated_services(after) if _is_stated(after) else known["loaded"]
    if names is None:
        return Judgement(diff)
    kept = _services_of_children(resource, after)
    wanted = [(option, name) for option, name in kept if renamed and option in state.children]
    _refuse_missing(_services_in(diff) + wanted, names, after)
    kept += [("service_networks", str(item.get(_SERVICE))) for item in after.get("serviceNetworks") or ()]
    return Judgement(diff, tuple(_gone_services(resource, after, kept, names)) if renamed else ())


HAS_SERVICES = ChangeCheck(_has_services, _stack)


def _refuse_missing(wanted: _Named, names: Sequence[str], row: Row) -> None:
    for option, name in wanted:
        if name not in names:
            hint = None if _is_stated(row) else "Deploy it first if a newer commit has the service."
            listed = ", ".join(sorted(names))
            raise OptionError("%s: the stack has no service %r; it has %s" % (option, name, listed), hint=hint)


# Services, each with the option that names it.
_Named = List[Tuple[str, str]]


def _services_in(diff: Diff) -> _Named:
    """The services of which a diff changes something."""
    changes = [
        change for child_change in diff.children if child_change.action != "remove" for change in child_change.changes
    ]
    wanted = [(dotted(change.path), change.after) for change in changes if change.field.api == _SERVICE]
    networks = [change for change in diff.changes if change.field.api == "serviceNetworks"]
    return wanted + [(dotted(change.path), item[_SERVICE]) for change in networks for item in change.after or ()]


def _services_of_children(resource: Resource, row: Row) -> _Named:
    kinds = [child for child in resource.children if any(field.api == _SERVICE for field in child.fields)]
    items = [(child.option, item) for child in kinds for item in row.get(child.embedded) or ()]
    return [(option, item[_SERVICE]) for option, item in items if item.get(_SERVICE)]


def _gone_services(resource: Resource, row: Row, kept: _Named, names: Container[str]) -> Iterator[str]:
    """A warning of what belongs to services that are gone."""
    gone = sorted({"%s (%s)" % (name, option) for option, name in kept if name not in names})
    if gone:
        message = "%s %r: the Compose file has no service %s any more, which they belong to"
        yield message % (resource.name, row.get("name"), ", ".join(gone))

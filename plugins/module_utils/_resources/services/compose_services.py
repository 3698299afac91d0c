# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services a Compose stack has, and what belongs to one that it lacks."""

from __future__ import annotations

from typing import Container, Iterator, List, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._engine.desired import dotted
from ..._engine.diff import Change, Diff, Row
from ..._engine.runner import Context
from ..._engine.view import predicted
from ..._errors import NotFoundError, OptionError, ServerError
from ..._model.resource import Resource
from . import compose_file

# The key with the name of a service, and the keys that decide which services there are.
_SERVICE = "serviceName"
NAMING = ("composeFile", "composePath", "sourceType", "randomize", "suffix", "isolatedDeployment")


def _services(row: Row, changes: Sequence[Change], context: Context) -> Optional[List[str]]:
    """The names of the services that the next deployment makes; C(None) if they are not known before it."""
    if row.get("sourceType") != "raw":
        # Another repository, branch or path, or other names in the same file.
        if not row.get("composeId") or any(len(one.path) > 1 or one.field.api in NAMING for one in changes):
            return None
        try:
            # Of the last checkout: type=fetch would replace the files of a running stack.
            query = {"composeId": row["composeId"], "type": "cache"}
            return list(context.client.query("compose.loadServices", query))
        except (NotFoundError, ServerError):
            # There is none yet, or its file is broken.
            return None
    return stated_services(row)


def stated_services(row: Row) -> Optional[List[str]]:
    """The names of the services in the Compose file that a raw stack stores; C(None) if they cannot be found out."""
    names = compose_file.service_names(row.get("composeFile"))
    # Docker Compose and Traefik get the names with the suffix.
    suffix = row.get("suffix") if row.get("randomize") and not row.get("isolatedDeployment") else ""
    return ["%s-%s" % (name, suffix) for name in names] if names and suffix else names


def check_services(
    resource: Resource, stated: Container[str], diff: Diff, row: Optional[Row], context: Context
) -> Diff:
    """Refuse what belongs to a service that the stack does not have: each deployment would fail, or it has no effect.

    :raises OptionError: there is no such service; the message lists those that there are.
    """
    wanted = _services_in(diff)
    renamed = any(change.field.api in NAMING for change in diff.changes)
    if not wanted and not renamed:
        return diff
    if row is not None and "sourceType" not in row:
        # Only its children were read.
        row = {**context.reads.one(Call(resource.read, {resource.id_key: row[resource.id_key]})), **row}
    after = predicted(resource, row, diff)
    names = _services(after, diff.changes, context)
    if names is None:
        return diff
    kept = _services_of_children(resource, after)
    wanted += [(option, name) for option, name in kept if renamed and option in stated]
    for option, name in wanted:
        if name not in names:
            hint = None if after.get("sourceType") == "raw" else "Deploy it first if a newer commit has the service."
            listed = ", ".join(sorted(names))
            raise OptionError("%s: the stack has no service %r; it has %s" % (option, name, listed), hint=hint)
    if renamed:
        kept += [("service_networks", str(item.get(_SERVICE))) for item in after.get("serviceNetworks") or ()]
        context.warn(_gone_services(resource, after, kept, names))
    return diff


# Services, each with the option that names it.
_Named = List[Tuple[str, str]]


def _services_in(diff: Diff) -> _Named:
    """The services of which a diff changes something."""
    changes = [change for one in diff.children if one.action != "remove" for change in one.changes]
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

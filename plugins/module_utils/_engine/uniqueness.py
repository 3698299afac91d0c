# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what was just created is the only one of its name.

Dokploy takes any number of things of one name, and whoever creates one cannot know who does the same at this moment:
another controller, another container of AWX, somebody in the web UI. So after a creation those of the same parent are
read, together with the read-back. Whoever reads last sees all of them, so that a second one never stays unnoticed, and
all put them into the same order, by date and id: the oldest stays. A younger one is taken back by the run that made it,
as long as it is just as that run made it, and that run goes on with the oldest.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import EnsureUnique
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads, read_back, shaped
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import is_default
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import Ambiguous, DokployError, NotFoundError
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import DELETE_TIMEOUT, Resource

Row = Dict[str, Any]

# Seconds for which a younger one is given to be taken back by whoever made it: the writes of a task and a few requests.
GRACE = 30.0
#: Procedures and bodies of what was sent, in order.
Sent = Sequence[Tuple[str, Mapping[str, Any]]]


def sole(
    reads: Reads, waiter: Waiter, step: EnsureUnique, created: Optional[Row], sent: Sent
) -> Tuple[bool, Optional[Row]]:
    """Whether what was created stays, C(False) when it was taken back, since there is an older one of its name; and its
    row with its children, C(None) when it has to be read again.

    :raises Ambiguous: several stay; the message lists their ids and says which one was created here.
    """
    key = step.resource.id_key
    resource_id = (created or {}).get(key)
    if created is None or not resource_id:
        # Whatever needs the id says so.
        return True, None
    resource_id = str(resource_id)
    siblings = _siblings(step)
    row, (answer,) = read_back(step.resource, resource_id, step.stated, reads, (siblings,))
    ids = _namesakes(step, answer)
    if resource_id not in ids or len(ids) == 1:
        # One that is not listed any more is missed by the read-back.
        return True, row
    waiter.progress("%s %r: somebody else has created it too" % (step.resource.name, step.name))
    expected = _Made(step.resource, created, sent)
    taken_back = False

    def look(_passed: float) -> Optional[bool]:
        nonlocal ids, taken_back
        ids = _namesakes(step, reads.client.query(*siblings))
        if taken_back:
            # Others may be about to do the same; until then nobody could say which one is meant.
            return False if len(ids) <= 1 else None
        if resource_id not in ids or len(ids) == 1:
            return True
        if ids[0] == resource_id:
            return None
        if not expected.is_so(reads.client):
            raise _ambiguous(step, ids, resource_id)
        _take_back(reads.client, step.resource, resource_id)
        taken_back = True
        return False if len(ids) == 2 else None

    return bool(waiter.until(GRACE, look, lambda: _ambiguous(step, ids, resource_id))), None


def _siblings(step: EnsureUnique) -> Call:
    key = step.resource.parent_key
    return Call(step.resource.listing.procedures[0], {key: step.parent_id} if key else {})


def _namesakes(step: EnsureUnique, answer: Any) -> List[str]:
    """The ids of those of the same parent and name, the oldest first."""
    procedure, key = step.resource.listing.procedures[0], step.resource.listing.key
    if isinstance(answer, DokployError):
        raise answer
    rows = shaped(answer, dict, procedure).get(key) if key else answer
    found = [row for row in shaped(rows, list, procedure) if row.get("name") == step.name]
    return [str(row.get(step.resource.id_key)) for row in sorted(found, key=lambda row: _age(step.resource, row))]


def _age(resource: Resource, row: Row) -> Tuple[str, str]:
    return str(row.get("createdAt") or ""), str(row.get(resource.id_key))


class _Made:
    """What was created, with all that was written to it since."""

    def __init__(self, resource: Resource, created: Row, sent: Sent) -> None:
        self._resource = resource
        self._resource_id = str(created[resource.id_key])
        self._row = dict(created)
        self._fields = {field.api: field for _path, field, _group in resource.fields()}
        self._counts: Counter[str] = Counter()
        for procedure, body in sent:
            if procedure == resource.update:
                self._row.update(body)
            self._counts.update(child.embedded for child in resource.children if child.create == procedure)

    def is_so(self, client: Client) -> bool:
        """Whether nobody else has changed it or put anything into it since."""
        resource = self._resource
        try:
            row: Dict[str, Any] = shaped(
                client.query(resource.read, {resource.id_key: self._resource_id}), dict, resource.read
            )
        except NotFoundError:
            return True
        return all(self._same(key, value) for key, value in row.items())

    def _same(self, key: str, value: Any) -> bool:
        if key in self._row:
            wanted = self._row[key]
            return value == wanted or (key in self._fields and self._fields[key].same(wanted, value))
        if not isinstance(value, list):
            return True
        return len(value) == self._counts[key] if self._counts[key] else _is_empty(value)


def _is_empty(rows: List[Any]) -> bool:
    """Nothing but, in a new project, its default environment as it comes."""
    if not rows:
        return True
    one = rows[0]
    if len(rows) > 1 or not isinstance(one, dict) or not is_default(one) or one.get("env"):
        return False
    return not any(value for value in one.values() if isinstance(value, list))


def _take_back(client: Client, resource: Resource, resource_id: str) -> None:
    try:
        client.mutate(resource.remove, {resource.id_key: resource_id}, timeout=DELETE_TIMEOUT)
    except NotFoundError as error:
        if not error.own:
            raise


def _ambiguous(step: EnsureUnique, ids: List[str], resource_id: str) -> DokployError:
    name = step.resource.name
    there = resource_id in ids
    others = [one for one in ids if one != resource_id]
    label = "%s by this task, %s by somebody else" % (resource_id, ", ".join(others)) if there else ", ".join(others)
    return Ambiguous(
        "%d %ss are named %r, created at the same time: %s" % (len(ids), name, step.name, label),
        hint="Dokploy does not keep names unique. Remove the one that is not wanted with state=absent and %s; until "
        "then tasks that name it fail. This task did nothing but create its own%s."
        % (step.resource.id_option, "" if there else ", which it has taken back"),
        details={"ids": ids, "created": resource_id if there else None},
    )

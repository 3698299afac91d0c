# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what was just created is the only one of its name.

Dokploy takes any number of resources of one name, and other controllers, containers of AWX and users of the web UI may
create one at the same moment. So after a creation those of the same parent are read, in the request of the read-back.
Whoever reads last sees all of them, and all sort them by date and ID: the oldest stays. A younger one is deleted by the
run that created it, as long as it is unchanged, and that run goes on with the oldest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from .._api.client import Call, Client
from .._errors import Ambiguous, Conflict, DokployError, NotFoundError
from .._model.resource import DELETE_TIMEOUT, Resource
from .plan import Outcome, Step, Write
from .reads import read_back, valid
from .tree import is_default

Row = Dict[str, Any]

# Seconds in which another run must have deleted its younger one: the writes of a task and a few requests.
GRACE = 30.0


@dataclass(frozen=True)
class EnsureUnique(Step):
    """Check that what was just created is the only one of its name, and read it back.

    It comes after all other writes, so that one request does both.

    :param saved: the name under which the created row is kept.
    :param stated: the options of its children that are read back with it.
    """

    resource: Resource
    parent_id: Optional[str]
    name: str
    saved: str
    stated: Tuple[str, ...] = ()

    def runs_after_failure(self, outcome: Outcome) -> bool:
        return bool(outcome.rows.get(self.saved))

    def run(self, executor: Any, outcome: Outcome) -> None:
        """
        :raises Conflict: there is an older one of its name, so that it was deleted.
        :raises Ambiguous: several stay; the message lists their IDs and says which one was created here.
        """
        key = self.resource.id_key
        created = outcome.rows.get(self.saved)
        if not created or not created.get(key):
            # Whatever needs the ID says so.
            return
        client, resource_id = executor.client, str(created[key])
        siblings = self._siblings()
        outcome.shown, (answer,) = read_back(self.resource, resource_id, self.stated, executor.reads, (siblings,))
        ids = self._namesakes(answer)
        if resource_id not in ids or len(ids) == 1:
            # One that is not listed any more is missed by the read-back.
            return
        outcome.shown = None
        executor.waiter.progress("%s %r: another process has created it too" % (self.resource.name, self.name))
        deleted = False

        def look(_passed: float) -> Optional[bool]:
            nonlocal ids, deleted
            ids = self._namesakes(client.query(*siblings))
            if not deleted and (resource_id not in ids or len(ids) == 1):
                return True
            if not deleted and ids[0] != resource_id:
                if not self._unchanged(created, outcome, client):
                    raise self._ambiguous(ids, resource_id)
                body = {key: resource_id}
                executor.answer(Write(self.resource.remove, body, missing_ok=True, timeout=DELETE_TIMEOUT), body)
                deleted = True
                ids.remove(resource_id)
            # Others may be about to delete theirs; until then a name is ambiguous.
            return False if deleted and len(ids) <= 1 else None

        if not executor.waiter.until(GRACE, look, lambda: self._ambiguous(ids, resource_id)):
            # What was created and deleted again is no change.
            executor.sent = outcome.sent_before
            raise Conflict

    def _siblings(self) -> Call:
        key = self.resource.parent_key
        return Call(self.resource.listing.procedures[0], {key: self.parent_id} if key else {})

    def _namesakes(self, answer: Any) -> List[str]:
        """The IDs of those of the same parent and name, the oldest first."""
        key = self.resource.listing.key
        rows = valid(answer).get(key) or [] if key else valid(answer)
        found = [
            (str(row.get("createdAt") or ""), str(row.get(self.resource.id_key)))
            for row in rows
            if row.get("name") == self.name
        ]
        return [resource_id for _created, resource_id in sorted(found)]

    def _unchanged(self, created: Row, outcome: Outcome, client: Client) -> bool:
        """Whether no other process has changed it or put anything into it since."""
        resource = self.resource
        written, counts = dict(created), Counter[str]()
        for procedure, body in outcome.requests:
            if procedure == resource.update:
                written.update(body)
            counts.update(child.embedded for child in resource.children if child.create == procedure)
        fields = {field.api: field for _path, field, _group in resource.fields()}
        body = {resource.id_key: created[resource.id_key]}
        try:
            row: Row = client.query(resource.read, body)
        except NotFoundError:
            return True

        def same(key: str, value: Any) -> bool:
            if key in written:
                return bool(value == written[key]) or (key in fields and fields[key].same(written[key], value))
            if not isinstance(value, list):
                return True
            return len(value) == counts[key] if counts[key] else _is_empty(value)

        return all(same(key, value) for key, value in row.items())

    def _ambiguous(self, ids: List[str], resource_id: str) -> DokployError:
        there = resource_id in ids
        who = ", ".join(one for one in ids if one != resource_id)
        if there:
            who = "%s by this task, %s by another process" % (resource_id, who)
        return Ambiguous(
            "%d %s are named %r, created at the same time: %s"
            % (len(ids), self.resource.listing.plural, self.name, who),
            hint="Dokploy does not keep names unique. Remove the one that is not wanted with state=absent and %s; "
            "until then tasks that name it fail. This task has only created its own%s."
            % (self.resource.id_option, "" if there else ", and deleted it again"),
            details={"ids": ids, "created": resource_id if there else None},
        )


def _is_empty(rows: List[Any]) -> bool:
    """Whether there is nothing but, in a new project, its unchanged default environment."""
    if not rows:
        return True
    one = rows[0]
    if len(rows) > 1 or not isinstance(one, dict) or not is_default(one) or one.get("env"):
        return False
    return not any(value for value in one.values() if isinstance(value, list))

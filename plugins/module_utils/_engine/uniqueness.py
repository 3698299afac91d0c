# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What was just created: found where its answer does not show it, read back, and the only one of its name."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .. import _errors as errors
from .._api.client import Call, Client
from .._model.field import Listing
from .._model.resource import DELETE_TIMEOUT, Resource
from .._reads.rows import read_back_calls, read_call, row_in, siblings_call, valid
from .._reads.tree import is_default
from .._values.marks import FromResponse
from .execute import Executor
from .plan import SELF, Outcome, Step, Write

# Seconds in which another run must have deleted its younger duplicate: the writes of a task and a few requests.
GRACE = 30.0
# Seconds for which the run that has created a record may still be about to find an older one of its name, and to remove
# its own (EnsureUnique): the writes of a task and a few requests.
YOUNG = 10.0
# Seconds before another look, and how many looks may follow the first one, whatever the clocks say.
PAUSE, LOOKS = 2.0, 6


def namesakes(listing: Listing, name: str, answer: Any) -> List[Dict[str, Any]]:
    """The records of a name in the answer of the query that lists them, the oldest first."""
    rows = listing.own([row for row in listing.listed(valid(answer)) if row.get(listing.name_key) == name])
    return sorted(rows, key=lambda row: (str(row.get("createdAt") or ""), str(row.get(listing.id_key))))


def expect_settling(error: errors.Ambiguous, client: Client) -> None:
    """Set the C(pause) of an error, if another look is likely to find fewer records of the name: the youngest one is
    only seconds old, or one is gone already. Where a listing shows no C(createdAt) there is no second look."""
    if error.pause is not None or error.listed_by is None:
        return
    call, listing = error.listed_by
    try:
        rows = listing.own(listing.listed(valid(client.query(*call))))
    except errors.DokployError:
        # The error that there is says more.
        return
    dates = [str(row.get("createdAt")) for row in rows if str(row.get(listing.id_key)) in error.details["ids"]]
    # Dokploy dates a record by the clock of its own process, which also writes the header Date of its responses. By a
    # clock that differs by more, nothing can be said.
    now = time.time() if client.transport.date is None else client.transport.date
    first, last = (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now + at)) for at in (-YOUNG, YOUNG))
    if len(dates) < len(error.details["ids"]) or first < max(dates) < last:
        error.pause = PAUSE


@dataclass(frozen=True)
class FindCreated(Step):
    """Find what was just created where the creating answer does not show it: the newest of its name, with some keys."""

    resource: Resource
    parent_id: Optional[str]
    name: str
    wanted: FrozenSet[str] = frozenset()

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises NotApplied: the listing does not show it."""
        created = outcome.rows[SELF]
        keys = filter(None, (self.resource.id_key, self.resource.removal.id_key, *self.wanted))
        if isinstance(created, Mapping) and all(created.get(key) for key in keys):
            return
        outcome.rows[SELF] = None
        rows = self.namesakes(executor.client, outcome)
        if not rows:
            message = "%s %r: %s answered without its record, and %s does not list it"
            procedures = (self.resource.creation.procedure, self.resource.listing.procedures[0])
            text = message % (self.resource.noun, self.name, *procedures)
            raise errors.NotApplied(text, hint="Run the task again.", procedure=self.resource.creation.procedure)
        outcome.rows[SELF] = dict(rows[-1])
        if not self.wanted <= rows[-1].keys():
            resource_id = str(rows[-1][self.resource.id_key])
            outcome.rows[SELF], _answers = executor.reads.current.read_back(self.resource, resource_id, ())

    def namesakes(self, client: Client, outcome: Outcome) -> List[Dict[str, Any]]:
        """Those of its name, the oldest first."""
        siblings = siblings_call(self.resource.levels, outcome.value(self.parent_id))
        return namesakes(self.resource.listing, self.name, client.query(*siblings))


@dataclass(frozen=True)
class ReadCreated(Step):
    """Read back what was just created, before what it replaces is removed: that may be the API key of this run.

    :param stated: the options of its children that are read back with it.
    """

    resource: Resource
    stated: Tuple[str, ...] = ()

    def queries(self, outcome: Outcome) -> Sequence[Call]:
        known = (outcome.rows.get(SELF) or {}).get(self.resource.id_key)
        return read_back_calls(self.resource, str(known), self.stated, self.beside(outcome)) if known else ()

    def beside(self, outcome: Outcome) -> Sequence[Call]:
        """Further queries in the request of the read-back."""
        return ()

    def run(self, executor: Executor, outcome: Outcome) -> None:
        resource_id = str(outcome.value(FromResponse(SELF, self.resource.id_key)))
        outcome.shown, _answers = executor.reads.current.read_back(self.resource, resource_id, self.stated)


@dataclass(frozen=True)
class EnsureUnique(ReadCreated):
    """Check that what was just created is the only one of its name, and read it back.

    Dokploy takes any number of resources of one name, and other controllers, containers of AWX and users of the web
    interface may create one at the same moment. So after a creation those of the same parent are read, in the
    request of the read-back. The last reader sees all of them, and all sort them by date and ID: the oldest stays.
    A younger one is deleted by the run that created it, as long as it is unchanged, and that run goes on with the
    oldest.
    """

    parent_id: Optional[str] = None
    name: str = ""

    def runs_after_failure(self, outcome: Outcome) -> bool:
        return bool(outcome.rows.get(SELF))

    def beside(self, outcome: Outcome) -> Sequence[Call]:
        """The query that lists those of the same parent."""
        return [siblings_call(self.resource.levels, outcome.value(self.parent_id))]

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """
        :raises Conflict: there is an older one of its name, so that it was deleted.
        :raises Ambiguous: several stay; the message lists their IDs and says which one was created here.
        """
        resource, created = self.resource, outcome.rows.get(SELF)
        if not created or not created.get(resource.id_key):
            # Whatever needs the ID says so.
            return
        resource_id = str(created[resource.id_key])
        outcome.shown, (answer,) = executor.reads.current.read_back(
            resource, resource_id, self.stated, self.beside(outcome)
        )
        ids = self._namesakes(answer)
        if resource_id not in ids or len(ids) == 1:
            # One that is not listed any more is missed by the read-back.
            return
        known, outcome.shown = {**created, **(outcome.shown or {})}, None
        executor.waiter.progress("%s %r: another process has created it too" % (resource.noun, self.name))
        if not self._stays(ids, known, executor, outcome):
            # What was created and deleted again is no change.
            executor.sent = outcome.sent_before
            raise errors.Conflict

    def _stays(self, ids: List[str], known: Dict[str, Any], executor: Executor, outcome: Outcome) -> bool:
        """Wait until there is one of the name; whether it is the one that was created here, which otherwise is deleted.

        :param ids: those of the name. :param known: its row.
        """
        resource, client, deleted = self.resource, executor.client, False
        resource_id, (siblings,) = str(known[resource.id_key]), self.beside(outcome)

        def look(_passed: float) -> Optional[bool]:
            nonlocal ids, deleted
            ids = self._namesakes(client.query(*siblings))
            if not deleted and (resource_id not in ids or len(ids) == 1):
                return True
            if not deleted and ids[0] != resource_id:
                if not self._unchanged(outcome, client):
                    raise self._ambiguous(ids, resource_id)
                procedure, body = resource.removal.procedure, resource.removed(known)
                limits = resource.removal.in_flight
                executor.write(
                    Write(procedure, body, missing_ok=True, timeout=DELETE_TIMEOUT, in_flight=limits), outcome
                )
                deleted = True
                ids.remove(resource_id)
            # Others may be about to delete theirs; until then a name is ambiguous.
            return False if deleted and len(ids) <= 1 else None

        return bool(executor.waiter.until(GRACE, look, lambda: self._ambiguous(ids, resource_id)))

    def _namesakes(self, answer: Any) -> List[str]:
        """The IDs of those of the same parent and name, the oldest first."""
        return [str(row.get(self.resource.id_key)) for row in namesakes(self.resource.listing, self.name, answer)]

    def _unchanged(self, outcome: Outcome, client: Client) -> bool:
        """Whether no other process has changed what was created, or put anything into it, since."""
        resource, created = self.resource, outcome.rows[SELF]
        written, counts = self._written(created, outcome)
        resource_id = str(created[resource.id_key])
        try:
            answer = client.query(*read_call(resource, resource_id))
        except errors.NotFoundError:
            return True
        row = row_in(resource, answer, resource_id) or {}
        fields = {field.api: field for _path, field, _group in resource.fields()}

        def same(key: str, value: Any) -> bool:
            if key in written:
                return bool(value == written[key]) or (key in fields and fields[key].same(written[key], value))
            if not isinstance(value, list):
                return True
            for child in (listed for listed in resource.children if listed.embedded == key):
                value = [item for item in value if not child.protected(row, item)]
            return len(value) == counts[key] if counts[key] else _is_empty(value)

        return all(same(key, value) for key, value in row.items())

    def _written(self, created: Mapping[str, Any], outcome: Outcome) -> Tuple[Dict[str, Any], Counter[str]]:
        """The values that this run has written, and how many children of each kind it has created."""
        resource, counts = self.resource, Counter[str]()
        written = resource.listing.flat(created)
        updates = {resource.updating.procedure, *(field.procedure for _path, field, _group in resource.fields())}
        for procedure, body in outcome.requests:
            if procedure in updates:
                written.update(body)
            counts.update(child.embedded for child in resource.children if child.create == procedure)
        return written, counts

    def _ambiguous(self, ids: List[str], resource_id: str) -> errors.DokployError:
        there = resource_id in ids
        who = ", ".join(other for other in ids if other != resource_id)
        if there:
            who = "%s by this task, %s by another process" % (resource_id, who)
        return errors.Ambiguous(
            "%d %s are named %r, created at the same time: %s"
            % (len(ids), self.resource.listing.plural, self.name, who),
            hint="Dokploy does not keep names unique. Remove the one that is not wanted with state=absent and %s; "
            "until then tasks that name it fail. This task has only created its own%s."
            % (self.resource.id_option, "" if there else ", and deleted it again"),
            details={"ids": ids, "created": resource_id if there else None},
        )


def _is_empty(rows: List[Any]) -> bool:
    """Whether there is nothing but, in a new project, its unchanged default environment."""
    return not rows or (
        len(rows) == 1
        and isinstance(rows[0], dict)
        and is_default(rows[0])
        and not any(value for key, value in rows[0].items() if key == "env" or isinstance(value, list))
    )

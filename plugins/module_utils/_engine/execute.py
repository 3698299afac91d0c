# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that sends writes, and the only one that knows check mode."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from .. import _errors as errors
from .._api.client import Client
from .._http.retry import RANDOM, pause_before
from .._model.resource import DELETE_TIMEOUT, Resource
from .concurrency import exclusive_lock, write_lock
from .plan import SELF, FromResponse, Outcome, Plan, Step, UploadFile, Write
from .reads import Reads, read_back, read_call, row_in, siblings_call, valid
from .tree import is_default
from .wait import Waiter

# Seconds in which another run must have deleted its younger duplicate: the writes of a task and a few requests.
GRACE = 30.0


class Executor:
    """Carries out plans; in check mode it only says that it would."""

    def __init__(self, client: Client, reads: Reads, waiter: Waiter, check_mode: bool) -> None:
        self.client = client
        self.reads = reads
        self.waiter = waiter
        self._check_mode = check_mode
        self.warnings: List[str] = []
        #: Whether anything was written, for the result of a run that fails half way.
        self.sent = False
        #: The last write without an answer whose effect the caller polls for.
        self.unanswered: Optional[str] = None
        # How often each write failed, so that it is sent again no more often than is allowed.
        self._failures = Counter[str]()
        # When this run wrote what: that is no conflict.
        self._wrote: Dict[str, Optional[float]] = {}

    def run(self, plan: Plan) -> Outcome:
        """Carry out the steps in their order.

        :raises Conflict: another process has changed what the plan is built on.
        """
        outcome = Outcome(sent_before=self.sent)
        if self._check_mode:
            return outcome
        steps = list(plan.steps)
        try:
            while steps:
                steps.pop(0).run(self, outcome)
        except errors.DokployError as error:
            if (error.status or 500) < 500 or error.pause is not None:
                for step in steps:
                    if step.runs_after_failure(outcome):
                        step.run(self, outcome)
            raise
        return outcome

    def write(self, step: Write, outcome: Outcome) -> None:
        """Send a write, when no other run has written what it is built on."""
        if step.precondition is None:
            self._send(step, outcome)
            return
        what = " ".join(str(outcome.value(part)) for part in step.precondition.what)
        with write_lock(self.client.base_url, what) as lock:
            last = lock.last
            if last is not None and last != self._wrote.get(what) and last >= self.reads.at(step.precondition.read):
                raise errors.Conflict
            lock.wrote = True
            self._send(step, outcome)
        self._wrote[what] = lock.last

    def _send(self, step: Write, outcome: Outcome) -> None:
        body = {key: outcome.value(value) for key, value in step.body.items()}
        for key, value in body.items():
            if key.endswith("Id") and isinstance(value, str):
                self.reads.drop(value)
        with exclusive_lock(self.client.base_url) if step.exclusive else contextlib.nullcontext():
            answer = self.answer(step, body)
        outcome.sent = True
        outcome.requests.append((step.procedure, body))
        self.sent = self.sent or step.writes
        if step.saves is not None:
            for key in step.row:
                answer = answer.get(key) if isinstance(answer, Mapping) else None
            outcome.rows[step.saves] = answer
            self.client.add_secret(*(str(answer[key]) for key in step.hides if answer.get(key)))

    def answer(self, step: Write, body: Mapping[str, Any]) -> Any:
        """The answer to a write; C(None) where it took effect without one."""
        while True:
            try:
                return self.client.mutate(step.procedure, body, timeout=step.timeout)
            except errors.NotFoundError as error:
                # What is missing may also be a record that this one refers to.
                if not (step.missing_ok and error.own):
                    # An empty answer may also be a lost one.
                    self.sent = self.sent or (error.status == 200 and step.writes)
                    raise
                return None
            except (errors.BadRequest, errors.ServerError, errors.ProtocolError, errors.ConnectionFailed) as error:
                # Another run may have created the same since it was looked for.
                exists = error.may_exist and step.precondition is not None and step.saves is not None
                # It may have taken effect; other refusals have not.
                refused = exists or isinstance(error, errors.BadRequest)
                unknown = error.details.get("effect_unknown", not refused)
                self.sent = self.sent or (unknown and step.writes)
                if step.refusal_stored is not None and isinstance(error, errors.BadRequest):
                    stored = step.refusal_stored(self.client, body)
                    self.sent = self.sent or stored
                    # What this task has read does not show it.
                    self.reads.forget()
                    error.hint = "Dokploy has stored the change although it refused it." if stored else error.hint
                    raise
                failures = self._failed(step.procedure, body)
                if exists and failures == 1:
                    # The next attempt shows it.
                    error.pause = 0.0
                    raise
                # 504 is a proxy that did not wait long enough.
                late = error.status == 504
                polled = step.confirm_by_polling and unknown and (late or isinstance(error, errors.ConnectionFailed))
                if polled and (late or not self._may_repeat(error, step, failures)):
                    self.unanswered = error.message
                    return None
                if self._took(error, step, failures):
                    return None

    def _failed(self, procedure: str, body: Mapping[str, Any]) -> int:
        """Count one more failure of a write; how many there were."""
        key = "%s %r" % (procedure, body)
        self._failures[key] += 1
        return self._failures[key]

    def _may_repeat(self, error: errors.DokployError, step: Union[Write, UploadFile], failures: int) -> bool:
        return error.unsettled and step.repeatable and failures <= self.client.config.max_retries

    def _took(self, error: errors.DokployError, step: Union[Write, UploadFile], failures: int) -> bool:
        """Whether a write of unknown effect had it; C(False) when it is to be sent again.

        :raises DokployError: the error itself, where only the operation as a whole can tell (C(pause) is set then), or
            nothing can, or the retries are used up.
        """
        if not self._may_repeat(error, step, failures):
            if failures > 1:
                error.message += ", after %d attempts" % failures
            raise error
        wanted = error.retry_after if isinstance(error, errors.ServerError) else None
        pause = pause_before(failures, wanted, RANDOM)
        if step.took is None:
            error.pause = pause
            raise error
        self.waiter.sleep(pause)
        took = step.took()
        if took is None:
            raise error
        return took

    def upload(self, step: UploadFile, outcome: Outcome) -> None:
        """Send a file."""
        for value in step.fields.values():
            self.reads.drop(value)
        took = False
        with step.form() as form:
            while not took:
                try:
                    self.client.upload(step.procedure, form, timeout=step.timeout)
                    took = True
                except (errors.ServerError, errors.ProtocolError, errors.ConnectionFailed) as error:
                    self.sent = self.sent or error.details.get("effect_unknown", True)
                    took = self._took(error, step, self._failed(step.procedure, step.fields))
        outcome.sent = self.sent = True

    def parent_missing(self, error: errors.DokployError, promise: str = "creates it") -> None:
        """A parent that does not exist: an error, but in check mode an earlier task may only have promised to make it.

        :param promise: what the earlier task would have to do, where it is something else.
        :raises DokployError: the run is real.
        """
        if not self._check_mode:
            raise error
        text = str(error) if str(error).endswith((".", "?")) else "%s." % error
        self.warnings.append(
            "%s Check mode assumes that an earlier task %s; without one, a real run fails here." % (text, promise)
        )


@dataclass(frozen=True)
class FindCreated(Step):
    """Find what was just created where the creating answer does not show it: the newest of its name."""

    resource: Resource
    parent_id: Optional[str]
    name: str

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises NotApplied: the listing does not show it."""
        created, keys = outcome.rows[SELF], filter(None, (self.resource.id_key, self.resource.remove_id_key))
        if isinstance(created, Mapping) and all(created.get(key) for key in keys):
            return
        outcome.rows[SELF] = None
        siblings = siblings_call(self.resource.levels, self.parent_id)
        rows = namesakes(self.resource, self.name, executor.client.query(*siblings))
        if not rows:
            message = "%s %r: %s answered without its record, and %s does not list it"
            procedures = (self.resource.create, self.resource.listing.procedures[0])
            text = message % (self.resource.noun, self.name, *procedures)
            raise errors.NotApplied(text, hint="Run the task again.", procedure=self.resource.create)
        outcome.rows[SELF] = dict(rows[-1])


def namesakes(resource: Resource, name: str, answer: Any) -> List[Dict[str, Any]]:
    """The records of a name in a listing, the oldest first."""
    listing = resource.listing
    found = listing.own([row for row in listing.listed(valid(answer)) if row.get(listing.name_key) == name])
    return sorted(found, key=lambda row: (str(row.get("createdAt") or ""), str(row.get(listing.id_key))))


@dataclass(frozen=True)
class ReadCreated(Step):
    """Read back what was just created, before what it replaces is removed: that may be the API key of this run.

    :param stated: the options of its children that are read back with it.
    """

    resource: Resource
    stated: Tuple[str, ...] = ()

    def run(self, executor: Executor, outcome: Outcome) -> None:
        resource_id = str(outcome.value(FromResponse(SELF, self.resource.id_key)))
        outcome.shown, _answers = read_back(self.resource, resource_id, self.stated, executor.reads)


@dataclass(frozen=True)
class EnsureUnique(Step):
    """Check that what was just created is the only one of its name, and read it back.

    Dokploy takes any number of resources of one name, and other controllers, containers of AWX and users of the web
    interface may create one at the same moment. So after a creation those of the same parent are read, in the
    request of the read-back. The last reader sees all of them, and all sort them by date and ID: the oldest stays.
    A younger one is deleted by the run that created it, as long as it is unchanged, and that run goes on with the
    oldest.

    :param stated: the options of its children that are read back with it.
    """

    resource: Resource
    parent_id: Optional[str]
    name: str
    stated: Tuple[str, ...] = ()

    def runs_after_failure(self, outcome: Outcome) -> bool:
        return bool(outcome.rows.get(SELF))

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """
        :raises Conflict: there is an older one of its name, so that it was deleted.
        :raises Ambiguous: several stay; the message lists their IDs and says which one was created here.
        """
        resource, key = self.resource, self.resource.id_key
        created = outcome.rows.get(SELF)
        if not created or not created.get(key):
            # Whatever needs the ID says so.
            return
        client, resource_id = executor.client, str(created[key])
        siblings = siblings_call(resource.levels, self.parent_id)
        outcome.shown, (answer,) = read_back(resource, resource_id, self.stated, executor.reads, (siblings,))
        ids = self._namesakes(answer)
        if resource_id not in ids or len(ids) == 1:
            # One that is not listed any more is missed by the read-back.
            return
        known, outcome.shown = {**created, **(outcome.shown or {})}, None
        executor.waiter.progress("%s %r: another process has created it too" % (resource.noun, self.name))
        deleted = False

        def look(_passed: float) -> Optional[bool]:
            nonlocal ids, deleted
            ids = self._namesakes(client.query(*siblings))
            if not deleted and (resource_id not in ids or len(ids) == 1):
                return True
            if not deleted and ids[0] != resource_id:
                if not self._unchanged(created, outcome, client):
                    raise self._ambiguous(ids, resource_id)
                body = resource.removed(known)
                executor.answer(Write(resource.remove, body, missing_ok=True, timeout=DELETE_TIMEOUT), body)
                deleted = True
                ids.remove(resource_id)
            # Others may be about to delete theirs; until then a name is ambiguous.
            return False if deleted and len(ids) <= 1 else None

        if not executor.waiter.until(GRACE, look, lambda: self._ambiguous(ids, resource_id)):
            # What was created and deleted again is no change.
            executor.sent = outcome.sent_before
            raise errors.Conflict

    def _namesakes(self, answer: Any) -> List[str]:
        """The IDs of those of the same parent and name, the oldest first."""
        return [str(row.get(self.resource.id_key)) for row in namesakes(self.resource, self.name, answer)]

    def _unchanged(self, created: Dict[str, Any], outcome: Outcome, client: Client) -> bool:
        """Whether no other process has changed it or put anything into it since."""
        resource = self.resource
        written, counts = resource.listing.flat(created), Counter[str]()
        updates = {resource.update, *(field.procedure for _path, field, _group in resource.fields())}
        for procedure, body in outcome.requests:
            if procedure in updates:
                written.update(body)
            counts.update(child.embedded for child in resource.children if child.create == procedure)
        fields = {field.api: field for _path, field, _group in resource.fields()}
        try:
            answer = client.query(*read_call(resource, str(created[resource.id_key])))
        except errors.NotFoundError:
            return True
        row = row_in(resource, answer, str(created[resource.id_key])) or {}

        def same(key: str, value: Any) -> bool:
            if key in written:
                return bool(value == written[key]) or (key in fields and fields[key].same(written[key], value))
            if not isinstance(value, list):
                return True
            for child in (one for one in resource.children if one.embedded == key):
                value = [one for one in value if not child.protected(row, one)]
            return len(value) == counts[key] if counts[key] else _is_empty(value)

        return all(same(key, value) for key, value in row.items())

    def _ambiguous(self, ids: List[str], resource_id: str) -> errors.DokployError:
        there = resource_id in ids
        who = ", ".join(one for one in ids if one != resource_id)
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

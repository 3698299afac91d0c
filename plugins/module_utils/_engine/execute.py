# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that sends writes, and the only one that knows check mode."""

from __future__ import annotations

import contextlib
from collections import ChainMap, Counter
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from .. import _errors as errors
from .._api.client import Client
from .._http.transport import RANDOM, pause_before
from .._reads.reads import Reads
from .._reads.rows import valid
from .concurrency import WriteLock, in_flight, write_locks
from .plan import Outcome, Plan, Step, UploadFile, Write
from .wait import Waiter


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
        #: Whether what is missing cannot come from an earlier task either: the run is about all that there will be.
        self.alone = False
        #: The last write without an answer whose effect the caller polls for.
        self.unanswered: Optional[str] = None
        # How often each write failed, so that it is sent again no more often than is allowed.
        self._failures = Counter[str]()
        self._wrote: Dict[str, Optional[float]] = {}
        #: The records whose children were written, and are looked at when the run ends (C(proof.Written)).
        self.written: List[Any] = []

    def apart(self) -> Executor:
        """An executor of the same run that tells by itself what it has sent."""
        other = Executor(self.client, self.reads, self.waiter, self._check_mode)
        other.warnings, other._wrote, other.alone = self.warnings, self._wrote, self.alone
        other.written = self.written
        return other

    def run(self, plan: Plan, rows: Optional[Dict[str, Any]] = None) -> Outcome:
        """Carry out the steps in their order.

        :param rows: those of earlier plans, under the names by which the steps refer to them.
        :raises Conflict: another process has changed what the plan is built on.
        """
        return self.begin(plan, rows).finish()

    def begin(self, plan: Plan, rows: Optional[Dict[str, Any]] = None) -> Progress:
        """The beginning of C(run), which others can go on with. In check mode there is nothing to do."""
        outcome = Outcome(sent_before=self.sent, rows=ChainMap({}, rows or {}))
        return Progress(self, [] if self._check_mode else list(plan.steps), outcome)

    def write(self, step: Write, outcome: Outcome) -> None:
        """Send a write, when no other run has written what it is built on."""
        name, limit = self.name_of(step, outcome), step.in_flight.get(step.procedure, 0)
        locks: Dict[str, WriteLock] = {}
        with contextlib.ExitStack() as stack:
            if name:
                locks = stack.enter_context(write_locks(self.client.base_url, [name]))
            body = self.ready(step, outcome, locks.get(name))
            if limit:
                stack.enter_context(in_flight(self.client.base_url, limit))
            self.settle(step, body, outcome)
            if step.lasts is not None:
                step.lasts(self, body)
        self.note_written(locks)

    def note_written(self, locks: Mapping[str, WriteLock]) -> None:
        """Note when this run wrote what: that is no conflict."""
        self._wrote.update({name: lock.last for name, lock in locks.items() if lock.wrote})

    def name_of(self, step: Write, outcome: Outcome) -> str:
        """The name of what a write must find unchanged; empty if that does not matter."""
        return " ".join(str(outcome.value(part)) for part in step.precondition.what) if step.precondition else ""

    def ready(self, step: Write, outcome: Outcome, lock: Optional[WriteLock]) -> Dict[str, Any]:
        """The body of a write that may be sent now.

        :raises Conflict: another run has written what it is built on.
        """
        if lock is not None and step.precondition is not None and lock.last is not None:
            own = self._wrote.get(self.name_of(step, outcome))
            if lock.last != own and lock.last >= self.reads.read_at(step.precondition.read):
                raise errors.Conflict
        body: Dict[str, Any] = outcome.value(step.body)
        for key, value in body.items():
            if key.endswith("Id") and isinstance(value, str):
                self.reads.ahead.drop(value)
        if lock is not None:
            lock.wrote = True
        return body

    def settle(self, step: Write, body: Dict[str, Any], outcome: Outcome, answers: Sequence[Any] = ()) -> None:
        """Enter the answer to a write, and its effect.

        :param answers: the answer, or the error, that there is already, if it was sent.
        """
        try:
            answer = self.answer(step, body, answers)
        except errors.PermissionDenied as error:
            if not step.denied:
                raise
            self.warnings.append("%s: %s" % (step.denied, error))
            return
        outcome.sent = True
        outcome.requests.append((step.procedure, body))
        self.sent = self.sent or step.writes
        if step.saves is not None:
            for key in step.row:
                answer = answer.get(key) if isinstance(answer, Mapping) else None
            outcome.rows[step.saves] = answer
            self.client.add_secret(*(str(answer[key]) for key in step.hides if answer.get(key)))

    def answer(self, step: Write, body: Mapping[str, Any], answers: Sequence[Any] = ()) -> Any:
        """The answer to a write; C(None) where it took effect without one.

        :param answers: the answer, or the error, that there is already.
        """
        given = iter(answers)
        while True:
            try:
                for known in given:
                    return valid(known)
                return self.client.mutate(step.procedure, body, timeout=step.timeout)
            except errors.NotFoundError as error:
                # What is missing may also be a record that this one refers to.
                if not (step.missing_ok and error.own):
                    # An empty answer may also be a lost one.
                    self.sent = self.sent or (error.status == 200 and step.writes)
                    raise
                return None
            except (errors.BadRequest, errors.ServerError, errors.ProtocolError, errors.ConnectionFailed) as error:
                if self._took_effect(error, step, body):
                    return None

    def _took_effect(self, error: errors.DokployError, step: Write, body: Mapping[str, Any]) -> bool:
        """Whether a failed write counts as done; C(False) when it is to be sent again.

        :raises DokployError: the error itself, where it was refused or nothing can tell.
        """
        # Another run may have created the same since it was looked for.
        exists = bool(error.may_exist) and step.precondition is not None and step.saves is not None
        # It may have taken effect; other refusals have not.
        refused = exists or isinstance(error, errors.BadRequest)
        unknown = error.details.get("effect_unknown", not refused)
        self.sent = self.sent or (unknown and step.writes)
        if step.refusal_stored is not None and isinstance(error, errors.BadRequest):
            self._note_stored(error, step.refusal_stored(self.client, body))
            raise error
        failures = self._failed(step.procedure, body)
        if exists and failures == 1:
            # The next attempt shows it.
            error.pause = 0.0
            raise error
        if unknown and self._is_polled_for(error, step, failures):
            self.unanswered = error.message
            return True
        return self._took(error, step, failures)

    def _note_stored(self, error: errors.DokployError, stored: bool) -> None:
        """Note that a refused write was stored, or was not."""
        self.sent = self.sent or stored
        # What this task has read does not show it.
        self.reads.forget()
        error.hint = "Dokploy has stored the change although it refused it." if stored else error.hint

    def _is_polled_for(self, error: errors.DokployError, step: Write, failures: int) -> bool:
        """Whether the caller polls for the result of a write without an answer."""
        # 504 is a proxy that did not wait long enough.
        late = error.status == 504
        polled = step.confirm_by_polling and (late or isinstance(error, errors.ConnectionFailed))
        return polled and (late or not self._may_repeat(error, step, failures))

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
        took = step.took(self.client)
        if took is None:
            raise error
        return took

    def upload(self, step: UploadFile, outcome: Outcome) -> None:
        """Send a file."""
        for value in step.fields.values():
            self.reads.ahead.drop(value)
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

    def foretell(self, error: errors.DokployError, unless: str = "") -> None:
        """Raise an error, of which check mode only warns: it has written nothing, and shows what it knows.

        :param unless: what prevents the error in a real run, such as C(an earlier task creates it).
        :raises DokployError: the run is real.
        """
        if not self._check_mode:
            raise error
        text = "A real run fails%s: %s" % (unless and ", unless %s" % unless, error)
        if text not in self.warnings:
            self.warnings.append(text)

    def foretells_wait(self, what: str) -> bool:
        """Whether check mode only tells of what a real run waits for."""
        if self._check_mode:
            self.warnings.append("A real run waits: %s" % what)
        return self._check_mode

    def parent_missing(self, error: errors.DokployError, promise: str = "creates it") -> None:
        """A parent that does not exist: an error, but in check mode an earlier task may only have promised to make it.

        :param promise: what the earlier task would have to do, where it is something else.
        :raises DokployError: the run is real.
        """
        if not self._check_mode or self.alone:
            raise error
        text = str(error) if str(error).endswith((".", "?")) else "%s." % error
        self.warnings.append(
            "%s Check mode assumes that an earlier task %s; without one, a real run fails here." % (text, promise)
        )


@dataclass
class Progress:
    """A plan that is being carried out.

    :param left: the steps that are left. :param error: the one that ended it.
    :param waited: whether what has to end before the result has ended.
    """

    executor: Executor
    left: List[Step]
    outcome: Outcome
    error: Optional[Exception] = None
    waited: bool = False

    def end(self, end: Any) -> None:
        """Enter what has come of what was waited for, or its error."""
        self.waited = True
        if isinstance(end, (errors.DokployError, errors.Conflict)):
            self.error = end
        else:
            self.outcome.ended = end

    def finish(self) -> Outcome:
        """Carry out the rest; the outcome, or the error is raised."""
        while self.left:
            self.run_next()
        if self.error is not None:
            raise self.error
        return self.outcome

    def run_next(self) -> None:
        """Carry out the next step."""
        step = self.left.pop(0)
        with self.ending():
            step.run(self.executor, self.outcome)

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """An error inside ends the plan, after the steps that are carried out all the same."""
        try:
            yield
        except errors.Conflict as error:
            self.error, self.left = error, []
        except errors.DokployError as error:
            self.error, steps, self.left = error, self.left, []
            if (error.status or 500) >= 500 and error.pause is None:
                return
            with self.ending():
                for step in steps:
                    if step.runs_after_failure(self.outcome):
                        step.run(self.executor, self.outcome)

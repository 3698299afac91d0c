# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The backup of a service that is under way, in one run only, as a record with the service.

The record is a volume backup that never runs. It says whether the service is stopped for the backup, and since when
the run was not heard of: a run that is killed leaves it, and the next one starts the service. Of several records the
oldest counts, and the others wait.
"""

from __future__ import annotations

import contextlib
import datetime
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import quote, unquote

from ..._api.client import Call
from ..._engine.lease import BEAT, SILENT, Silence, holder_of, now
from ..._engine.plan import Plan, Write
from ..._engine.replacement import sent_again
from ..._engine.runner import Context
from ..._engine.wait import Poll, Polls
from ..._errors import Conflict, DokployError, NotApplied, Refused, WaitTimeout
from ..._model.child import Child
from ..._reads.rows import listing_call, valid
from ..._values.timestamps import instant

Row = Mapping[str, Any]

# The name of the record, and its volume, which does not exist.
_NAME, _VOLUME = "community.dokploy: a backup is under way", "community.dokploy"
# How often it is removed: a removal answers nothing, so that one that is lost looks like one that is done.
_REMOVALS = 2
# A time that no run of it is waited for.
_CRON = "0 0 1 1 *"
_STOPPED, _RUNNING = "stopped", "running"
# After this time nothing has to be waited for, however wrong the clocks are.
_LONG_AGO = datetime.timedelta(hours=1)
_BEFORE = "1970-01-01T00:00:00Z"


def is_lock(row: Row) -> bool:
    """Whether the row of a volume backup is such a record."""
    return row.get("name") == _NAME and row.get("volumeName") == _VOLUME


@dataclass
class BackupLock:
    """The record of this run.

    :param child: the volume backups of the service. :param label: that of the service.
    :param destination_id: any one; a volume backup needs it.
    :param stopped: whether the service is stopped for a backup, of this run or of one that was killed.
    """

    child: Child
    service_id: str
    label: str
    destination_id: str
    stopped: bool = False
    _token: str = field(default_factory=lambda: secrets.token_hex(6), init=False)
    _id: Optional[str] = field(default=None, init=False)
    _written: float = field(default=0.0, init=False)

    def creation(self) -> Write:
        """The write that makes the record. Its answer may be lost."""
        parent = {key: self.service_id if value == "$parent" else value for key, value in self.child.parent.items()}
        return Write(self.child.create, {**parent, **self._content(), "keepLatestCount": 0})

    def held(self, body: Callable[[], Polls], timeout: float, context: Context) -> Polls:
        """What a body waits for, while no other run works on the service. The record is gone then.

        :raises WaitTimeout: another run has not ended in time.
        """
        polls = self._turn(body, timeout, context)
        try:
            return (yield from self._beating(polls, context))
        finally:
            polls.close()
            self._release(context)

    def mark(self, stopped: bool, context: Context) -> None:
        """Note whether the service is stopped for the backup.

        :raises DokployError: it cannot be noted.
        """
        self.stopped = stopped
        self._write(context)

    def _turn(self, body: Callable[[], Polls], timeout: float, context: Context) -> Polls:
        turn = _Turn(self, timeout)
        left = yield turn, timeout
        while isinstance(left, list):
            for row in left:
                self.stopped = self.stopped or _state_of(row)[1] == _STOPPED
                self._remove(str(row[self.child.id_key]), context)
            left = yield turn, timeout
        self._id, self._written = str(left), context.waiter.clock()
        if self.stopped:
            self._write(context)
        return (yield from body())

    def _beating(self, polls: Polls, context: Context) -> Polls:
        """The same polls, between which the record is renewed."""
        step: Callable[[], Tuple[Poll, float]] = partial(next, polls)
        while True:
            try:
                poll, timeout = step()
            except StopIteration as end:
                return end.value
            step = _next_step(polls, (yield from _outcome(_Beating(poll, self, context), timeout)))

    def beat(self, context: Context) -> None:
        """Renew the record, if that is due. Others only wait longer if it cannot be renewed for a while."""
        if self._id is not None and context.waiter.clock() - self._written >= BEAT:
            with contextlib.suppress(DokployError):
                self._write(context)

    def _write(self, context: Context) -> None:
        self._written = context.waiter.clock()
        body = {self.child.id_key: self._id, **self._content()}
        context.executor.run(Plan((Write(self.child.update, body, took=sent_again),)))

    def _content(self, written: str = "") -> Dict[str, Any]:
        """What it stores. :param written: when, if not now."""
        state, holder = _STOPPED if self.stopped else _RUNNING, quote(holder_of("backup"), safe="")
        return {
            "name": _NAME,
            "volumeName": _VOLUME,
            "prefix": "/".join((self._token, state, written or now(), holder)),
            "cronExpression": _CRON,
            "destinationId": self.destination_id,
            "enabled": False,
        }

    def is_own(self, row: Row) -> bool:
        return _state_of(row)[0] == self._token

    def _remove(self, record_id: str, context: Context) -> None:
        body = {self.child.id_key: record_id}
        context.executor.run(Plan((Write(self.child.remove, body, missing_ok=True, took=sent_again),)))

    def _release(self, context: Context) -> None:
        if self.stopped and self._id is not None:
            self._leave(context)
            return
        try:
            own = [self._id] if self._id is not None else self._own_ids(context)
            for _attempt in range(_REMOVALS):
                for record_id in own:
                    self._remove(record_id, context)
                own = own and self._own_ids(context)
            if own:
                raise NotApplied("%s was accepted, but the record is still there" % self.child.remove)
        except DokployError as error:
            text = "%s: the record of its backup stays until the next one, since it cannot be removed: %s"
            context.warn([text % (self.label, error)])

    def _leave(self, context: Context) -> None:
        """Leave the record of a service that could not be started again, so that the next run starts it, at once."""
        body = {self.child.id_key: self._id, **self._content(_BEFORE)}
        with contextlib.suppress(DokployError):
            context.executor.run(Plan((Write(self.child.update, body, took=sent_again),)))
        text = "%s: it was stopped for its backup, and may not run again. The next backup of its volumes starts it."
        context.warn([text % self.label])

    def _own_ids(self, context: Context) -> List[str]:
        rows = context.client.query(*self.listing)
        return [str(row[self.child.id_key]) for row in rows if is_lock(row) and self.is_own(row)]

    @property
    def listing(self) -> Call:
        return listing_call(self.child, self.service_id)


def _state_of(row: Row) -> Sequence[str]:
    """The token of the run, whether the service is stopped, when the record was written, and where the run is; the last
    is not in one of an earlier release."""
    return [*str(row.get("prefix") or "").split("/"), "", "", "", ""][:4]


def _named(row: Row) -> str:
    """Where the run of a record is, and when it was heard of, in brackets."""
    _token, _state, written, holder = _state_of(row)
    return " (%s, heard of at %s)" % (unquote(holder), written) if holder else ""


# Both are thrown into what waits; the second one lets it plan again.
_ERRORS = (DokployError, Conflict)


def _outcome(poll: Poll, timeout: float) -> Polls:
    """The result of a poll, or its error as an object."""
    try:
        return (yield poll, timeout)
    except _ERRORS as error:
        return error


def _next_step(polls: Polls, result: Any) -> Callable[[], Tuple[Poll, float]]:
    return partial(polls.throw if isinstance(result, _ERRORS) else polls.send, result)


class _Turn(Poll):
    """Waits until the record of this run is the oldest: the result is its ID.

    Records of runs that were killed are the result instead, as a list, and have to be removed.
    """

    def __init__(self, lock: BackupLock, timeout: float) -> None:
        self.label, self._lock = lock.label, lock
        self._silence = Silence()
        self._was_there, self._other = False, ""

    def calls(self) -> List[Call]:
        return [self._lock.listing]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Union[None, str, List[Row]]:
        key, rows = self._lock.child.id_key, sorted(filter(is_lock, valid(answers[0])), key=self._age)
        own = [row for row in rows if self._lock.is_own(row)]
        if not own and not self._was_there:
            raise Refused("%s: Dokploy does not show the record of its backup" % self.label, hint="Run the task again.")
        if not own:
            raise Refused(
                "%s: another run has taken this one for killed, and backs up the service" % self.label,
                hint="Run the task again when the other one has ended.",
            )
        self._was_there = True
        before = rows[: rows.index(own[0])]
        self._other = _named(before[0]) if before else ""
        self.state = "another run backs it up%s" % self._other if before else ""
        return list(self._killed(before, elapsed)) or (None if before else str(own[0][key]))

    def _age(self, row: Row) -> Tuple[str, str]:
        return str(row.get("createdAt")), str(row[self._lock.child.id_key])

    def _killed(self, rows: Sequence[Row], elapsed: float) -> Iterator[Row]:
        for row in rows:
            written, record_id = str(row.get("prefix")), str(row[self._lock.child.id_key])
            silent = self._silence.seconds(record_id, written, elapsed) >= SILENT
            if silent or _is_long_ago(_state_of(row)[2]):
                yield row

    def expired(self, timeout: float) -> DokployError:
        message = "%s: another run that backs it up has not ended after %g s%s"
        return WaitTimeout(message % (self.label, timeout, self._other), hint="Raise wait_timeout.")


def _is_long_ago(text: str) -> bool:
    try:
        return instant(text) < datetime.datetime.now(datetime.timezone.utc) - _LONG_AGO
    except ValueError:
        return True


class _Beating(Poll):
    """A poll between whose requests the record is renewed."""

    def __init__(self, poll: Poll, lock: BackupLock, context: Context) -> None:
        self._poll, self._lock, self._context = poll, lock, context
        self.label, self.state, self.interval = poll.label, poll.state, poll.interval

    def calls(self) -> List[Call]:
        self._lock.beat(self._context)
        return self._poll.calls()

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        self._poll.seconds = elapsed
        try:
            return self._poll.judge(answers, elapsed)
        finally:
            self.state = self._poll.state

    def expired(self, timeout: float) -> DokployError:
        return self._poll.expired(timeout)

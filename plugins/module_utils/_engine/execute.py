# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that sends writes, and the only one that knows check mode."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.concurrency import alone, turn
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import (
    BuildsOver,
    EnsureUnique,
    FromResponse,
    KeepValid,
    Plan,
    Step,
    UploadFile,
    Write,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.uniqueness import sole
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter, builds_over
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    BadRequest,
    Conflict,
    ConnectionFailed,
    DokployError,
    NotFoundError,
    ProtocolError,
    ServerError,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import pause_before


@dataclass
class Outcome:
    """What came of a plan.

    :param sent: whether anything was really written.
    :param rows: the rows of answers, under the names that the requests gave them.
    :param requests: what was sent, in order: procedure and body.
    :param shown: the row of what was created as the server shows it after all that, when it was read.
    """

    sent: bool = False
    rows: Dict[str, Any] = field(default_factory=dict)
    requests: List[Tuple[str, Dict[str, Any]]] = field(default_factory=list)
    shown: Optional[Dict[str, Any]] = None


class Executor:
    """Carries out plans; in check mode it only says that it would."""

    def __init__(self, client: Client, reads: Reads, waiter: Waiter, check_mode: bool) -> None:
        self._client = client
        self._reads = reads
        self._waiter = waiter
        self._check_mode = check_mode
        self.warnings: List[str] = []
        #: Whether anything was written, for the result of a run that fails half way.
        self.sent = False
        # The same before the plan.
        self._sent_before = False
        # How often each write failed, so that it is sent again no more often than is allowed.
        self._failures: Dict[str, int] = {}
        # When this run wrote what itself: that does not count as somebody else's.
        self._wrote: Dict[str, Optional[float]] = {}
        #: What was last not answered, where looking decides what came of it.
        self.unanswered: Optional[str] = None

    def run(self, plan: Plan) -> Outcome:
        """Carry out the steps in their order.

        :raises Conflict: another process has changed what the plan is built on.
        """
        outcome = Outcome()
        if self._check_mode:
            return outcome
        steps = list(plan.steps)
        self._sent_before = self.sent
        try:
            while steps:
                self._carry_out(steps.pop(0), outcome)
        except DokployError as error:
            # Whether it is unique is also checked when the server refuses what belongs to it, or all begins again.
            left = [one for one in steps if isinstance(one, EnsureUnique) and outcome.rows.get(one.saved)]
            refused = error.status is not None and error.status < 500
            if left and (refused or error.pause is not None):
                self._carry_out(left[0], outcome)
            raise
        return outcome

    def _carry_out(self, step: Step, outcome: Outcome) -> None:
        if isinstance(step, BuildsOver):
            builds_over(self._client, self._waiter, step)
        elif isinstance(step, UploadFile):
            self._upload(step, outcome)
        elif isinstance(step, EnsureUnique):
            self._ensure_unique(step, outcome)
        elif isinstance(step, KeepValid):
            self._keep_valid(step, outcome)
        else:
            self._in_turn(step, outcome)

    def _ensure_unique(self, step: EnsureUnique, outcome: Outcome) -> None:
        stays, outcome.shown = sole(self._reads, self._waiter, step, outcome.rows.get(step.saved), outcome.requests)
        if not stays:
            # What was created and deleted again is no change.
            self.sent = self._sent_before
            raise Conflict

    def _keep_valid(self, step: KeepValid, outcome: Outcome) -> None:
        file, (key, resource_id) = step.file, step.parent
        body = {key: _now(resource_id, outcome)}
        with alone(self._client.base_url):
            if not file.becomes_invalid(self._client.query(file.read, body)):
                return
            body[file.key] = file.valid
            self._answer(Write(file.write, body), body)
        outcome.sent = self.sent = True

    def _in_turn(self, request: Write, outcome: Outcome) -> None:
        if request.precondition is None:
            self._send(request, outcome)
            return
        what = " ".join(str(_now(part, outcome)) for part in request.precondition.what)
        with turn(self._client.base_url, what) as mine:
            last = mine.last
            if last is not None and last != self._wrote.get(what) and last >= self._reads.at(request.precondition.read):
                raise Conflict
            mine.wrote = True
            self._send(request, outcome)
        self._wrote[what] = mine.last

    def _send(self, request: Write, outcome: Outcome) -> None:
        body = {key: _now(value, outcome) for key, value in request.body.items()}
        for key, value in body.items():
            if key.endswith("Id") and isinstance(value, str):
                self._reads.drop(value)
        answer = self._answer(request, body)
        outcome.sent = True
        outcome.requests.append((request.procedure, body))
        self.sent = self.sent or request.writes
        if request.saves is not None:
            for step in request.row:
                answer = answer.get(step) if isinstance(answer, Mapping) else None
            outcome.rows[request.saves] = answer

    def _answer(self, request: Write, body: Mapping[str, Any]) -> Any:
        """The answer to a write; C(None) where it took effect without one."""
        while True:
            try:
                with alone(self._client.base_url) if request.alone else contextlib.nullcontext():
                    return self._client.mutate(request.procedure, body, timeout=request.timeout)
            except NotFoundError as error:
                # Not what is missing when it is something that the record refers to.
                if not (request.missing_ok and error.own):
                    raise
                return None
            except (BadRequest, ServerError, ProtocolError, ConnectionFailed) as error:
                conflict = error.conflict and request.creates
                # It may have taken effect; other refusals have not.
                refused = conflict or isinstance(error, BadRequest)
                unknown = error.details.get("effect_unknown", not refused)
                self.sent = self.sent or (unknown and request.writes)
                failures = self._failed(request.procedure, body)
                if conflict and failures == 1:
                    # Another run may have created it since it was read, which the next look shows.
                    error.pause = 0.0
                    raise
                # 504 is a proxy that did not wait long enough.
                late = error.status == 504
                looks = request.confirm_by_polling and unknown and (late or isinstance(error, ConnectionFailed))
                if looks and (late or not self._may_repeat(error, request, failures)):
                    self.unanswered = error.message
                    return None
                if self._took(error, request, failures):
                    return None

    def _failed(self, procedure: str, body: Mapping[str, Any]) -> int:
        """Count one more failure of a write; how many there were."""
        key = "%s %r" % (procedure, body)
        self._failures[key] = self._failures.get(key, 0) + 1
        return self._failures[key]

    def _may_repeat(self, error: DokployError, step: Union[Write, UploadFile], failures: int) -> bool:
        told = step.took is not None or not (isinstance(step, UploadFile) or step.once)
        return error.unsettled and told and failures <= self._client.config.max_retries

    def _took(self, error: DokployError, step: Union[Write, UploadFile], failures: int) -> bool:
        """Whether a write of unknown effect had it; C(False) when it is to be sent again.

        :raises DokployError: the error itself, where only the operation as a whole can tell (C(pause) is set then), or
            nothing can, or the retries are used up.
        """
        if not self._may_repeat(error, step, failures):
            if failures > 1:
                error.message += ", after %d attempts" % failures
            raise error
        wanted = error.retry_after if isinstance(error, ServerError) else None
        pause = pause_before(failures, wanted, random.random)
        if step.took is None:
            error.pause = pause
            raise error
        self._waiter.sleep(pause)
        took = step.took()
        if took is None:
            raise error
        return took

    def _upload(self, upload: UploadFile, outcome: Outcome) -> None:
        for value in upload.fields.values():
            self._reads.drop(value)
        with upload.packed() as path:
            while not self._uploaded(upload, path):
                pass
        outcome.sent = self.sent = True

    def _uploaded(self, upload: UploadFile, path: str) -> bool:
        """One attempt; whether it took effect."""
        try:
            self._client.upload(
                upload.procedure,
                upload.fields,
                upload.file_field,
                "archive.zip",
                "application/zip",
                path,
                timeout=upload.timeout,
            )
        except (ServerError, ProtocolError, ConnectionFailed) as error:
            self.sent = self.sent or error.details.get("effect_unknown", True)
            return self._took(error, upload, self._failed(upload.procedure, upload.fields))
        return True

    def parent_missing(self, error: DokployError, promise: str = "creates it") -> None:
        """A parent that does not exist: an error, but in check mode an earlier task may only have promised to make it.

        :param promise: what the earlier task would have to do, where it is something else.
        :raises DokployError: the run is real.
        """
        if not self._check_mode:
            raise error
        text = str(error)
        self.warnings.append(
            "%s%s Check mode assumes that an earlier task %s; without one, a real run fails here."
            % (text, "" if text.endswith((".", "?")) else ".", promise)
        )


def _now(value: Any, outcome: Outcome) -> Any:
    if not isinstance(value, FromResponse):
        return value
    row: Optional[Mapping[str, Any]] = outcome.rows.get(value.saved)
    if not isinstance(row, Mapping) or not row.get(value.key):
        raise DokployError(
            "the server's answer does not say which %s it created" % value.key,
            hint="The server is older than 0.25.0, or something rewrites its answers. What was created is kept.",
        )
    return row[value.key]

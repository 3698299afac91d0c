# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A plan: the writes that make a change, in their order, and their outcome. Making a plan sends no request."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, MutableMapping, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._errors import DokployError, ProtocolError
from .._values.codec import GENERATED
from .._values.marks import substituted

# The name under which the row of the resource itself is kept.
SELF = "self"
# The key of an answer that is a single value, which is saved under the name of its procedure.
WHOLE = ""
# An item of 40 creations takes a third of the time of a creation, and more items gain little (measured on 0.30.2).
MANY = 40


def with_generated(value: Any) -> Any:
    """A value as results of check mode show it."""
    return substituted(value, lambda _saved, _key: GENERATED)


@dataclass
class Outcome:
    """The outcome of a plan.

    :param sent_before: whether this run had written anything before the plan.
    :param sent: whether the plan has written anything.
    :param rows: the rows of answers, under the names that the writes gave them.
    :param requests: what was sent, in order: procedure and body.
    :param ended: what has come of what the transition waits for.
    :param shown: the row of the resource as the server shows it in the end, where it was read.
    :param confirmed: the plan with the IDs of what it has made, from its result on.
    """

    sent_before: bool = False
    sent: bool = False
    rows: MutableMapping[str, Any] = field(default_factory=dict)
    requests: List[Tuple[str, Dict[str, Any]]] = field(default_factory=list)
    ended: Any = None
    shown: Optional[Dict[str, Any]] = None
    confirmed: Any = None

    def value(self, value: Any) -> Any:
        """A value with what earlier answers give for it, at any depth.

        :raises DokployError: an answer has no such value.
        """
        # Before the first answer, nothing can be promised.
        return substituted(value, self._answered) if self.rows else value

    def _answered(self, saved: str, key: str) -> Any:
        row = self.rows.get(saved)
        value = row if key == WHOLE else row.get(key) if isinstance(row, Mapping) else None
        if not value and key == WHOLE:
            raise ProtocolError("%s answered nothing" % saved, procedure=saved)
        if not value:
            raise DokployError(
                "the server's answer does not say which %s it created" % key,
                hint="The server is older than 0.25.0, or something rewrites its answers. What was created is kept.",
            )
        return value


class Step:
    """One step of a plan."""

    def run(self, executor: Any, outcome: Outcome) -> None:
        """Carry it out, with the C(Executor), which sends its writes, and what the steps before have left."""
        raise NotImplementedError

    def queries(self, outcome: Outcome) -> Sequence[Call]:
        """The queries that it makes in one request when it begins, which many steps can make at once."""
        return ()

    def runs_after_failure(self, outcome: Outcome) -> bool:
        """Whether it is also carried out when the server refuses a step before it."""
        return False


@dataclass(frozen=True)
class Plan:
    steps: Tuple[Step, ...]


@dataclass(frozen=True)
class Precondition:
    """What another run must not have written since the reading on which a write is built.

    :param what: the name of what is written, the same in all runs; an ID in it may be C(FromResponse).
    :param read: the ID whose row was read for it; an empty one means the project tree.
    """

    what: Tuple[Any, ...]
    read: str = ""


# Whether a write took effect whose answer was lost, as the server shows it; C(None) when that cannot tell.
Took = Callable[[Client], Optional[bool]]


@dataclass(frozen=True)
class Write(Step):
    """One mutation.

    :param saves: the name under which the row of the answer is kept for C(FromResponse).
    :param row: the path in the answer to that row.
    :param missing_ok: it is no failure that the record does not exist any more.
    :param timeout: seconds to wait for the answer, where the procedure is known to block.
    :param confirm_by_polling: the procedure may block for ever; no answer in time is no failure, since the caller polls
        for its effect.
    :param writes: whether it changes anything that is stored.
    :param in_flight: how many writes of each procedure a server takes at once, where that is limited.
    :param precondition: what another run must not have written since it was read.
    :param refusal_stored: whether it was stored although it was refused, from the client and the body; only where the
        server may do that.
    :param once: a second one has another effect, and what the operation reads does not tell whether it took effect.
    :param took: tells it of a write that is sent once.
    :param denied: the warning instead of an error where the API key may not do it; the plan goes on then.
    :param batched: how many such writes of different plans share a request; 0 for one that does more than store a
        record.
    :param hides: the keys of the saved row with secrets.
    :param lasts: waits, from the executor and the body, until it has taken effect, where the server answers before; no
        other write with a limit is in flight meanwhile.
    """

    procedure: str
    body: Mapping[str, Any]
    saves: Optional[str] = None
    row: Tuple[str, ...] = ()
    missing_ok: bool = False
    timeout: Optional[float] = None
    confirm_by_polling: bool = False
    writes: bool = True
    in_flight: Mapping[str, int] = field(default_factory=dict)
    precondition: Optional[Precondition] = None
    refusal_stored: Optional[Callable[[Any, Mapping[str, Any]], bool]] = None
    once: bool = False
    took: Optional[Took] = None
    hides: Tuple[str, ...] = ()
    denied: str = ""
    lasts: Optional[Callable[[Any, Mapping[str, Any]], None]] = None
    batched: int = field(default=0, compare=False)

    @property
    def repeatable(self) -> bool:
        """Whether it can be found out what is left to do when its answer is lost."""
        return self.took is not None or not self.once

    def run(self, executor: Any, outcome: Outcome) -> None:
        executor.write(self, outcome)


@dataclass(frozen=True)
class UploadFile(Step):
    """One mutation that carries a file.

    :param fields: the texts that are sent with it.
    :param form: opens the body of the request (a C(Form)), which is usable inside the context.
    :param timeout: seconds to wait for the answer, after the file was sent.
    :param took: tells whether it took effect.
    """

    procedure: str
    fields: Mapping[str, str]
    form: Callable[[], AbstractContextManager[Any]]
    timeout: float
    took: Took
    repeatable = True

    def run(self, executor: Any, outcome: Outcome) -> None:
        executor.upload(self, outcome)

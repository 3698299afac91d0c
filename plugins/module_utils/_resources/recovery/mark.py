# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The mark of a service: from which archives its data are restored, how far that is, and since when it is live. Pure.

It is kept with the service, so that each run knows it, and is read before every restore. A service that is live is
never restored into without its path in C(overwrite). A restore that was begun may still go on at the server, also when
the run that began it has ended.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote, unquote

from ..._engine.lease import Held, Lease
from ..._engine.plan import MANY, Precondition, Write
from ..._errors import Refused
from ..._model.deployable import OwnText
from ..._swarm.tasks import Service

_SINGLE = ("run", "live", "masking", "holder", "since", "beat")
_TOKEN = re.compile(r"(%s|stopped|before|pending|restoring|restored)=(\S+)\Z" % "|".join(_SINGLE))
#: How far the restore of an archive is.
PENDING, RESTORING, RESTORED = "pending", "restoring", "restored"
#: That of a mark of another release, which nothing is known of.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class SavedFirst:
    """The archive of what was replaced. :param file: its path in the bucket. :param size: in bytes.

    :param created_at: ISO 8601.
    """

    file: str
    size: int
    created_at: str


@dataclass(frozen=True)
class DataMark:
    """What is known of the data of a service.

    :param run: the run that restores it. :param archives: by their paths in the bucket, how far each is: C(PENDING),
        C(RESTORING) or C(RESTORED). :param live: since when it may have newer data, ISO 8601; empty: it has none yet.
    :param masking: a mask was begun, so that the data may not be what was saved.
    :param lease: that of the run; C(None): the run has ended, or does not renew one.
    :param stopped: the services that were stopped for the restore, and are not started again yet, as C(token_of).
    :param before: the archives of what was replaced, by the path of the archive that replaces it.
    """

    run: str = ""
    archives: Mapping[str, str] = field(default_factory=dict)
    live: str = ""
    masking: bool = False
    lease: Optional[Lease] = None
    stopped: Sequence[str] = ()
    before: Mapping[str, SavedFirst] = field(default_factory=dict)

    @property
    def text(self) -> str:
        parts = [("run", self.run), ("live", self.live), ("masking", "1" if self.masking else "")]
        if self.lease is not None:
            parts += [("holder", quote(self.lease.holder)), ("since", self.lease.since)]
            parts.append(("beat", "%d/%g" % (self.lease.beat, self.lease.silent)))
        parts += [("stopped", token) for token in self.stopped]
        for file, saved in self.before.items():
            parts.append(("before", "|".join((file, saved.file, str(saved.size), saved.created_at))))
        parts += [(state, file) for file, state in self.archives.items()]
        return " ".join(["1"] + ["%s=%s" % part for part in parts if part[1]])

    @property
    def filled(self) -> bool:
        """Whether an archive is in the service, as a whole or in part."""
        return not {RESTORED, RESTORING}.isdisjoint(self.archives.values())

    @property
    def interrupted(self) -> bool:
        """Whether a restore was begun of which the end is not known."""
        return RESTORING in self.archives.values()

    def claimed(
        self, run: str, files: Mapping[str, Any], restores: bool = True, lease: Optional[Lease] = None
    ) -> DataMark:
        """The mark when a run is about to restore these files: what was begun before, or is in it, stays known.

        While nothing is live, so does what is restored of other archives, which these replace.

        :param restores: one of them is not in it yet.
        """
        known = {
            file: state
            for file, state in self.archives.items()
            if state == RESTORING or file in files or (state == RESTORED and not self.live)
        }
        archives = {**dict.fromkeys(files, PENDING), **known}
        masking, before = self.masking and not restores, {} if self.live else self.before
        return DataMark(run, archives, masking=masking, lease=lease, stopped=self.stopped, before=before)

    def with_archive(self, file: str, state: str) -> DataMark:
        """The mark with the state of an archive; what was begun before it has ended then."""
        archives: Dict[str, str] = {
            other: known for other, known in self.archives.items() if state != RESTORED or known != RESTORING
        }
        return replace(self, archives={**archives, file: state})


def mark_of(service: Service) -> Optional[DataMark]:
    """The mark in the row of a service; C(None) if it has none."""
    store = service.resource.deployable.mark
    text = store.get(service.row.get(store.column))
    if not text:
        return None
    version, *tokens = text.split()
    matches = [_TOKEN.match(token) for token in tokens]
    parts = [match.groups() for match in matches if match]
    if version != "1" or len(parts) < len(tokens):
        return DataMark(live=UNKNOWN)
    single = {name: value for name, value in parts if name in _SINGLE}
    archives = {value: name for name, value in parts if name in (PENDING, RESTORING, RESTORED)}
    return DataMark(
        single.get("run", ""),
        archives,
        single.get("live", ""),
        "masking" in single,
        lease=_lease_in(single),
        stopped=tuple(value for name, value in parts if name == "stopped"),
        before=dict(_saved_first(value) for name, value in parts if name == "before"),
    )


def _lease_in(words: Mapping[str, str]) -> Optional[Lease]:
    """The lease in the words of a mark; C(None) if there is none, as in one of an earlier release."""
    beat, _slash, silent = words.get("beat", "").partition("/")
    with suppress(ValueError):
        return Lease(unquote(words.get("holder", "")), words.get("since", ""), int(beat), float(silent))
    return None


def works_on(service: Service) -> Optional[DataMark]:
    """The mark of a service that a run holds, or held until it was killed; C(None) if none does."""
    mark = mark_of(service)
    return mark if mark is not None and mark.lease is not None and not mark.live else None


def held_for_data(service: Service) -> Optional[Held]:
    """What says at a service that a run restores its data; C(None) if none does."""
    mark = works_on(service)
    return None if mark is None or mark.lease is None else Held(mark.text, mark.lease)


def _saved_first(text: str) -> Tuple[str, SavedFirst]:
    """The archive that replaces something, and that of what it replaces."""
    replacing, file, size, created_at = [*text.split("|"), "", "", "", ""][:4]
    return replacing, SavedFirst(file, int(size) if size.isdigit() else 0, created_at)


def token_of(service: Service) -> str:
    """What tells a service in the mark of another one: C(application:ID), C(postgres:ID)."""
    return "%s:%s" % (service.resource.kind or service.resource.name, service.id)


def mark_write(service: Service, mark: DataMark) -> Write:
    """The write that stores a mark."""
    return own_text_write(service, service.resource.deployable.mark, mark.text)


def own_text_write(service: Service, store: OwnText, text: str) -> Write:
    """The write that stores a text of the collection beside what else the column holds."""
    resource, row = service.resource, service.row
    body = {key: row.get(key, default) for key, default in resource.updating.always_sent.items()}
    body = service.input(**body, **{store.column: store.put(row.get(store.column), text)})
    precondition = Precondition((service.id,), service.id)
    return Write(resource.updating.procedure, body, precondition=precondition, batched=MANY)


def renewed_mark(run: str, service: Service, lease: Optional[Lease]) -> Optional[Write]:
    """The write of another lease into the mark of a service that a run has claimed; C(None) if it has not any more."""
    mark = mark_of(service) or DataMark()
    return mark_write(service, replace(mark, lease=lease)) if is_claimed(service, run) else None


def is_claimed(service: Service, run: str) -> bool:
    """Whether a run has claimed a service, and no other one has since."""
    mark = mark_of(service) or DataMark()
    return mark.run == run and not mark.live


def is_live_with(mark: Optional[DataMark], files: Iterable[str]) -> bool:
    """Whether another run has brought back these very archives, and the service is live."""
    return mark is not None and bool(mark.live) and all(mark.archives.get(file) == RESTORED for file in files)


def own_mark(service: Service, run: str) -> DataMark:
    """The mark of a service that a run has claimed.

    :raises Refused: another run has claimed it since, or it is live.
    """
    if not is_claimed(service, run):
        raise Refused(
            "%s: another run restores its data, or has restored them" % service.label,
            hint="Nothing more is restored into it here. Run this again when the other run has ended.",
        )
    return mark_of(service) or DataMark()

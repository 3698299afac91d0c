# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The archives of a backup set in the plan of a document: which are restored, in which order, and what became of each.

What the set has of an entry that the run creates is restored between its creation and its first deployment.
"""

from __future__ import annotations

import datetime
import secrets
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Container, Dict, List, Mapping, Optional, Sequence, Tuple

from .._engine.carry_out import Run
from .._engine.runner import Context
from .._engine.state import Node
from .._model.argspec import Spec
from .._model.states import Transition
from .._resources.backups.archives_file import BackupSet, NotSaved, SavedCheck
from .._resources.recovery.bucket import spread
from .._resources.recovery.checks import (
    CHECK_PASSED,
    CHECK_TOLD,
    LOGIN_PASSED,
    MASKED,
    login_check,
)
from .._resources.recovery.claims import CLAIMED, RELEASED, Restored, RestoreRequest
from .._resources.recovery.counts import COUNTS_SAME, expected_counts
from .._resources.recovery.dumps import DUMP_RESTORED
from .._resources.recovery.files import FILES_RESTORED
from .._resources.recovery.heartbeat import Heartbeat
from .._resources.recovery.mark import renewed_mark
from .._resources.recovery.masks import SPEC as MASKS
from .._resources.recovery.masks import Mask
from .._resources.recovery.scratch import SCRATCH_REMOVED, Places, Scratch
from .._resources.recovery.words import data_of
from .._resources.services.application import APPLICATION
from .._values.timestamps import instant
from .archive_choice import KEPT, MISSING, Chosen, ServiceOfEntry
from .proofs import SAME, passed_of, proof_of
from .recovery_nodes import RecoveryNode, Stages, node_key, node_of

OPTIONS: Spec = {
    # The content of the file; the action of the module reads that.
    "archives": {"type": "raw"},
    "archives_before": {"type": "str"},
    "archives_max_age": {"type": "str"},
    "archives_at_once": {"type": "int", "default": 4},
    "archives_keep": {"type": "list", "elements": "str", "default": []},
    "archives_image": {"type": "str", "default": "ubuntu"},
    "archives_save_first": {"type": "bool", "default": True},
    "archives_rehearsal": {"type": "bool", "default": False},
    "archives_together": {"type": "bool", "default": False},
    "overwrite": {"type": "list", "elements": "str", "default": []},
    "masks": MASKS,
    "restore_timeout": {"type": "float", "default": 3600.0},
}
#: What has become of an archive that is restored. What needs one that has failed waits.
RESTORED, FAILED, WAITS = "restored", "failed", "waits"


@dataclass(frozen=True)
class Recovery(Stages):
    """What a run restores.

    :param chosen: every archive of the set that concerns an entry, in the order of the set.
    :param lacking: the data of entries that the set lacks. :param heartbeat: the lease on what it restores.
    """

    saved: Optional[BackupSet] = None
    chosen: Sequence[Chosen] = ()
    lacking: Sequence[NotSaved] = ()
    heartbeat: Optional[Heartbeat] = None

    def end(self) -> None:
        """Give up what the run still holds."""
        if self.heartbeat is not None:
            self.heartbeat.end()

    def report(self, run: Run) -> Dict[str, Any]:
        """What results tell of it."""
        if self.saved is None:
            return {}
        checks = [_check_report(node, node.check, run) for node in self.checks if node.check is not None]
        checks += _checks_not_run(self.saved, self.chosen, checks)
        by_file = {(node.entry.key, node.archive.file): node for node in self.restored if node.archive}
        counts = {(node.entry.key, node.counts.file): node for node in self.checks if node.counts}
        archives = [
            {
                **_archive_report(chosen, by_file, counts, run, passed_of(chosen.archive, self.saved, checks)),
                "saved_first": self._saved_first(chosen, run),
                "lost": _lost(chosen),
            }
            for chosen in self.chosen
        ]
        masks = [_mask_report(node, node.mask, run) for node in self.masks if node.mask is not None]
        return {"archives": archives, "archive_checks": checks, "masks": masks, "recovery": self._summary(self.saved)}

    def _saved_first(self, chosen: Chosen, run: Run) -> Optional[Mapping[str, Any]]:
        """The archive of what an archive has replaced."""
        entry = None if chosen.service is None else chosen.service.entry.key
        for node in (*self.running_saves, *self.saves):
            if node.saves is not None and (node.entry.key, node.saves.file) == (entry, chosen.archive.file):
                saved: Optional[Mapping[str, Any]] = run.done.get(node.key, {}).get("saved_first")
                return saved
        return None if chosen.saved_first is None else asdict(chosen.saved_first)

    def _summary(self, saved: BackupSet) -> Dict[str, Any]:
        """The set, from when its archives are, and what is missing."""
        used = [node.archive for node in self.restored if node.archive is not None]
        oldest, newest = spread(used) if used else (None, None)
        apart = (instant(newest) - instant(oldest)).total_seconds() if oldest and newest else 0.0
        return {
            "created_at": saved.created_at,
            "complete": saved.complete,
            "url": saved.dokploy.url,
            "release": saved.dokploy.release,
            "oldest": oldest,
            "newest": newest,
            "spread_seconds": round(apart, 3),
            "missing": [asdict(data) for data in self.lacking],
        }


def _lost(chosen: Chosen) -> Optional[Dict[str, Any]]:
    """Of what an archive replaces, what is not in it: all that was written since."""
    if not (chosen.restores and chosen.replaces):
        return None
    since = chosen.archive.created_at
    seconds = (datetime.datetime.now(datetime.timezone.utc) - instant(since)).total_seconds()
    return {"since": since, "seconds": round(seconds)}


def _archive_report(
    chosen: Chosen,
    nodes: Mapping[Tuple[str, str], RecoveryNode],
    counts: Mapping[Tuple[str, str], RecoveryNode],
    run: Run,
    passed: Optional[bool],
) -> Dict[str, Any]:
    """What became of an archive.

    :param counts: what counts its rows or keys, as C(nodes) restore archives. :param passed: what its checks tell.
    """
    archive, service = chosen.archive, chosen.service
    named = {"kind": archive.kind, "path": archive.path, "what": archive.what, "name": archive.name}
    file = {"service": archive.service, "file": archive.file, "size": archive.size, "created_at": archive.created_at}
    known = {**named, **file, "action": "none", "reason": chosen.why_not, "seconds": None, "proof": None}
    known.update(outcome=chosen.outcome, looked_up=chosen.looked_up)
    released = {} if service is None else run.done.get(node_key("release", service.entry), {})
    known["live"] = released.get("live") or chosen.live
    place = ("" if service is None else service.entry.key, archive.file)
    node, count = nodes.get(place), counts.get(place)
    error = run.failed.get(node.key) if node else None
    # Without its rows or keys, it is as little in place as if it had not been restored.
    error = error or (run.failed.get(count.key) if count else None)
    is_same: Optional[bool] = run.done.get(count.key, {}).get("same") if count else None
    if error is not None:
        known["outcome"] = FAILED
    if node is None:
        # An earlier run has restored it.
        known["proof"] = SAME if is_same else None
        return {**known, "failed": error is not None, "msg": "" if error is None else str(error)}
    restored: Optional[Restored] = run.done.get(node.key, {}).get("restored")
    return {
        **known,
        "action": "restore",
        "outcome": FAILED if error is not None else _outcome(chosen, node, run),
        "looked_up": chosen.looked_up or restored is not None,
        "seconds": None if restored is None else round(restored.seconds, 3),
        "proof": None if restored is None or error is not None else proof_of(archive, passed, is_same),
        "failed": error is not None,
        "msg": "" if error is None else str(error),
    }


def _outcome(chosen: Chosen, node: RecoveryNode, run: Run) -> str:
    """What became of an archive whose restore has not failed."""
    if node.key not in run.done:
        return WAITS
    return chosen.outcome if run.done[node.key].get("restored") is None else RESTORED


def _check_report(node: RecoveryNode, check: SavedCheck, run: Run) -> Dict[str, Any]:
    """What became of a check; C(passed) is C(None) if it was not run."""
    error = run.failed.get(node.key)
    facts = (run.done.get(node.key, {}).get("check") if error is None else error.details.get("check")) or {}
    passed = False if error is not None else facts.get("passed")
    named = {"name": check.name, "kind": check.kind, "path": check.path, "passed": passed}
    msg = str(facts.get("why") or "") if error is None else str(error)
    expected = {"expected": check.output, "expected_after": check.output_after}
    return {**named, **expected, "output": facts.get("output"), "waits": bool(facts.get("waits")), "msg": msg}


def _checks_not_run(
    saved: BackupSet, chosen: Sequence[Chosen], reports: Sequence[Mapping[str, Any]]
) -> List[Dict[str, Any]]:
    """The checks of the set that are not run, as results show them, with the reason."""
    run = {(report["name"], report["kind"], report["path"]) for report in reports}
    left = [check for check in saved.checks if (check.name, check.kind, check.path) not in run]
    rows: List[Dict[str, Any]] = []
    for check in left:
        items = [item for item in chosen if (item.archive.kind, item.archive.path) == (check.kind, check.path)]
        named = {"name": check.name, "kind": check.kind, "path": check.path, "passed": None, "waits": False}
        expected = {"expected": check.output, "expected_after": check.output_after}
        why = "not run: %s" % (items[0].why_not if items else "the set has no archive of its service")
        rows.append({**named, **expected, "output": None, "msg": why})
    return rows


def _mask_report(node: RecoveryNode, mask: Mask, run: Run) -> Dict[str, Any]:
    """What became of a mask; C(passed) is C(None) if it was not run."""
    error = run.failed.get(node.key)
    passed = False if error is not None else run.done.get(node.key, {}).get("masked") or None
    named = {"name": mask.name, "kind": node.entry.section.kind, "path": node.entry.path}
    return {**named, "passed": passed, "msg": "" if error is None else str(error)}


def recovery_of(
    saved: Optional[BackupSet],
    chosen: Sequence[Chosen],
    lacking: Sequence[NotSaved],
    deployed: Container[str],
    masks: Sequence[Mask],
    context: Context,
) -> Recovery:
    """The nodes that restore the chosen archives.

    :param lacking: the data of entries that the set lacks. :param deployed: the keys of the entries that are deployed.
    :param masks: those of services by the names of entries.
    """
    if saved is None:
        return Recovery()
    making = _Making(saved, deployed, masks, context)
    by_entry: Dict[str, List[Chosen]] = {}
    services: Dict[str, ServiceOfEntry] = {}
    for item in chosen:
        if item.service is not None and (item.restores or item.unreleased):
            services[item.service.entry.key] = item.service
            by_entry.setdefault(item.service.entry.key, []).append(item)
    parts = [making.of_service(services[key], items) for key, items in by_entry.items()]
    claims, restores, checks, masked, releases = ([node for part in parts for node in part[kind]] for kind in range(5))
    checks += making.beside([item for item in chosen if item.service and item.service.entry.key not in by_entry])
    dumps = [node for node in restores if node.node.transition is DUMP_RESTORED]
    files = [node for node in restores if node.node.transition is FILES_RESTORED]
    removal = making.removal(files, context)
    return Recovery(
        claims=claims,
        files=files,
        dumps=dumps,
        checks=checks,
        masks=masked,
        releases=releases,
        together=context.params["archives_together"],
        scratch=removal,
        saved=saved,
        chosen=chosen,
        lacking=lacking,
        heartbeat=making.heartbeat,
    )


class _Making:
    """Makes the nodes of a recovery."""

    def __init__(self, saved: BackupSet, deployed: Container[str], masks: Sequence[Mask], context: Context) -> None:
        options, self._deployed, self._masks = context.params, deployed, masks
        self._saved, self._options, self._run = saved, options, secrets.token_hex(4)
        self._scratch = Scratch(saved.archives)
        self.heartbeat = Heartbeat(
            "rehearsal" if options["archives_rehearsal"] else "recovery", partial(renewed_mark, self._run)
        )
        times = {name: options[name] for name in ("wait_timeout", "restore_timeout", "log_lines", "follow")}
        self._shared = {"places": Places(options["archives_at_once"]), "scratch": self._scratch, **times}
        self._shared["heartbeat"] = self.heartbeat
        self._names = {(service.kind, service.path): service.app_name for service in saved.services}

    def of_service(self, service: ServiceOfEntry, items: Sequence[Chosen]) -> Sequence[List[RecoveryNode]]:
        """The claim of a service, the restores of its archives, its checks, its masks and its release."""
        due = [item for item in items if item.restores]
        claim = {
            "run": self._run,
            "heartbeat": self.heartbeat,
            "files": [item.archive.file for item in items],
            "placed": tuple((item.archive, item.destination_id) for item in due),
            "replaces": any(item.replaces for item in due),
        }
        checks, rehearsal = self._checks_of(items[0]), self._options["archives_rehearsal"]
        waits: Dict[str, Any] = {}
        if rehearsal and service.entry.key not in self._deployed:
            waits = {"rehearsal": True, "patience": 0.0}
        counts = self._counts(service, items)
        masks = [mask for mask in self._masks if mask.service == service.entry.path]
        if not due and any(item.masking for item in items):
            # An earlier run has masked what the checks look at, or a part of it.
            checks, counts = [], []
        return (
            [node_of(service, "claim", CLAIMED, claim)],
            [self._restore(service, item) for item in due],
            [*counts, *self._logins(service, items), *(self._check(service, check, more=waits) for check in checks)],
            [self._mask(service, mask) for mask in masks],
            [node_of(service, "release", RELEASED, {**claim, "rehearsal": rehearsal}, releases=not due)],
        )

    def _restore(self, service: ServiceOfEntry, item: Chosen) -> RecoveryNode:
        archive, image = item.archive, self._options["archives_image"]
        saved_name = self._names[(archive.kind, archive.path)]
        request = RestoreRequest(archive, self._run, saved_name, item.replaces or item.refills, image)
        transition = DUMP_RESTORED if archive.archive_kind.into_running else FILES_RESTORED
        params = {"request": request, "destination_id": item.destination_id, **self._shared}
        return node_of(
            service, "restore of %s," % data_of(archive), transition, params, archive=archive, replaces=item.replaces
        )

    def _check(
        self,
        service: ServiceOfEntry,
        check: SavedCheck,
        transition: Transition = CHECK_PASSED,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> RecoveryNode:
        params = {"check": check, **self._shared, **more}
        return node_of(service, "check %s of" % check.name, transition, params, check=check)

    def beside(self, items: Sequence[Chosen]) -> List[RecoveryNode]:
        """The checks of services into which nothing is restored. What is kept may fail them, and may be newer."""
        nodes: Dict[str, RecoveryNode] = {}
        for item in items:
            service, missing = item.service, item.outcome == MISSING
            if service is None or not (missing or (item.outcome == KEPT and not item.live)):
                continue
            # What does not run is not waited for.
            patience = {} if service.entry.key in self._deployed else {"patience": 0.0}
            for check in self._checks_of(item):
                node = self._check(service, check, CHECK_PASSED if missing else CHECK_TOLD, patience)
                nodes.setdefault(node.key, node)
        return list(nodes.values())

    def _checks_of(self, item: Chosen) -> List[SavedCheck]:
        place = (item.archive.kind, item.archive.path)
        return [check for check in self._saved.checks if (check.kind, check.path) == place]

    def _logins(self, service: ServiceOfEntry, items: Sequence[Chosen]) -> List[RecoveryNode]:
        """What logs in to a database whose data volume came back, once it runs."""
        known = (login_check(item.archive) for item in items)
        checks = [check for check in known if check is not None and service.entry.key in self._deployed]
        return [
            node_of(service, "%s of" % check.name, LOGIN_PASSED, {"check": check, **self._shared}, check=check)
            for check in checks
        ]

    def _counts(self, service: ServiceOfEntry, items: Sequence[Chosen]) -> List[RecoveryNode]:
        """What compares the rows and keys of databases with those that the set saw."""
        nodes = []
        for archive in (item.archive for item in items):
            expected = expected_counts(archive)
            if expected is not None:
                params = {"archive": archive, "expected": expected, "run": self._run, **self._shared}
                nodes.append(node_of(service, "content of %s," % data_of(archive), COUNTS_SAME, params, counts=archive))
        return nodes

    def _mask(self, service: ServiceOfEntry, mask: Mask) -> RecoveryNode:
        params = {"mask": mask, "kind": service.entry.section.kind, "run": self._run, **self._shared}
        return node_of(service, "mask %s of" % mask.name, MASKED, params, mask=mask)

    def removal(self, files: Sequence[RecoveryNode], context: Context) -> Optional[Node]:
        """What removes the scratch volumes in the end; C(None) if there are none, also of an earlier run."""
        if not files and not self._scratch.left(context.client):
            return None
        params = {"scratch": self._scratch}
        return Node(APPLICATION, params, "scratch volumes", transition=SCRATCH_REMOVED)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fingerprint of what was deployed, which is stored with the service, and whether it still is what is configured.

Dokploy stores nothing of the kind, and replaces the title and description of a git deployment by the commit (measured
on 0.30.2). An application stores the fingerprint in a label among C(labelsSwarm), which every read returns and which
changes no status; Docker's own tools store the hash of a configuration in a label, too. The fingerprint is written
before the deployment is triggered and names the newest deployment of that moment, so that it does not count when the
task ends between the two.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .._engine.desired import dotted
from .._engine.plan import MANY, Precondition, Write
from .._engine.unstated import Unstated
from .._model.child import Child
from .._model.field import Field, selected_fields
from .._model.resource import Resource
from .._swarm.tasks import Service
from .._values import dotenv
from .._values.codec import PATH_LIST, URL, is_empty
from .._values.env import ENV
from .earlier import UNVERIFIED, is_unverified
from .name_note import NOTED, name_note
from .queue import Row

# Labels are public: guessing the secrets in a hash must be slow.
ROUNDS = 10000
DIGITS = 32
# Why a deployment is needed.
REQUESTED, NEVER, NO_RECORD = "deployment requested", "never deployed", "no record of the last deployment"
# Why what runs is recorded without a deployment.
RECORD_LOST = "no record of the last deployment, and what runs is what is configured"
CHANGED, SOURCE_CHANGED, PATCHES_CHANGED = "configuration changed", "source changed", "patches changed"
# What a diff shows of what runs when it is recorded as deployed.
RECORDED: Mapping[str, Dict[str, Any]] = {"before": {"recorded": False}, "after": {"recorded": True}}

_TEXT = re.compile(
    r"1 source=(?P<source>\w+) config=(?P<config>\w+)(?: patches=(?P<patches>\w+))?(?: archive=(?P<archive>\w+))?"
    r"(?: after=(?P<after>[\w-]+))?(?: unwatched=(?P<unwatched>yes))?(?: bad=(?P<bad>[\w,-]+))?"
    r"(?: ignored=(?P<ignored>[\w.,-]+))?(?:%s)?\Z" % NOTED
)
_NAME = re.compile(r"[\w.-]+\Z")
_SHARED = re.compile(r"\$\{\{(project|environment)\.(.*?)\}\}")


@dataclass(frozen=True)
class Fingerprint:
    """What was deployed, or is about to be.

    :param source: the hash of the selected source. :param config: that of everything else.
    :param patches: that of the patches, empty without any. :param archive: that of the uploaded files.
    :param after: the ID of the newest deployment before; the fingerprint counts once there is a newer one.
    :param bad: the IDs of deployments that succeeded and then failed verification or were rolled back.
    :param at: the note of the name under which it was deployed first.
    :param unwatched: Docker may roll the deployment back after the task has stopped watching it.
    :param ignored: the options that are left to others, and are in none of the hashes.
    """

    source: str
    config: str
    patches: str = ""
    archive: str = ""
    after: str = ""
    bad: Tuple[str, ...] = ()
    unwatched: bool = False
    ignored: Tuple[str, ...] = ()
    at: str = ""

    @property
    def text(self) -> str:
        parts = [(name, getattr(self, name)) for name in ("source", "config", "patches", "archive", "after")]
        parts += [("unwatched", "yes" if self.unwatched else ""), ("bad", ",".join(self.bad))]
        parts += [("ignored", ",".join(self.ignored)), ("at", self.at)]
        return " ".join(["1"] + ["%s=%s" % (name, value) for name, value in parts if value])

    def matches(self, other: Optional[Fingerprint]) -> bool:
        """Whether the same is deployed by both, whenever that was."""
        if other is None:
            return False
        return replace(other, after=self.after, bad=self.bad, unwatched=self.unwatched, at=self.at) == self

    def counts(self, rows: Sequence[Row]) -> bool:
        """Whether a deployment followed it; the service's are given newest first."""
        return bool(rows) and str(rows[0].get("deploymentId")) != self.after

    def pending(self, rows: Sequence[Row], bad: Iterable[str]) -> Fingerprint:
        """The same for a deployment that is still to come; of the C(bad) deployments those that still exist."""
        ids = [str(row.get("deploymentId")) for row in rows]
        return replace(self, after=ids[0] if ids else "", bad=tuple(bad_id for bad_id in bad if bad_id in ids))


def stored_fingerprint(service: Service) -> Optional[Fingerprint]:
    """The fingerprint in the service's row; C(None) without one that this release understands."""
    store = service.resource.deployable.fingerprint
    match = _TEXT.match(store.get(service.row.get(store.column)))
    if not match:
        return None
    parts = {name: value or "" for name, value in match.groupdict().items()}
    bad = tuple(part for part in parts.pop("bad").split(",") if part)
    ignored = names_ignored(parts.pop("ignored").split(","))
    return Fingerprint(bad=bad, unwatched=bool(parts.pop("unwatched")), ignored=ignored, **parts)


def names_ignored(names: Iterable[str]) -> Tuple[str, ...]:
    """The names of options that are left to others, as fingerprints have them."""
    return tuple(sorted({name for name in names if _NAME.match(name)}))


class FingerprintWrite(Write):
    """Stores a fingerprint, or removes it."""


def fingerprint_write(
    service: Service, fingerprint: Optional[Fingerprint], denied: str = "", earlier: Optional[str] = None
) -> FingerprintWrite:
    """The write that stores a fingerprint beside what else the column holds, or removes it.

    :param earlier: the record of what ran before, which is stored with it; C("") removes that, C(None) leaves it.
    """
    store, record = service.resource.deployable.fingerprint, service.resource.deployable.earlier
    value = store.put(service.row.get(store.column), fingerprint.text if fingerprint is not None else "")
    if earlier is not None:
        value = record.put(value, earlier)
    body, precondition = service.input(**{store.column: value}), Precondition((service.id,), service.id)
    return FingerprintWrite(
        service.resource.updating.procedure, body, precondition=precondition, denied=denied, batched=MANY
    )


def new_fingerprint(
    service: Service,
    rows: Sequence[Row],
    archive: Optional[str],
    unwatched: bool,
    ignored: Optional[Sequence[str]] = None,
) -> Fingerprint:
    """The fingerprint of what is configured, for a deployment that is still to come.

    :param archive: the hash of the files to upload; without it the deployed ones stay.
    :param ignored: the options that are left to others; C(None): the same as before.
    """
    old = stored_fingerprint(service) or Fingerprint("", "")
    files = archive or old.archive if service.row.get("sourceType") == "drop" else ""
    names = old.ignored if ignored is None else names_ignored(ignored)
    hashes, at = _hashes(service, names), name_note(service, old.at)
    return Fingerprint(*hashes, files, unwatched=unwatched, ignored=names, at=at).pending(rows, old.bad)


def adoption_write(
    service: Service, rows: Sequence[Row], denied: str = "", ignored: Optional[Sequence[str]] = None
) -> FingerprintWrite:
    """The write that records what is configured as the last deployment: C(trigger=adopt).

    The fingerprint of a service that was never deployed by this collection is unknown. It can be written afterwards if
    what runs is what is configured. It names no deployment before it, so that it counts for the newest one.

    :param denied: the warning where the key may not store it; empty: that is an error.
    """
    fingerprint = new_fingerprint(service, rows, None, False, ignored)
    return fingerprint_write(service, replace(fingerprint, after="", bad=()), denied)


def rebuilt_fingerprint(service: Service, rows: Sequence[Row], unwatched: bool) -> Optional[Fingerprint]:
    """The fingerprint of a deployment that builds again what the last one took.

    C(None) when that is not what is configured, or is unknown: nothing counts as deployed then.
    """
    old, new = stored_fingerprint(service), new_fingerprint(service, rows, None, unwatched)
    if old is None or not old.counts(rows) or rows[0].get("status") != "done":
        return None
    return new if replace(old, config=new.config).matches(new) else None


def fingerprint_steps(
    service: Service, fingerprint: Optional[Fingerprint], earlier: str = ""
) -> List[FingerprintWrite]:
    """The write of a fingerprint that is to be stored, or removed, unless it is stored already.

    :param earlier: the record of what ran before, empty without one.
    """
    old, record = stored_fingerprint(service), service.resource.deployable.earlier
    if fingerprint is None or old is None:
        stored = fingerprint is old
    else:
        # A deployment that Docker may roll back needs a label that differs from that of the deployment before.
        stored = fingerprint.matches(old) and not (fingerprint.unwatched or old.unwatched)
    if stored and record.get(service.row.get(record.column)) == earlier:
        return []
    denied = "%s: The fingerprint of the deployment cannot be stored, since the API key may not change the %s. The next"
    denied += " run deploys again"
    denied %= service.label, service.resource.name
    return [fingerprint_write(service, fingerprint, denied, earlier)]


def _hashes(service: Service, ignored: Sequence[str]) -> Tuple[str, str, str]:
    """The hashes of the source, of everything else and of the patches."""
    compared = without_ignored(service, ignored)
    return source_hash(compared), config_hash(compared), patches_hash(compared) or ""


def without_ignored(service: Service, ignored: Sequence[str]) -> Service:
    """A service as if the options that are left to others were not set."""
    left = Unstated(ignored=frozenset(ignored))
    row = dict(service.row)
    for path, field, _group in service.resource.fields() if ignored else ():
        prefix = dotted(path) + "."
        names = [name[len(prefix) :] for name in ignored if name.startswith(prefix)]
        if left.ignores(*path):
            row[field.api] = None
        elif field.codec.merge is not None and names:
            variables = field.codec.shown(row.get(field.api))
            row[field.api] = field.codec.to_api({name: variables[name] for name in variables if name not in names})
    for child in service.resource.children if ignored else ():
        if left.ignores(child.option):
            row[child.embedded] = []
        elif child.embedded in row:
            others = {field.api: None for field in child.fields if left.ignores(child.option, field.name)}
            row[child.embedded] = [{**item, **others} for item in row[child.embedded] or ()]
    return replace(service, row=row) if ignored else service


def source_hash(service: Service) -> str:
    """The hash of the selected source; what is stored of other sources does not count."""
    return _hash(_deployed_values(selected_fields(service.resource.options, service.row), service), service)


def config_hash(service: Service) -> str:
    """The hash of everything else that a deployment brings to the containers, except for the patches.

    What is empty does not count, so that a newer server with more columns changes nothing.
    """
    resource, row = service.resource, service.row
    fields = [field for _path, field, group in resource.fields() if group is None or group.selects is None]
    values = _deployed_values(fields, service)
    values.update({child.option: _rows(child, row) for child in _children(resource, listed=False)})
    shared = _shared_variables(service)
    return _hash({**values, "shared": shared} if shared else values, service)


def patches_hash(service: Service) -> Optional[str]:
    """The hash of the children that the service's own read lacks, C("") without any; C(None) if they were not read."""
    children = _children(service.resource, listed=True)
    if any(child.embedded not in service.row for child in children):
        return None
    rows = {child.option: _rows(child, service.row) for child in children if service.row[child.embedded]}
    return _hash(rows, service) if rows else ""


def _children(resource: Resource, listed: bool) -> List[Child]:
    return [c for c in resource.children if not c.applies_immediately and (c.listing is not None) == listed]


def _deployed_values(fields: Iterable[Field], service: Service) -> Dict[str, Any]:
    immediately = service.resource.deployable.applies_immediately
    return _values((field for field in fields if field.api not in immediately and not field.create_only), service.row)


def _rows(child: Child, row: Row) -> List[Any]:
    # What a server sets itself is a default: another column after an upgrade changes nothing.
    made = child.create_ignores
    fields = [replace(f, default=made[f.api]) if f.api in made else f for f in child.fields if not f.input_only]
    return sorted((_values(fields, item) for item in row.get(child.embedded) or []), key=_json)


def _values(fields: Iterable[Field], row: Row) -> Dict[str, Any]:
    # A key that a release renames keeps its name here, so that what was deployed before stays known.
    values = {(field.formerly or (field.api,))[0]: _canonical(field, row.get(field.api)) for field in fields}
    return {key: value for key, value in values.items() if not is_empty(value)}


def _canonical(field: Field, value: Any) -> Any:
    """A value as the user writes it, C(None) for a default; a list without an order is sorted."""
    if value is False:
        return False if field.default is True else None
    if is_empty(value) or value == field.default:
        return None
    # The option hides the password in an address.
    written = value if field.codec is URL else field.shown(value)
    unordered = bool(field.parts and not field.codec.ordered) or field.codec.same is PATH_LIST.same
    return sorted(written, key=_json) if isinstance(written, list) and unordered else written


def _shared_variables(service: Service) -> Dict[str, Any]:
    """The variables of project and environment that the service's own refer to."""
    environment: Mapping[str, Any] = service.row.get("environment") or {}
    homes = {"environment": environment, "project": environment.get("project") or {}}
    tables = {home: dotenv.parse(row.get("env")) for home, row in homes.items()}
    fields = [field for _path, field, _group in service.resource.fields() if field.codec.shown is ENV.shown]
    immediately = service.resource.deployable.applies_immediately
    texts = [str(service.row.get(f.api) or "") for f in fields if f.api not in immediately]
    names = {match for text in texts for match in _SHARED.findall(text)}
    return {"%s.%s" % (home, name): tables[home].get(name) for home, name in sorted(names)}


def _hash(content: Any, service: Service) -> str:
    return hashlib.pbkdf2_hmac("sha256", _json(content).encode(), service.id.encode(), ROUNDS).hex()[:DIGITS]


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def deploy_reason(service: Service, rows: Sequence[Row], archive: Optional[str] = None) -> Optional[str]:
    """Why what is configured is not what was deployed last, as a phrase for conditions; C(None) when it is.

    A deployment that runs counts as one that will succeed.
    """
    if not rows:
        return NEVER
    if rows[0].get("status") == "error":
        return "last deployment failed"
    if rows[0].get("status") == "cancelled":
        return "last deployment was cancelled"
    stored = stored_fingerprint(service)
    if stored is None:
        return NO_RECORD
    if not stored.counts(rows):
        if str(rows[0].get("deploymentId")) in stored.bad:
            return "last deployment failed verification or was rolled back"
        return "last deployment did not start"
    return _difference(service, stored, archive) or (UNVERIFIED if is_unverified(service) else None)


def _difference(service: Service, stored: Fingerprint, archive: Optional[str]) -> Optional[str]:
    """What is configured otherwise than it was deployed."""
    compared = without_ignored(service, stored.ignored)
    if stored.source != source_hash(compared):
        return SOURCE_CHANGED
    if stored.config != config_hash(compared):
        return CHANGED
    if patches_hash(compared) not in (None, stored.patches):
        return PATCHES_CHANGED
    return "files changed" if archive not in (None, stored.archive) else None

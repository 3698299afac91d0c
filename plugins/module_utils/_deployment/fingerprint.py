# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The mark of a deployment: a label of the service that tells what was deployed, and whether it is what is configured.

Dokploy keeps no such thing, and overwrites the title and description of a git deployment with the commit (measured on
0.30.2). A label in C(labelsSwarm) survives, comes with every read of the application and changes no status; Docker's
own tools keep the hash of a configuration in a label too. The mark is written before the deployment is triggered, and
names the newest deployment there was, so that a run that ends in between leaves a mark that does not count.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import newest_first
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Precondition, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, repeated
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, PermissionDenied
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    PATH_LIST,
    URL,
    is_empty,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.names import MARK_LABEL

Row = Mapping[str, Any]

# Who can read a label need not know the secrets that went into it: guessing them shall take its time.
ROUNDS = 10000
# Two configurations that are not the same give the same digits once in 2**128 times.
DIGITS = 32

_MARK = re.compile(
    r"1 source=(?P<source>\w+) config=(?P<config>\w+)(?: patches=(?P<patches>\w+))?(?: archive=(?P<archive>\w+))?"
    r"(?: after=(?P<after>[\w-]+))?(?: unwatched=(?P<unwatched>yes))?(?: bad=(?P<bad>[\w,-]+))?\Z"
)
_SHARED = re.compile(r"\$\{\{(project|environment)\.(.*?)\}\}")


@dataclass(frozen=True)
class Mark:
    """What was deployed, or was about to be.

    :param source: the fingerprint of where the code or the image comes from. :param config: that of everything else.
    :param patches: that of the patches, empty for none.
    :param archive: the content hash of the files that were uploaded.
    :param after: the id of the newest deployment there was before; the mark counts once there is a newer one.
    :param bad: the ids of deployments that ended well and then did not run well.
    :param unwatched: Docker may roll the deployment back after the last look at what runs.
    """

    source: str
    config: str
    patches: str = ""
    archive: str = ""
    after: str = ""
    bad: Tuple[str, ...] = ()
    unwatched: bool = False

    @property
    def text(self) -> str:
        parts = [(name, getattr(self, name)) for name in ("source", "config", "patches", "archive", "after")]
        parts += [("unwatched", "yes" if self.unwatched else ""), ("bad", ",".join(self.bad))]
        return " ".join(["1"] + ["%s=%s" % (name, value) for name, value in parts if value])

    def same_as(self, other: Optional[Mark]) -> bool:
        """Whether both are of the same, whenever that was."""
        return other is not None and self._plain() == other._plain()

    def _plain(self) -> Mark:
        return replace(self, after="", unwatched=False, bad=())

    def counts(self, rows: Sequence[Row]) -> bool:
        """Whether a deployment came after it.

        :param rows: the application's deployments, newest first.
        """
        return bool(rows) and str(rows[0].get("deploymentId")) != self.after

    def pending(self, rows: Sequence[Row]) -> Mark:
        """The same for a deployment that is still to come."""
        return replace(self, after=str(rows[0].get("deploymentId")) if rows else "")


def mark_of(row: Row) -> Optional[Mark]:
    """The mark on an application; C(None) when it has none that this release understands."""
    found = _MARK.match(str((row.get("labelsSwarm") or {}).get(MARK_LABEL) or ""))
    if not found:
        return None
    parts = {name: value or "" for name, value in found.groupdict().items()}
    bad = tuple(resource_id for resource_id in parts.pop("bad").split(",") if resource_id)
    return Mark(bad=bad, unwatched=bool(parts.pop("unwatched")), **parts)


def marking(row: Row, mark: Optional[Mark]) -> Write:
    """The write that puts this mark on an application, beside its other labels, or takes its mark away."""
    labels = {name: text for name, text in (row.get("labelsSwarm") or {}).items() if name != MARK_LABEL}
    if mark is not None:
        labels[MARK_LABEL] = mark.text
    resource_id = str(row.get("applicationId"))
    body = {"applicationId": row.get("applicationId"), "labelsSwarm": labels or None}
    return Write("application.update", body, precondition=Precondition((resource_id,), resource_id))


# --- fingerprints ----------------------------------------------------------------------------------------------------


def source_print(resource: Resource, row: Row) -> str:
    """The fingerprint of the source that is chosen; what is stored of others does not count.

    :param row: the answer of C(application.one).
    """
    found: Dict[str, Any] = {}
    for option in resource.options:
        if isinstance(option, Group) and option.selects is not None:
            selector, chosen = option.selects
            if row.get(selector.api) == chosen:
                _put_all(found, (selector,) + option.fields, resource, row)
    return _digits(found, row)


def config_print(resource: Resource, row: Row) -> str:
    """The fingerprint of all else that a deployment brings to the running service, patches apart.

    What is empty does not count, so that a newer server with more columns changes nothing.

    :param row: the answer of C(application.one).
    """
    found: Dict[str, Any] = {}
    for option in resource.options:
        if not isinstance(option, Group):
            _put_all(found, (option,), resource, row)
        elif option.selects is None:
            _put_all(found, option.fields, resource, row)
    for child in resource.children:
        if not child.applies_immediately and child.listing is None:
            found[child.option] = _children(child, row)
    shared = _shared(row)
    if shared:
        found["shared"] = shared
    return _digits(found, row)


def patches_print(resource: Resource, row: Row) -> Optional[str]:
    """The fingerprint of the children that the application's own read lacks, C("") for none; C(None): not read."""
    listed = [child for child in resource.children if not child.applies_immediately and child.listing is not None]
    if any(child.embedded not in row for child in listed):
        return None
    found = {child.option: rows for child, rows in ((child, _children(child, row)) for child in listed) if rows}
    return _digits(found, row) if found else ""


def _put_all(found: Dict[str, Any], fields: Sequence[Field], resource: Resource, row: Row) -> None:
    for field in fields:
        if field.api not in resource.applies_immediately and not field.create_only:
            _put(found, field, row)


def _put(found: Dict[str, Any], field: Field, row: Row) -> None:
    value = row.get(field.api)
    if value is False and field.default is True:
        found[field.api] = False
    elif not is_empty(value) and value is not False and value != field.default:
        shown = _canonical(field, value)
        if not is_empty(shown):
            found[field.api] = shown


def _canonical(field: Field, value: Any) -> Any:
    """A value in the user's words; a list whose order means nothing is sorted."""
    # The words for an address hide the password in it.
    shown = value if field.codec is URL else field.to_word(value)
    unordered = bool(field.parts and not field.codec.ordered) or field.codec.same is PATH_LIST.same
    if isinstance(shown, list) and unordered:
        return sorted(shown, key=_json)
    return shown


def _children(child: Child, row: Row) -> List[Any]:
    rows = []
    for item in row.get(child.embedded) or []:
        one: Dict[str, Any] = {}
        for field in child.fields:
            if not field.input_only:
                _put(one, field, item)
        rows.append(one)
    return sorted(rows, key=_json)


def _shared(row: Row) -> Dict[str, Any]:
    """The shared variables that the application's own refer to, with their values."""
    environment = row.get("environment") or {}
    tables = {
        "environment": dotenv.parse(environment.get("env")),
        "project": dotenv.parse((environment.get("project") or {}).get("env")),
    }
    texts = [str(row.get(api) or "") for api in ("env", "buildArgs", "buildSecrets")]
    names = {match for text in texts for match in _SHARED.findall(text)}
    return {"%s.%s" % (home, name): tables[home].get(name) for home, name in sorted(names)}


def _digits(found: Any, row: Row) -> str:
    salt = str(row.get("applicationId")).encode()
    return hashlib.pbkdf2_hmac("sha256", _json(found).encode(), salt, ROUNDS).hex()[:DIGITS]


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


# --- the judgement ---------------------------------------------------------------------------------------------------


_ENDED_BADLY = {"error": "last deployment failed", "cancelled": "last deployment was cancelled"}


def why_deploy(resource: Resource, row: Row, rows: Sequence[Row], archive: Optional[str] = None) -> Optional[str]:
    """Why what is configured is not what was deployed last, as a phrase for conditions; C(None) when it is.

    A deployment that runs counts as one that will end well.

    :param row: the answer of C(application.one), with its patches where they were read.
    :param rows: its deployments, newest first. :param archive: the content hash of the files that are wanted.
    """
    if not rows:
        return "never deployed"
    if rows[0].get("status") in _ENDED_BADLY:
        return _ENDED_BADLY[str(rows[0].get("status"))]
    mark = mark_of(row)
    if mark is None:
        return "no record of the last deployment"
    if not mark.counts(rows):
        if str(rows[0].get("deploymentId")) in mark.bad:
            return "last deployment failed verification or was rolled back"
        return "last deployment did not start"
    if mark.source != source_print(resource, row):
        return "source changed"
    if mark.config != config_print(resource, row):
        return "configuration changed"
    patches = patches_print(resource, row)
    if patches is not None and patches != mark.patches:
        return "patches changed"
    if archive is not None and archive != mark.archive:
        return "files changed"
    return None


# --- fingerprint store ---
# The mark that goes with a deployment, how it gets onto the application, and how it is taken back.


def present_mark(
    resource: Resource, row: Row, rows: Sequence[Row], archive: Optional[str] = None, unwatched: bool = False
) -> Mark:
    """The mark of a deployment that is still to come, of what is configured now.

    :param row: the answer of C(application.one), with its patches. :param rows: its deployments, newest first.
    :param archive: the content hash of the files that come with it; without one those of before stay.
    :param unwatched: Docker may roll it back after the last look at what runs.
    """
    old = mark_of(row)
    if archive is None and old is not None:
        archive = old.archive
    return Mark(
        source_print(resource, row),
        config_print(resource, row),
        patches_print(resource, row) or "",
        (archive or "") if row.get("sourceType") == "drop" else "",
        unwatched=unwatched,
        bad=_still_there(old.bad if old is not None else (), rows),
    ).pending(rows)


def _still_there(ids: Sequence[str], rows: Sequence[Row]) -> Tuple[str, ...]:
    known = {row.get("deploymentId") for row in rows}
    return tuple(resource_id for resource_id in ids if resource_id in known)


def rebuilt_mark(resource: Resource, row: Row, rows: Sequence[Row], unwatched: bool) -> Optional[Mark]:
    """The mark of a deployment that builds again what the last one took.

    C(None) when that is not what is configured, or nobody can say what it took: nothing may count as deployed then.
    """
    old, new = mark_of(row), present_mark(resource, row, rows, unwatched=unwatched)
    if old is None or not old.counts(rows) or rows[0].get("status") != "done":
        return None
    took_the_same = (old.source, old.patches, old.archive) == (new.source, new.patches, new.archive)
    return new if took_the_same else None


def put_mark(row: Row, mark: Optional[Mark], label: str, executor: Executor) -> None:
    """Write a mark, or remove it, unless it is there."""
    old = mark_of(row)
    if mark is None and old is None:
        return
    # What Docker may roll back has a mark of its own, which tells it from the deployment before.
    if mark is not None and old is not None and mark.same_as(old) and not (mark.unwatched or old.unwatched):
        return
    try:
        executor.run(Plan((marking(row, mark),)))
    except PermissionDenied as error:
        executor.warnings.append(
            "%s: the key may not change the application, so that nothing tells later runs what was deployed: %s"
            % (label, error)
        )


def unmark(application_id: str, context: Context) -> None:
    """Take it back that what is configured was deployed: the next run with C(trigger=changed) deploys again.

    The newest deployment is remembered as one that is not to be gone back to.
    """
    try:
        repeated(lambda: _unmark(application_id, context), context, "application %s" % application_id)
    except DokployError as error:
        context.executor.warnings.append(
            "the deployment could not be marked as one that did not work out, so that it counts as good: %s" % error
        )


def _unmark(application_id: str, context: Context) -> None:
    row = context.reads.fresh("application.one", "applicationId", application_id)
    mark = mark_of(row)
    if mark is None:
        return
    rows = newest_first(row.get("deployments") or [])
    newest = tuple(str(item.get("deploymentId")) for item in rows[:1])
    known = _still_there([resource_id for resource_id in mark.bad if resource_id not in newest], rows)
    again = replace(mark.pending(rows), bad=known + newest)
    if again != mark:
        context.executor.run(Plan((marking(row, again),)))

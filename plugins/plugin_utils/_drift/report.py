# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a server differs from a document, as data, from the result of C(dokploy_manifest) in check mode. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import CHANGED, REQUESTED
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from ansible_collections.community.dokploy.plugins.module_utils._values.yaml_text import yaml_of
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.backups import (
    oldest_of,
    problem_in_words,
    problems_of,
    unread,
    with_archives,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.exclusions import Exclusions, unknown_kinds
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.sets import (
    missing_archives,
    sets_unread,
    sets_view,
)

Row = Mapping[str, Any]
Key = Tuple[str, str]

#: The kinds of services.
SERVICES = ("application", "compose", "database")
# What an action says about the server, in place of what a run would do.
_STATES = {
    "create": "does not exist",
    "remove": "to be removed",
    "replace": "to be replaced",
    "deploy": "not deployed as configured",
    "adopt": "not recorded as deployed",
    "start": "not running",
    "stop": "running",
}
# Why an update is followed by a deployment: without the one, the other is not needed.
_FOLLOWING = (CHANGED, "source changed", "patches changed")
_FAILED = ("error", "cancelled")
# What concerns an entry as a whole, so that its options tell nothing.
_WHOLE = ("create", "remove")
# The words after a number, one and several.
_SUMMARY = (
    ("errors", "not compared", "not compared"),
    ("differences", "difference", "differences"),
    ("unstated", "set on the server and not stated", "set on the server and not stated"),
    ("unmanaged", "not in the document", "not in the document"),
    ("failed_deployments", "failed deployment", "failed deployments"),
    ("backup_problems", "backup problem", "backup problems"),
)
NO_DRIFT = "No drift"
#: How results show the value of a secret.
HIDDEN = "(hidden)"
# How many names deep a value counts as a mapping whose other side is empty.
_DEEP = 2
# The most characters of a value in a line.
_SHORT = 60


def drift_report(
    applied: Row,
    exclude: Sequence[str] = (),
    server: str = "",
    document: str = "",
    checked_at: str = "",
    host: str = "",
    coverage: Optional[Row] = None,
    sets: Optional[Row] = None,
) -> Dict[str, Any]:
    """What differs, what is set and not stated, what is unmanaged or of unknown kinds, which deployments failed, when
    each service was deployed, and what is wrong with backups.

    :param applied: the result of the module in check mode with diff mode, which contains no secrets.
    :param exclude: patterns of what is left out, see L(Exclusions).
    :param server: URL of the server, of which a user and a password are left out. :param checked_at: the time in UTC.
    :param host: its name in the inventory.
    :param coverage: the result of C(dokploy_backup_info) with C(max_age), of which only what is in projects of the
        document counts; C(None) if backups are not looked at.
    :param sets: the backup sets, see L(sets_unread).
    :raises OptionError: a pattern begins with an unknown kind.
    """
    plan: Row = applied.get("plan") or {}
    exclusions = _exclusions(exclude, applied, plan)
    differences, left_out = _differences(plan.get("changes") or (), applied.get("diff") or (), exclusions)
    unstated = list(_unstated(plan.get("unstated") or (), exclusions, left_out))
    unmanaged = _kept([_named(row) for row in plan.get("unmanaged") or ()], exclusions, left_out)
    unknown = _kept([dict(row) for row in plan.get("unknown") or ()], exclusions, left_out)
    services = _services(applied, exclusions)
    errors = _kept(
        [*_errors(applied), *unread(coverage), *sets_unread(sets)], exclusions, left_out
    ) + _without_comparison(applied)
    problems = problems_of(coverage, applied, exclusions, left_out) + missing_archives(sets, exclusions, left_out)
    failed = sorted((service for service in services if service["failed"]), key=_ended, reverse=True)
    order = {
        (resource["kind"], resource["path"]): number for number, resource in enumerate(applied.get("resources") or ())
    }
    differences.sort(key=lambda difference: order.get((difference["kind"], difference["path"]), len(order)))
    lists: Dict[str, Sequence[Row]] = {
        "differences": differences,
        "unstated": unstated,
        "unmanaged": unmanaged,
        "unknown": unknown,
        "failed_deployments": failed,
        "errors": errors,
        "services": services,
        **({} if coverage is None and sets is None else {"backup_problems": problems}),
    }
    counts = {**{name: len(rows) for name, rows in lists.items()}, "excluded": len(left_out)}
    return {
        "drifted": bool(differences or errors or problems),
        "summary": _summary(counts),
        "counts": counts,
        "host": host,
        "server": without_login(server),
        "document": document,
        "checked_at": checked_at,
        "plan_id": plan.get("id"),
        **lists,
        "backup_sets": sets_view(sets),
        **_of_instance(applied, coverage, exclusions),
    }


def without_login(server: str) -> str:
    """The URL of a server without a user and a password."""
    return re.sub(r"(?<=//)[^/@]*@", "", server)


def _summary(counts: Mapping[str, int]) -> str:
    """One line: C(2 differences, 1 not in the document, 3 excluded)."""
    numbers = [(counts.get(name, 0), words) for name, *words in _SUMMARY]
    parts = ["%d %s" % (count, words[count > 1]) for count, words in numbers if count] or [NO_DRIFT]
    return ", ".join([*parts, *excluded(counts)])


def excluded(counts: Mapping[str, int]) -> List[str]:
    """How much is left out, nothing if it is nothing: without it, that there is no drift says too much."""
    return ["%d excluded" % counts["excluded"]] if counts.get("excluded") else []


def _exclusions(patterns: Sequence[str], applied: Row, plan: Row) -> Exclusions:
    """What is left out. :raises OptionError: a pattern begins with an unknown kind."""
    parts = [plan.get(name) or () for name in ("changes", "unmanaged", "unknown")]
    parts += [applied.get(name) or () for name in ("resources", "failures", "waiting")]
    # Without a plan, what failed has compared nothing, so that no name is known.
    mistakes = unknown_kinds(patterns, {row["path"] for rows in parts for row in rows}) if plan else []
    if mistakes:
        raise OptionError("exclude: %s" % " ".join(mistakes))
    return Exclusions(patterns)


def report_lines(report: Row, unmanaged: bool = False, unstated: bool = False) -> List[str]:
    """A line for each difference, each error and each problem of a backup.

    :param unmanaged: and for what is unmanaged. :param unstated: and for what is set on the server, and not stated.
    """
    lines = ["%s %s: %s" % (error["kind"], error["path"], error["msg"]) for error in report["errors"]]
    lines += [
        "%s %s: %s" % (difference["kind"], difference["path"], difference_text(difference))
        for difference in report["differences"]
    ]
    lines += [
        "%s %s: %s" % (row["kind"], row["path"], problem_in_words(row)) for row in report.get("backup_problems", ())
    ]
    for row in report["unstated"] if unstated else ():
        lines.append("%s %s: set on the server, and not stated: %s" % (row["kind"], row["path"], difference_text(row)))
    rest = report["unmanaged"] if unmanaged else ()
    return lines + ["%s %s: not in the document" % (row["kind"], row["path"]) for row in rest]


def difference_text(difference: Row) -> str:
    """What is different, in one line without long and secret values."""
    sentences = [
        "%s%s" % (state["text"], state["reason"] and " (%s)" % state["reason"])
        for state in difference.get("states", ())
    ]
    rest = []
    whole = difference.get("actions", ("",))[0] in _WHOLE
    for option in () if whole else difference["options"]:
        before, after = (_in_a_line(option[side]) for side in ("before", "after"))
        if before and after:
            sentences.append("%s is %s instead of %s" % (_named_option(option), before, after))
        else:
            rest.append(_named_option(option))
    if rest:
        sentences.append("%s differ%s" % (", ".join(rest), "s" if len(rest) == 1 else ""))
    return "; ".join(sentences)


def _named_option(option: Row) -> str:
    return option["option"] if option.get("stated", True) else "%s (not stated)" % option["option"]


def _in_a_line(value: Any) -> str:
    """A value in a line; empty if it does not belong into one."""
    text = "" if value is None or isinstance(value, (list, dict)) else value_text(value)
    return "" if text.startswith(HIDDEN) or len(text) > _SHORT or "\n" in text else text


def value_text(value: Any) -> str:
    """A value as reports show it; lists and mappings as YAML."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if value is None or isinstance(value, (bool, int, float)) else yaml_of(value).rstrip()


def _named(row: Row) -> Dict[str, Any]:
    return {"kind": row["kind"], "path": row["path"]}


def _kept(rows: Sequence[Dict[str, Any]], exclusions: Exclusions, left_out: List[Key]) -> List[Dict[str, Any]]:
    """The rows that are not left out. :param left_out: gets the others."""
    kept = []
    for row in rows:
        if exclusions.has(row["kind"], row["path"]):
            left_out.append((row["kind"], row["path"]))
        else:
            kept.append(row)
    return kept


# --- what differs ---


def _differences(
    changes: Sequence[Row], diffs: Sequence[Row], exclusions: Exclusions
) -> Tuple[List[Dict[str, Any]], List[Key]]:
    """The differences, one for each entry, and what is left out."""
    # The first one may be the plan as a table.
    sides = {(diff["kind"], diff["path"], diff["action"]): diff for diff in diffs if "kind" in diff}
    entries: Dict[Key, List[Row]] = {}
    for change in changes:
        if not _is_repeated(change):
            entries.setdefault((change["kind"], change["path"]), []).append(change)
    differences, left_out = [], []
    for key, own in entries.items():
        if exclusions.has(*key):
            left_out.append(key)
            continue
        options, fewer = _options(key, [sides.get((*key, change["action"]), {}) for change in own], exclusions)
        reset = [name for change in own for name in change.get("reset") or ()]
        options = [{**option, "stated": not _is_reset(option["option"], reset)} for option in options]
        states = list(_states(own, fewer and not options))
        if fewer:
            left_out.append(key)
        if options or states:
            actions = [change["action"] for change in own]
            differences.append(
                {"kind": key[0], "path": key[1], "actions": actions, "states": states, "options": options}
            )
    return differences, left_out


def _unstated(rows: Sequence[Row], exclusions: Exclusions, left_out: List[Key]) -> Iterator[Dict[str, Any]]:
    """What is set on the server and not stated, one for each entry. :param left_out: gets what is left out."""
    for row in rows:
        key = (row["kind"], row["path"])
        options, fewer = ([], True) if exclusions.has(*key) else _options(key, [row], exclusions)
        if fewer:
            left_out.append(key)
        if options:
            yield {**_named(row), "options": options}


def _is_repeated(change: Row) -> bool:
    """Whether each run does it, so that it tells nothing about the server."""
    return (change["action"], change["reason"]) == ("deploy", REQUESTED) or bool(change["action"] == "reload")


def _is_reset(option: str, reset: Sequence[str]) -> bool:
    """Whether no entry states an option. :param reset: those of which this is so: C(backups[nightly].keep)."""
    names = [name.replace("[", ".").replace("]", "") for name in reset]
    return any(option == name or option.startswith(name + ".") for name in names)


def _states(changes: Sequence[Row], without_options: bool) -> Iterator[Dict[str, Any]]:
    """What the actions say. :param without_options: all options that differ are left out."""
    for change in changes:
        follows = change is not changes[0] and changes[0]["action"] in _WHOLE
        if change["action"] not in _STATES or follows or (without_options and change["reason"] in _FOLLOWING):
            continue
        yield {"action": change["action"], "text": _STATES[change["action"]], "reason": change["reason"] or ""}


def _options(key: Key, diffs: Sequence[Row], exclusions: Exclusions) -> Tuple[List[Dict[str, Any]], bool]:
    """The options and suboptions that differ, and whether some are left out."""
    options, fewer = [], False
    for diff in diffs:
        before, after = (diff.get(side) for side in ("before", "after"))
        for option, old, new in _leaves((), before, after):
            if option in ((), ("state",)):
                continue
            if exclusions.has_option(*key, option):
                fewer = True
            else:
                options.append({"option": ".".join(option), "before": old, "after": new})
    return options, fewer


def _leaves(path: Tuple[str, ...], before: Any, after: Any) -> Iterator[Tuple[Tuple[str, ...], Any, Any]]:
    """Both values of all that differs below a value, with the names on the way to it.

    What a mapping of children has on one side only is one value: a domain, a mount.
    """
    if before == after:
        return
    sides = [{} if side is None and len(path) < _DEEP else side for side in (before, after)]
    if not all(isinstance(side, Mapping) for side in sides):
        yield path, _text_of_lines(before), _text_of_lines(after)
        return
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        yield from _leaves((*path, str(name)), sides[0].get(name), sides[1].get(name))


def _text_of_lines(value: Any) -> Any:
    """The text that a diff has as a list of its lines."""
    if isinstance(value, list) and len(value) > 1 and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return value


# --- services and errors ---


def _services(applied: Row, exclusions: Exclusions) -> List[Dict[str, Any]]:
    """The services of the document that are not left out."""
    resources = [
        resource
        for resource in applied.get("resources") or ()
        if resource["kind"] in SERVICES and resource["state"] != "absent"
    ]
    return _kept([_service(resource) for resource in resources], exclusions, [])


def _service(resource: Row) -> Dict[str, Any]:
    """A service with its last deployment."""
    deployment: Optional[Row] = resource.get("deployment")
    last = None if deployment is None else deployment.get("status")
    known = {name: resource.get(name) for name in ("url", "status", "deployed_at", "deployment")}
    if known["status"] == GENERATED:
        # It does not exist.
        known["status"] = None
    # A database has no record of its deployments.
    failed = last in _FAILED or (deployment is None and resource.get("status") == "error")
    return {**_named(resource), **known, "failed": failed}


def _of_instance(applied: Row, coverage: Optional[Row], exclusions: Exclusions) -> Dict[str, Any]:
    """The release of the server, and its backups, as far as they were read."""
    rows = with_archives([dict(row) for row in applied.get("backups") or ()], coverage)
    backups = _kept(rows, exclusions, [])
    return {"release": applied.get("release") or "", "backups": backups, "oldest_backup": oldest_of(backups)}


def _ended(service: Row) -> str:
    deployment = service["deployment"] or {}
    return str(deployment.get("finished_at") or deployment.get("created_at") or "")


def _errors(applied: Row) -> Iterator[Dict[str, Any]]:
    """What could not be compared, and why."""
    for failure in applied.get("failures") or ():
        yield {**_named(failure), "msg": str(failure["msg"])}
    for waiting in applied.get("waiting") or ():
        cause = waiting["waits_for"]
        yield {**_named(waiting), "msg": "not compared, because of %s %s" % (cause["kind"], cause["path"])}


def _without_comparison(applied: Row) -> List[Dict[str, Any]]:
    """That nothing was compared, which no pattern excludes.

    Without it, the report of a run that failed before would say that there is no drift.
    """
    has_a_plan = applied.get("plan") is not None
    is_explained = bool(applied.get("failures") or applied.get("waiting"))
    if has_a_plan and (is_explained or not applied.get("failed")):
        return []
    msg = str(applied.get("msg") or "There is no plan.")
    return [{"kind": "document", "path": "everything", "msg": msg}]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of the role C(setup), from that of C(dokploy_manifest), and deployments as lines of a table. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._values.paths import plain, split

Report = Mapping[str, Any]

# The kinds of services in the order of results, and those that have records of their deployments.
_SERVICES = ("database", "compose", "application")
_BUILT = ("compose", "application")
# The plurals of kinds in the result.
_LISTS = {
    "project": "projects",
    "environment": "environments",
    "database": "databases",
    "compose": "compose",
    "application": "applications",
}
_OF_SERVICES = {"database": ("app_name",), "compose": ("app_name",), "application": ("app_name", "url")}
_RECORD = ("deployment_id", "status", "commit", "duration")


def setup_result(applied: Report) -> Dict[str, Any]:
    """What was set up, by kind, each with its names and ID, and what became of it.

    :param applied: the result of C(dokploy_manifest); of one that has refused its document, the lists are empty.
    """
    resources: Sequence[Report] = applied.get("resources") or ()
    found: Dict[str, Any] = {"plan": applied.get("plan")}
    for kind, name in _LISTS.items():
        found[name] = [_resource(one) for one in resources if one["kind"] == kind]
    found["resources"] = [dict(one) for one in resources]
    found["deployments"] = _deployments(_by_kind(resources), applied.get("deployments") or ())
    found["runs"] = [_run(one) for one in _by_kind(applied.get("runs") or ())]
    checks = applied.get("http_checks") or ()
    found["http_checks"] = [{**_service(one, _BUILT), "passed": one["passed"]} for one in checks]
    return found


def deployment_table(deployments: Sequence[Report], check_mode: bool = False) -> List[str]:
    """Deployments in aligned columns, below the names of these. :param check_mode: none was started."""
    rows = [("service", "status", "commit", "seconds", "")]
    for one in _by_kind(deployments):
        seconds, planned = _seconds(one), "to adopt" if one["action"] == "adopt" else "planned"
        rows.append(
            (
                one["path"],
                one["status"] or (planned if check_mode else "started"),
                (one.get("commit") or "")[:7],
                "" if seconds is None else "%.1f" % seconds,
                (_first_line(one["msg"]) if one["failed"] else one["reason"]) or "",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [("%-*s  %-*s  %-7s  %7s  %s" % (widths[0], row[0], widths[1], *row[1:])).rstrip() for row in rows]


def _names(one: Report) -> Tuple[str, ...]:
    return tuple(plain(name) for name in split(str(one["path"])))


def _resource(one: Report) -> Dict[str, Any]:
    """A resource with the names of what it is in."""
    kind, names = one["kind"], _names(one)
    around = dict(zip(("project", "environment"), names[:-1]))
    state = "absent" if one["state"] == "absent" else "present"
    known = {**around, "name": names[-1], "state": state, "changed": one["changed"], "%s_id" % kind: one["id"]}
    return {**known, **{name: one.get(name) for name in _OF_SERVICES.get(kind, ())}}


def _service(one: Report, kinds: Sequence[str]) -> Dict[str, Any]:
    """The names of a service; that of its kind alone is no C(None)."""
    names = _names(one)
    found: Dict[str, Any] = dict(zip(("project", "environment"), names[:-1]))
    return {**found, **dict.fromkeys(kinds), one["kind"]: names[-1]}


def _run(one: Report) -> Dict[str, Any]:
    shown = {name: one[name] for name in ("state", "changed", "failed", "running")}
    return {**_service(one, _SERVICES), **shown}


def _deployments(resources: Iterable[Report], reports: Iterable[Report]) -> List[Dict[str, Any]]:
    """What is deployed of each stack and application: as this run has deployed it, or as an earlier one has."""
    own = {(one["kind"], one["path"]): one for one in reports}
    found = []
    for one in resources:
        report = own.get((one["kind"], one["path"]))
        if one["kind"] not in _BUILT or (report is None and not one.get("deployment")):
            continue
        if report is None or (report["action"] == "none" and one.get("deployment")):
            earlier = {name: one["deployment"].get(name) for name in _RECORD}
            known = {"changed": False, "failed": False, "reason": None, **earlier, "seconds": None, "msg": ""}
            # What is left alone keeps the record of its last deployment.
            known.update({} if report is None else {name: report[name] for name in ("reason", "status")})
        else:
            known = {name: report.get(name) for name in ("changed", "failed", "reason", *_RECORD)}
            msg = _first_line(report["msg"]) if report["failed"] else ""
            known.update(seconds=_seconds(report), msg=msg)
        found.append({**_service(one, _BUILT), **known})
    return found


def _by_kind(reports: Sequence[Report]) -> List[Report]:
    """Those of services, by their kinds, otherwise in their order."""
    return [one for kind in _SERVICES for one in reports if one["kind"] == kind]


def _seconds(report: Report) -> Any:
    """How long it took until its containers were verified, or the build where they were not."""
    return report.get("duration") if report.get("seconds") is None else report["seconds"]


def _first_line(text: Any) -> str:
    return str(text or "").partition("\n")[0]

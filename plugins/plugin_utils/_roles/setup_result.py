# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of the role C(setup), from that of C(dokploy_manifest), and deployments as lines of a table. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._values.paths import split, unescaped

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
    result: Dict[str, Any] = {"plan": applied.get("plan")}
    for kind, name in _LISTS.items():
        result[name] = [_resource(resource) for resource in resources if resource["kind"] == kind]
    result["resources"] = [dict(resource) for resource in resources]
    result["deployments"] = _deployments(_by_kind(resources), applied.get("deployments") or ())
    result["runs"] = [_run(run) for run in _by_kind(applied.get("runs") or ())]
    checks = applied.get("http_checks") or ()
    result["http_checks"] = [{**_service(check, _BUILT), "passed": check["passed"]} for check in checks]
    return result


def deployment_table(deployments: Sequence[Report], check_mode: bool = False) -> List[str]:
    """Deployments in aligned columns, below the names of these. :param check_mode: none was started."""
    rows = [("service", "status", "commit", "seconds", "")]
    for deployment in _by_kind(deployments):
        seconds, planned = _seconds(deployment), "to adopt" if deployment["action"] == "adopt" else "planned"
        rows.append(
            (
                deployment["path"],
                deployment["status"] or (planned if check_mode else "started"),
                (deployment.get("commit") or "")[:7],
                "" if seconds is None else "%.1f" % seconds,
                (_first_line(deployment["msg"]) if deployment["failed"] else deployment["reason"]) or "",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [("%-*s  %-*s  %-7s  %7s  %s" % (widths[0], row[0], widths[1], *row[1:])).rstrip() for row in rows]


def _names(report: Report) -> Tuple[str, ...]:
    return tuple(unescaped(name) for name in split(str(report["path"])))


def _resource(resource: Report) -> Dict[str, Any]:
    """A resource with the names of what it is in."""
    kind, names = resource["kind"], _names(resource)
    around = dict(zip(("project", "environment"), names[:-1]))
    state = "absent" if resource["state"] == "absent" else "present"
    known = {
        **around,
        "name": names[-1],
        "state": state,
        "changed": resource["changed"],
        "%s_id" % kind: resource["id"],
    }
    return {**known, **{name: resource.get(name) for name in _OF_SERVICES.get(kind, ())}}


def _service(report: Report, kinds: Sequence[str]) -> Dict[str, Any]:
    """The names of a service; that of its kind alone is no C(None)."""
    names = _names(report)
    around: Dict[str, Any] = dict(zip(("project", "environment"), names[:-1]))
    return {**around, **dict.fromkeys(kinds), report["kind"]: names[-1]}


def _run(run: Report) -> Dict[str, Any]:
    known = {name: run[name] for name in ("state", "changed", "failed", "running")}
    return {**_service(run, _SERVICES), **known}


def _deployments(resources: Iterable[Report], reports: Iterable[Report]) -> List[Dict[str, Any]]:
    """What is deployed of each stack and application: as this run has deployed it, or as an earlier one has."""
    own = {(report["kind"], report["path"]): report for report in reports}
    deployments = []
    for resource in resources:
        report = own.get((resource["kind"], resource["path"]))
        if resource["kind"] not in _BUILT or (report is None and not resource.get("deployment")):
            continue
        if report is None or (report["action"] == "none" and resource.get("deployment")):
            earlier = {name: resource["deployment"].get(name) for name in _RECORD}
            known = {"changed": False, "failed": False, "reason": None, **earlier, "seconds": None, "msg": ""}
            # What is left alone keeps the record of its last deployment.
            known.update({} if report is None else {name: report[name] for name in ("reason", "status")})
        else:
            known = {name: report.get(name) for name in ("changed", "failed", "reason", *_RECORD)}
            msg = _first_line(report["msg"]) if report["failed"] else ""
            known.update(seconds=_seconds(report), msg=msg)
        deployments.append({**_service(resource, _BUILT), **known})
    return deployments


def _by_kind(reports: Sequence[Report]) -> List[Report]:
    """Those of services, by their kinds, otherwise in their order."""
    return [report for kind in _SERVICES for report in reports if report["kind"] == kind]


def _seconds(report: Report) -> Any:
    """How long it took until its containers were verified, or the build where they were not."""
    return report.get("duration") if report.get("seconds") is None else report["seconds"]


def _first_line(text: Any) -> str:
    return str(text or "").partition("\n")[0]

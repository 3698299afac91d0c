# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reports of several instances as one, and where the hosts of a play write theirs. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import refusal
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import report_lines, without_login

Row = Mapping[str, Any]

IN_SYNC, DRIFT, NO_ANSWER, NOT_COMPARED = "in_sync", "drift", "no_answer", "not_compared"
#: The states of an instance, in words.
STATES = {
    IN_SYNC: "in sync",
    DRIFT: "drift",
    NO_ANSWER: "did not answer",
    NOT_COMPARED: "not compared",
}
_IN_SUMMARY = {**STATES, DRIFT: "with drift"}
#: Why there is no report of a host that has left nothing, not even an error.
NOTHING = "There is no report: the host was unreachable, failed before the comparison began, or its turn did not come."
# The kinds of errors of a server that gave no answer, or none of Dokploy.
_SILENT = ("connection", "tls", "redirect", "protocol", "server")
_PORTS = {"http": 80, "https": 443}


def joined_reports(
    parts: Iterable[Row], hosts: Optional[Sequence[str]] = None, checked_at: str = "", services: bool = True
) -> Dict[str, Any]:
    """The reports of several instances as one.

    :param parts: reports, what this function has returned, and what is known of a host without a report:
        C({host, server, document, msg, error}), where C(error) is the kind of the error.
    :param hosts: all that should have a part, in the order of the result; those without one did not answer. By default
        those of the parts, in their order.
    :param checked_at: the time in UTC; by default the last one of the parts.
    :param services: whether reports keep the list of all services.
    :raises OptionError: two parts are of one host, or of one instance.
    """
    instances = [_instance(part) for part in _flat(parts)]
    if hosts is not None:
        by_host = {instance["host"]: instance for instance in instances}
        missing = [host for host in hosts if host not in by_host]
        instances += [_instance({"host": host, "msg": NOTHING, "error": "connection"}) for host in missing]
        order = {host: number for number, host in enumerate(hosts)}
        instances.sort(key=lambda instance: order.get(instance["host"], len(order)))
    mistakes = [*_repeated(instances), *same_instances(instances)]
    if mistakes:
        raise refusal(mistakes)
    if not services:
        instances = [_without_services(instance) for instance in instances]
    counts = _counts(instances)
    return {
        "drifted": counts[IN_SYNC] < len(instances),
        "summary": _summary(counts),
        "counts": counts,
        "checked_at": checked_at or max((instance["checked_at"] for instance in instances), default=""),
        "instances": instances,
    }


def _flat(parts: Iterable[Row]) -> Iterator[Row]:
    """The parts, those of joined reports one by one."""
    for part in parts:
        if "instances" in part:
            yield from (instance["report"] or instance for instance in part["instances"])
        else:
            yield part


def _instance(part: Row) -> Dict[str, Any]:
    """What is shown of an instance in the table of all, and its report; C(None) if there is none."""
    report = part if "differences" in part else None
    if report is None:
        state = NO_ANSWER if part.get("error") in _SILENT else NOT_COMPARED
    else:
        state = DRIFT if part["drifted"] else IN_SYNC
    server = without_login(part.get("server") or "")
    return {
        # A report that was made for one server alone can be without.
        "host": part.get("host") or urlsplit(server).netloc,
        "state": state,
        "msg": part.get("msg") or "",
        "error": part.get("error") or "",
        "server": server,
        "document": part.get("document") or "",
        "checked_at": part.get("checked_at") or "",
        "release": part.get("release") or "",
        "summary": part["summary"] if report else STATES[state],
        "counts": dict(part["counts"]) if report else {},
        "oldest_backup": part.get("oldest_backup"),
        "report": report,
    }


def _without_services(instance: Row) -> Dict[str, Any]:
    report = instance["report"]
    return {**instance, "report": report and {**report, "services": []}}


def _counts(instances: Sequence[Row]) -> Dict[str, int]:
    """How many instances are in which state, and the sums of their own numbers."""
    counts = {"instances": len(instances), **dict.fromkeys(STATES, 0)}
    for instance in instances:
        counts[instance["state"]] += 1
        for name, number in instance["counts"].items():
            counts[name] = counts.get(name, 0) + number
    return counts


def _summary(counts: Mapping[str, int]) -> str:
    """One line: C(3 instances: 1 in sync, 1 with drift, 1 did not answer)."""
    states = ["%d %s" % (counts[state], words) for state, words in _IN_SUMMARY.items() if counts[state]]
    total = counts["instances"]
    return "%d instance%s: %s" % (total, "" if total == 1 else "s", ", ".join(states) or "none")


def columns_of(columns: Mapping[str, str], report: Row) -> Dict[str, str]:
    """The numbers that a table of instances has, by their titles, without those that no report has."""
    return {title: name for title, name in columns.items() if name != "backup_problems" or name in report["counts"]}


def lines_of_instances(report: Row, unmanaged: bool = False, unstated: bool = False) -> List[str]:
    """C(report_lines) for each instance, after its name, and a line for each without a report."""
    lines = []
    for instance in report["instances"]:
        own = instance["report"]
        said = (
            report_lines(own, unmanaged, unstated) if own else ["%s: %s" % (STATES[instance["state"]], instance["msg"])]
        )
        lines += ["%s: %s" % (instance["host"], line) for line in said]
    return lines


# --- which hosts are one, and where they write ---


def _repeated(instances: Sequence[Row]) -> Iterator[str]:
    """Hosts that have two parts."""
    seen: Dict[str, Row] = {}
    for instance in instances:
        first = seen.setdefault(instance["host"], instance)
        if first is instance:
            continue
        servers = list(dict.fromkeys(part["server"] or "an unknown server" for part in (first, instance)))
        if len(servers) == 1:
            yield "%s, %s, has two parts; pass on each part once" % (instance["host"], servers[0])
        else:
            text = "%s has two parts, of %s; give each instance its own name in the inventory"
            yield text % (instance["host"], " and of ".join(servers))


def same_instances(hosts: Iterable[Row]) -> Iterator[str]:
    """The hosts that are compared with the document of another one, on the same server.

    :param hosts: C({host, server, document}); two organizations of one server have different documents.
    """
    groups: Dict[Tuple[str, str], List[Row]] = {}
    for host in hosts:
        if host.get("server"):
            groups.setdefault((_address(host["server"]), host.get("document") or ""), []).append(host)
    for group in groups.values():
        names = list(dict.fromkeys(host["host"] for host in group))
        if len(names) > 1:
            yield (
                "%s are the same instance, %s, with the same document; keep one of them, or set dokploy_url of each"
                % (
                    " and ".join(names),
                    without_login(group[0]["server"]),
                )
            )


def _address(server: str) -> str:
    """The URL of a server as all URLs of it: without a user, the default port and a slash at its end."""
    parts = urlsplit(server.strip())
    try:
        port = parts.port
    except ValueError:
        port = None
    scheme = parts.scheme.lower()
    suffix = "" if port is None or port == _PORTS.get(scheme) else ":%d" % port
    return "%s://%s%s%s" % (scheme, (parts.hostname or "").lower(), suffix, parts.path.rstrip("/"))


def shared_files(hosts: Sequence[Row]) -> List[str]:
    """The files that get one report over all hosts of a play; the others are those of one host.

    :param hosts: C({host, server, document, reports}), with absolute paths in C(reports).
    :raises OptionError: some hosts, but not all, write to one file, or two are the same instance.
    """
    files: Dict[str, List[str]] = {}
    for host in hosts:
        for file in dict.fromkeys(host["reports"]):
            files.setdefault(file, []).append(host["host"])
    shared = [file for file, names in files.items() if len(names) == len(hosts) and not _own(file, names)]
    mistakes = list(same_instances(hosts))
    for file, names in files.items():
        if 1 < len(names) < len(hosts):
            mistakes.append(
                "drift_reports: %s write to %s, and other hosts of the play do not; a file is of one host, such as "
                "drift-{{ inventory_hostname }}.html, or of all" % (" and ".join(names), file)
            )
    if mistakes:
        raise refusal(mistakes)
    return shared


def _own(file: str, names: Sequence[str]) -> bool:
    """Whether a file is that of one host. Where only one host has got so far, its name in the path says so."""
    return len(names) == 1 and re.search(r"(?<![^\W_])%s(?![^\W_])" % re.escape(names[0]), file) is not None

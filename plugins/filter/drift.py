# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters with which the role C(drift) reports how a server differs from a document."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, kind_of
from ansible_collections.community.dokploy.plugins.plugin_utils._drift import instances as drift_instances
from ansible_collections.community.dokploy.plugins.plugin_utils._drift import report as drift_reports
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.instances_markdown import instances_markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.instances_page import instances_page
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import drift_markdown as _markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import drift_page as _page
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe


def drift_report(
    applied: Any,
    exclude: Any = (),
    server: Any = "",
    document: Any = "",
    checked_at: Any = "",
    host: Any = "",
    coverage: Any = None,
    sets: Any = None,
) -> Dict[str, Any]:
    """:raises AnsibleFilterError: it is no result of the module, or a value has the wrong type or an unknown kind."""
    given = {"exclude": plain(exclude), "server": plain(server), "document": plain(document)}
    given.update(checked_at=plain(checked_at), host=plain(host), coverage=plain(coverage), sets=plain(sets))
    if not isinstance(applied, Mapping):
        raise AnsibleFilterError("drift_report takes the result of dokploy_manifest, not %s" % kind_of(plain(applied)))
    if not isinstance(given["exclude"], list) or not all(isinstance(pattern, str) for pattern in given["exclude"]):
        raise AnsibleFilterError("drift_report: exclude takes a list of texts")
    if not isinstance(given["coverage"], (dict, type(None))):
        kind = kind_of(given["coverage"])
        raise AnsibleFilterError("drift_report: coverage takes the result of dokploy_backup_info, not %s" % kind)
    if not isinstance(given["sets"], (dict, type(None))):
        raise AnsibleFilterError("drift_report: sets takes a dictionary, not %s" % kind_of(given["sets"]))
    for name in ("server", "document", "checked_at", "host"):
        if not isinstance(given[name], str):
            raise AnsibleFilterError("drift_report: %s takes text, not %s" % (name, kind_of(given[name])))
    try:
        report: Dict[str, Any] = unsafe(drift_reports.drift_report(plain(applied), **given))
    except OptionError as error:
        raise AnsibleFilterError("drift_report: %s" % error) from None
    return report


def drift_join(parts: Any, hosts: Any = None, checked_at: Any = "", services: Any = True) -> Dict[str, Any]:
    """:raises AnsibleFilterError: a part is no report, or two parts are of one host or one instance."""
    given: Any = plain(parts)
    if not isinstance(given, list):
        raise AnsibleFilterError("drift_join takes a list of reports, not %s" % kind_of(given))
    for number, part in enumerate(given):
        if not _is_report(part) and not (isinstance(part, dict) and {"host", "msg"} <= part.keys()):
            raise AnsibleFilterError(
                "drift_join: item %d is no report about drift, but %s" % (number + 1, kind_of(part))
            )
    names: Optional[List[str]] = None if hosts is None else [str(plain(host)) for host in hosts]
    try:
        report: Dict[str, Any] = unsafe(
            drift_instances.joined_reports(given, names, str(plain(checked_at)), bool(services))
        )
    except OptionError as error:
        raise AnsibleFilterError("drift_join: %s" % error) from None
    return report


def drift_shared(hosts: Any) -> List[str]:
    """:raises AnsibleFilterError: some hosts, but not all, write to one file, or two are the same instance."""
    try:
        files: List[str] = unsafe(drift_instances.shared_files(plain(hosts)))
    except OptionError as error:
        raise AnsibleFilterError(str(error)) from None
    return files


def drift_lines(report: Any, unmanaged: Any = False, unstated: Any = False) -> List[str]:
    """:raises AnsibleFilterError: it is no report."""
    known = _report(report, "drift_lines")
    lines_of = drift_instances.lines_of_instances if "instances" in known else drift_reports.report_lines
    lines: List[str] = unsafe(lines_of(known, bool(unmanaged), bool(unstated)))
    return lines


def drift_markdown(report: Any) -> str:
    """:raises AnsibleFilterError: it is no report."""
    known = _report(report, "drift_markdown")
    text: str = unsafe(instances_markdown(known) if "instances" in known else _markdown(known))
    return text


def drift_page(report: Any) -> str:
    """:raises AnsibleFilterError: it is no report."""
    known = _report(report, "drift_page")
    text: str = unsafe(instances_page(known) if "instances" in known else _page(known))
    return text


def _report(report: Any, name: str) -> Dict[str, Any]:
    value = plain(report)
    if not _is_report(value):
        raise AnsibleFilterError("%s takes what the filter drift_report or drift_join returns" % name)
    known: Dict[str, Any] = value
    return known


def _is_report(value: Any) -> bool:
    """Whether it is one of an instance, or of several."""
    keys = ({"counts", "differences", "services"}, {"counts", "instances"})
    return isinstance(value, dict) and any(known <= value.keys() for known in keys)


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {
            "drift_report": drift_report,
            "drift_join": drift_join,
            "drift_shared": drift_shared,
            "drift_lines": drift_lines,
            "drift_markdown": drift_markdown,
            "drift_page": drift_page,
        }

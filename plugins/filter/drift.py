# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters with which the role C(drift) reports how a server differs from a document."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping

from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, kind_of
from ansible_collections.community.dokploy.plugins.plugin_utils import _drift_report
from ansible_collections.community.dokploy.plugins.plugin_utils._drift_markdown import drift_markdown as _markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._drift_page import drift_page as _page
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe


def drift_report(
    applied: Any, exclude: Any = (), server: Any = "", document: Any = "", checked_at: Any = ""
) -> Dict[str, Any]:
    """:raises AnsibleFilterError: it is no result of the module, or a value has the wrong type or an unknown kind."""
    given = {"exclude": plain(exclude), "server": plain(server), "document": plain(document)}
    given["checked_at"] = plain(checked_at)
    if not isinstance(applied, Mapping):
        raise AnsibleFilterError("drift_report takes the result of dokploy_manifest, not %s" % kind_of(plain(applied)))
    if not isinstance(given["exclude"], list) or not all(isinstance(one, str) for one in given["exclude"]):
        raise AnsibleFilterError("drift_report: exclude takes a list of texts")
    for name in ("server", "document", "checked_at"):
        if not isinstance(given[name], str):
            raise AnsibleFilterError("drift_report: %s takes text, not %s" % (name, kind_of(given[name])))
    try:
        found: Dict[str, Any] = unsafe(_drift_report.drift_report(plain(applied), **given))
    except OptionError as error:
        raise AnsibleFilterError("drift_report: %s" % error) from None
    return found


def drift_lines(report: Any, unmanaged: Any = False, unstated: Any = False) -> List[str]:
    """:raises AnsibleFilterError: it is no report."""
    known = _report(report, "drift_lines")
    lines: List[str] = unsafe(_drift_report.lines_of(known, bool(unmanaged), bool(unstated)))
    return lines


def drift_markdown(report: Any) -> str:
    """:raises AnsibleFilterError: it is no report."""
    found: str = unsafe(_markdown(_report(report, "drift_markdown")))
    return found


def drift_page(report: Any) -> str:
    """:raises AnsibleFilterError: it is no report."""
    found: str = unsafe(_page(_report(report, "drift_page")))
    return found


def _report(report: Any, name: str) -> Dict[str, Any]:
    found = plain(report)
    if not isinstance(found, dict) or not {"counts", "differences", "services"} <= found.keys():
        raise AnsibleFilterError("%s takes what the filter drift_report returns" % name)
    return found


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {
            "drift_report": drift_report,
            "drift_lines": drift_lines,
            "drift_markdown": drift_markdown,
            "drift_page": drift_page,
        }

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that report what became of data: as data, as Markdown and as a page."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.module_utils._errors import kind_of
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe
from ansible_collections.community.dokploy.plugins.plugin_utils._report import (
    clone,
    drill,
    markdown,
    model,
    page,
    recovery,
    sets,
)


def recovery_report(
    applied: Any, parts: Any = (), server: Any = "", document: Any = "", made_at: Any = ""
) -> Dict[str, Any]:
    """:raises AnsibleFilterError: it is no result of the module, or a value has the wrong type."""
    if not isinstance(applied, Mapping):
        raise AnsibleFilterError(
            "recovery_report takes the result of dokploy_manifest, not %s" % kind_of(plain(applied))
        )
    known = plain(parts)
    if not isinstance(known, list) or not all(
        isinstance(part, dict) and {"name", "seconds"} <= part.keys() for part in known
    ):
        raise AnsibleFilterError("recovery_report: parts takes a list of mappings with name and seconds")
    texts = {"server": plain(server), "document": plain(document), "made_at": plain(made_at)}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise AnsibleFilterError("recovery_report: %s takes text, not %s" % (name, kind_of(value)))
    report: Dict[str, Any] = unsafe(recovery.recovery_report(plain(applied), known, **texts))
    return report


def clone_report(applied: Any, source: Any, target: Any, **more: Any) -> Dict[str, Any]:
    """:raises AnsibleFilterError: it is no result of the module, or a value has the wrong type."""
    if not isinstance(applied, Mapping):
        raise AnsibleFilterError("clone_report takes the result of dokploy_manifest, not %s" % kind_of(plain(applied)))
    values = {name: plain(value) for name, value in more.items()}
    for name, value in {"source": plain(source), "target": plain(target)}.items():
        if not isinstance(value, str):
            raise AnsibleFilterError("clone_report: %s takes text, not %s" % (name, kind_of(value)))
    try:
        made = clone.clone_report(plain(applied), plain(source), plain(target), **values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("clone_report: %s" % error) from error
    report: Dict[str, Any] = unsafe(made)
    return report


def backup_set_report(
    made: Any, before: Any = None, server: Any = "", folder: Any = "", made_at: Any = "", seconds: Any = 0
) -> Dict[str, Any]:
    """:raises AnsibleFilterError: it is no result of the module, or a value has the wrong type."""
    if not isinstance(made, Mapping):
        raise AnsibleFilterError(
            "backup_set_report takes the result of dokploy_backup_set, not %s" % kind_of(plain(made))
        )
    earlier, took = plain(before) or {}, plain(seconds)
    if not isinstance(earlier, dict):
        raise AnsibleFilterError("backup_set_report: before takes the content of archives.yml")
    if isinstance(took, bool) or not isinstance(took, (int, float)):
        raise AnsibleFilterError("backup_set_report: seconds takes a number, not %s" % kind_of(took))
    texts = {"server": plain(server), "folder": plain(folder), "made_at": plain(made_at)}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise AnsibleFilterError("backup_set_report: %s takes text, not %s" % (name, kind_of(value)))
    report: Dict[str, Any] = unsafe(sets.backup_set_report(plain(made), earlier, seconds=took, **texts))
    return report


def drill_report(
    applied: Any,
    saved: Any,
    began_at: Any,
    seconds: Any,
    server: Any = "",
    document: Any = "",
    left: Any = (),
    require: Any = "same",
) -> Dict[str, Any]:
    """:raises AnsibleFilterError: it is no result of the module, or a value has the wrong type."""
    for name, value in (("drill_report", applied), ("saved", saved)):
        if not isinstance(value, Mapping):
            raise AnsibleFilterError("drill_report: %s takes a mapping, not %s" % (name, kind_of(plain(value))))
    texts = {"began_at": plain(began_at), "server": plain(server), "document": plain(document)}
    texts["require"] = plain(require)
    for name, value in texts.items():
        if not isinstance(value, str):
            raise AnsibleFilterError("drill_report: %s takes text, not %s" % (name, kind_of(value)))
    try:
        made = drill.drill_report(
            plain(applied), plain(saved), seconds=float(plain(seconds)), left=plain(left), **texts
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("drill_report: %s" % error) from error
    report: Dict[str, Any] = unsafe(made)
    return report


def tables_markdown(report: Any) -> str:
    """:raises AnsibleFilterError: it is no report."""
    text: str = unsafe(markdown.report_markdown(_report(report, "tables_markdown")))
    return text


def tables_page(report: Any) -> str:
    """:raises AnsibleFilterError: it is no report."""
    text: str = unsafe(page.report_page(_report(report, "tables_page")))
    return text


def _report(report: Any, name: str) -> Dict[str, Any]:
    value = plain(report)
    if not isinstance(value, dict) or not value.keys() >= model.KEYS:
        raise AnsibleFilterError(
            "%s takes what recovery_report, backup_set_report, clone_report or drill_report returns" % name
        )
    return value


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {
            "backup_set_report": backup_set_report,
            "clone_report": clone_report,
            "drill_report": drill_report,
            "recovery_report": recovery_report,
            "tables_markdown": tables_markdown,
            "tables_page": tables_page,
        }

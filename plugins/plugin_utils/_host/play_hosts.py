# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host of a task in what a user sees of it, where the play has several."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

_HEADERS = ("before_header", "after_header")


def host_among_several(variables: Mapping[str, Any]) -> Optional[str]:
    """The inventory name of the host, if the play has others. :param variables: those of the task."""
    several = len(variables.get("ansible_play_hosts_all") or ()) > 1
    return str(plain(variables["inventory_hostname"])) if several else None


def line_of(host: Optional[str], display: Callable[[str], None]) -> Callable[[str], None]:
    """Shows a line while a task runs, after the name of the host: C(eu1 | + create project shop)."""
    return display if host is None else lambda line: display("%s | %s" % (host, line))


def diff_of(host: str, diff: Any) -> Any:
    """The C(diff) of a result whose headers begin with the name of the host: C(eu1: application 'web').

    Callbacks print it above the line of the task's result, which names the host.
    """
    entries: List[Any] = diff if isinstance(diff, list) else [diff]
    named = [_with_host(host, entry) if isinstance(entry, Mapping) else entry for entry in entries]
    return named if isinstance(diff, list) else named[0]


def _with_host(host: str, entry: Mapping[str, Any]) -> Dict[str, Any]:
    if "prepared" in entry:
        return {**entry, "prepared": "%s:\n%s" % (host, entry["prepared"])}
    headers = [name for name in _HEADERS if name in entry]
    # An empty diff shows nothing, and a file that is not shown has no sides.
    return {**entry, **{name: "%s: %s" % (host, entry[name]) for name in headers}}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter C(deployment_table), with which the role C(setup) tells what it has done."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.module_utils._errors import kind_of
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe
from ansible_collections.community.dokploy.plugins.plugin_utils._roles import setup_result as results


def deployment_table(deployments: Any, check_mode: Any = False) -> List[str]:
    """:raises AnsibleFilterError: it is not what the module returns."""
    if not isinstance(deployments, (list, tuple)):
        message = "deployment_table takes the deployments of dokploy_manifest, not %s"
        raise AnsibleFilterError(message % kind_of(deployments))
    lines: List[str] = unsafe(results.deployment_table(plain(deployments), bool(check_mode)))
    return lines


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"deployment_table": deployment_table}

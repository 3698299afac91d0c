# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP checks of several services, in process where the connection is local, like the other modules."""

from __future__ import annotations

from typing import Any, Dict, Optional

from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase

from ansible_collections.community.dokploy.plugins.module_utils._http.session import HAS_REQUESTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.http_checks import OPTIONS, check_all


class CheckHttp(ActionBase):
    """Runs the checks here, so that the Python of the host needs no requests, or else the module."""

    TRANSFERS_FILES = False
    _supports_async = True
    _supports_check_mode = False

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        if result.get("skipped"):
            return result
        local = self._connection.transport == "local" and not self._task.async_val and not self._task.become
        if not local or not HAS_REQUESTS:
            name = "community.dokploy.check_http"
            result.update(self._execute_module(name, task_vars=task_vars, wrap_async=self._task.async_val))
            return result
        checked, options = self.validate_argument_spec(OPTIONS)
        result.pop("invocation", None)
        result.update(remove_values(check_all(options["checks"]), checked._no_log_values))
        return result

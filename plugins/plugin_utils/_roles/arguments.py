# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the variables of a role, in place of Ansible's.

When one is wrong, Ansible returns the whole specification of the role with its message, which names neither the entry
nor what may be meant.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from ansible.plugins.action import ActionBase

from ansible_collections.community.dokploy.plugins.module_utils._model.document import mistakes_in
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import in_one_text
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, without_omitted
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.options import unchecked, whole_specification
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.variables import not_read, specification, unknown

OPTIONS = {
    "prefix": {"type": "str", "required": True},
    "spec": {"type": "path", "required": True},
    "known": {"type": "list", "elements": "str", "default": []},
    "own": {"type": "list", "elements": "str", "default": []},
}


class RoleArguments(ActionBase):
    """Fails with all mistakes in the variables of a role, and with nothing else in the result."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, options = self.validate_argument_spec(OPTIONS)
        role = options["prefix"].rstrip("_")
        spec = whole_specification(role, specification(options["spec"]))
        checked = {name: option for name, option in spec.items() if name not in unchecked(role)}
        given = plain(
            without_omitted(self._templar.template({name: variables[name] for name in checked if name in variables}))
        )
        known = {**dict.fromkeys(options["known"], {}), **spec}
        misspelt = unknown(options["prefix"], variables, known, options["own"])
        if misspelt:
            misspelt.append(
                "List variables of your own that begin with %(prefix)s in %(prefix)sown_variables." % options
            )
        mistakes = [*not_read(variables), *misspelt, *mistakes_in(checked, given)]
        # Unlike ansible_check_mode, it is also true where the keyword check_mode sets it for the role.
        result.update(changed=False, failed=bool(mistakes), check_mode=bool(self._task.check_mode))
        if mistakes:
            result["msg"] = in_one_text(mistakes)
        return result

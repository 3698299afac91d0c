# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the variables of a role, in place of Ansible's.

When one is wrong, Ansible returns the whole specification of the role with its message, which names neither the entry
nor what may be meant.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Mapping, Optional

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.community.dokploy.plugins.module_utils._errors import known_names
from ansible_collections.community.dokploy.plugins.module_utils._model.document import in_one_text, mistakes_in
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, stated
from ansible_collections.community.dokploy.plugins.plugin_utils._role_options import whole_specification
from ansible_collections.community.dokploy.plugins.plugin_utils._variables import not_read, specification, unknown

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
        spec = whole_specification(options["prefix"].rstrip("_"), specification(options["spec"]))
        try:
            given = plain(stated(self._templar.template({name: variables[name] for name in spec if name in variables})))
        except AnsibleError as error:
            told = self._no_such_fact(str(error), [name for name in options["known"] if name in variables], variables)
            if told is None:
                raise
            # With the place of the template.
            raise AnsibleActionFail(told, obj=getattr(error, "obj", None)) from None
        known = {**dict.fromkeys(options["known"], {}), **spec}
        found = unknown(options["prefix"], variables, known, options["own"])
        if found:
            found.append("List variables of your own that begin with %(prefix)s in %(prefix)sown_variables." % options)
        mistakes = [*not_read(variables), *found, *mistakes_in(spec, given)]
        # Unlike ansible_check_mode, it is also true where the keyword check_mode sets it for the role.
        result.update(changed=False, failed=bool(mistakes), check_mode=bool(self._task.check_mode))
        if mistakes:
            result["msg"] = in_one_text(mistakes)
        return result

    def _no_such_fact(self, message: str, facts: Iterable[str], variables: Mapping[str, Any]) -> Optional[str]:
        """What a template means that names an entry, by its path, which one of the facts of the role has not."""
        wanted = re.search(r"no attribute '([^']*/[^']*)'", message)
        for name in facts if wanted else ():
            value = self._templar.template(variables[name])
            entries = [str(key) for key in value if "/" in str(key)] if isinstance(value, Mapping) else []
            if wanted and entries and wanted[1] not in entries:
                return "%s has no %r. %s" % (name, wanted[1], known_names(wanted[1], entries))
        return None

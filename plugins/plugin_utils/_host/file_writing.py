# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions that write files on the controller with what the operation has read."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import first_complaint
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, OptionError
from ansible_collections.community.dokploy.plugins.plugin_utils._host.action import DokployAction

Result = Dict[str, Any]


class FileWritingAction(DokployAction):
    """An action with options that are not for the operation: C(dest), and others about the files.

    :cvar own: these options. :cvar needing_dest: those that say nothing without C(dest).
    """

    own: ClassVar[Tuple[str, ...]]
    needing_dest: ClassVar[Tuple[str, ...]]

    def _perform(self, tmp: Optional[str], task_vars: Dict[str, Any]) -> Result:
        if first_complaint(self.operation, self._task.args) is not None:
            return super()._perform(tmp, task_vars)
        own, problem = self._options(self.own)
        if problem is not None:
            return problem
        given: Mapping[str, Any] = self._task.args
        try:
            if own["dest"] is None:
                for name in self.needing_dest:
                    if own[name]:
                        raise OptionError("%s needs dest" % name)
                return super()._perform(tmp, task_vars)
            if self._task.async_val:
                raise OptionError("dest: a task with async cannot write files; remove async or dest")
            return self._written(own, tmp, task_vars)
        except DokployError as error:
            return {"failed": True, "changed": False, "msg": str(error), "error": error.facts, **error.details}
        finally:
            self._task.args = given

    def _written(self, own: Mapping[str, Any], tmp: Optional[str], task_vars: Dict[str, Any]) -> Result:
        """The result, with the files written.

        :raises OptionError: a file cannot be written.
        """
        raise NotImplementedError

    def _performed(self, options: Mapping[str, Any], tmp: Optional[str], task_vars: Dict[str, Any]) -> Result:
        """The result of the operation with these options."""
        self._task.args = dict(options)
        return super()._perform(tmp, task_vars)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of C(dokploy_backup_set): the set, and beside it in one folder the export of what it belongs to."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION as EXPORT
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.plugin_utils._export.action import ExportAction
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import OutputTarget
from ansible_collections.community.dokploy.plugins.plugin_utils._host.file_writing import FileWritingAction, Result
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain
from ansible_collections.community.dokploy.plugins.plugin_utils._sets.folder import ARCHIVES, SetFolder

# What the result has of the export.
_OF_EXPORT = ("missing", "secrets_dest")


class _Export(ExportAction):
    """The export that belongs to a set."""

    operation = EXPORT

    def written(self, options: Mapping[str, Any], tmp: Optional[str], task_vars: Dict[str, Any]) -> Result:
        """The result of an export; a failure is a result too."""
        try:
            return self._written(options, tmp, task_vars)
        except DokployError as error:
            return {"failed": True, "msg": str(error)}


class SetAction(FileWritingAction):
    """Has the operation save the data, and writes what it says of that."""

    own = ("dest", "secrets", "secrets_dest")
    needing_dest = ("secrets", "secrets_dest")

    def _written(self, own: Mapping[str, Any], tmp: Optional[str], task_vars: Dict[str, Any]) -> Result:
        """The set and its folder.

        :raises OptionError: a file cannot be written. :raises Refused: there is something else.
        """
        given: Mapping[str, Any] = self._task.args
        folder = SetFolder(own["dest"], self._loader)
        folder.refuse()
        if not self._task.check_mode:
            folder.make()
        try:
            exported = self._exported(folder, own, tmp, task_vars)
            others = {name: value for name, value in given.items() if name not in self.own}
            beside = folder.beside()
            others.setdefault("sets", beside.sets)
            if given.get("series") is None:
                others["series"] = beside.series(make=not self._task.check_mode)
            result = self._performed(others, tmp, task_vars)
            if result.get("set") is not None:
                folder.write(result["set"])
        finally:
            if not self._task.check_mode:
                folder.drop_if_empty()
        return self._joined(result, exported, folder)

    def _exported(
        self, folder: SetFolder, own: Mapping[str, Any], tmp: Optional[str], task_vars: Dict[str, Any]
    ) -> Result:
        """The result of the export, whose failure does not keep the data from being saved."""
        given: Mapping[str, Any] = self._task.args
        options = folder.export_options(own)
        if folder.exists:
            # What is wrong with the options is no failure of the export.
            OutputTarget(options, self._loader, self._templar).refuse()
        elif self._task.check_mode:
            # Nothing can be compared with what is not there.
            return {"files": [], "dest": None, "missing": [], "secrets_dest": None}
        self._task.args = {name: value for name, value in given.items() if name in CONNECTION}
        scope = plain(given.get("scope"))
        if scope:
            # With what the services refer to, such as registries, and where their archives are.
            more = {"references": True, "destination": given.get("destination")}
            self._task.args["scope"] = {**scope, **more} if isinstance(scope, Mapping) else scope
        export = _Export(
            self._task, self._connection, self._play_context, self._loader, self._templar, self._shared_loader_obj
        )
        return export.written(options, tmp, task_vars)

    def _joined(self, result: Result, exported: Result, folder: SetFolder) -> Result:
        files: List[str] = [ARCHIVES] if result.get("set") is not None else []
        files += ["instance/%s" % name for name in exported.get("files") or ()]
        joined = {**result, **{name: exported.get(name) for name in _OF_EXPORT}, "dest": folder.path, "files": files}
        if exported.get("failed"):
            why = "The set has no document, since the export has failed: %s" % exported["msg"]
            msg = "\n".join(filter(None, (str(result.get("msg") or ""), why)))
            joined.update(failed=True, msg=msg, complete=False, error=exported.get("error") or result.get("error"))
        return joined

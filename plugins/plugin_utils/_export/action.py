# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of C(dokploy_export): it writes the document and its secrets on the controller.

The operation leaves both in a file of the host where it runs, so that no result has a secret.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Tuple

from ansible import constants
from ansible.errors import AnsibleError

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.plugin_utils._document.action import with_places
from ansible_collections.community.dokploy.plugins.plugin_utils._export.merge import Merge
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import Exported, OutputTarget
from ansible_collections.community.dokploy.plugins.plugin_utils._host.file_writing import FileWritingAction, Result
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain


class ExportAction(FileWritingAction):
    """Has the operation read the server, and writes what it has found."""

    own = ("dest", "secrets", "secrets_dest", "force", "merge", "conflicts")
    needing_dest = ("secrets_dest", "merge")

    def _written(self, own: Mapping[str, Any], tmp: Optional[str], task_vars: Dict[str, Any]) -> Result:
        given: Mapping[str, Any] = self._task.args
        target = OutputTarget(own, self._loader, self._templar)
        target.refuse(own["merge"])
        self._refuse_task()
        merge = self._merge(target, own)
        with self._handed_over(task_vars) as (path, exported):
            others = {name: value for name, value in given.items() if name not in self.own}
            options = {**others, "secrets_file": path}
            if merge is not None and merge.source is not None:
                options["document_file"] = self._sent(merge.source.document, path, task_vars)
            result = self._performed(options, tmp, task_vars)
            if result.get("failed"):
                return result if merge is None or merge.source is None else with_places(result, merge.source)
            left = exported()
        # Ansible takes a text of JSON for a mapping.
        scope = plain(given.get("scope"))
        whole = not (any(scope.values()) if isinstance(scope, Mapping) else scope)
        check_mode = bool(self._task.check_mode)
        written = target.write(left, whole, check_mode) if merge is None else merge.write(left, check_mode)
        if not self._task.diff:
            del written["diff"]
        return {**{name: value for name, value in result.items() if name not in ("document", "comments")}, **written}

    def _merge(self, target: OutputTarget, own: Mapping[str, Any]) -> Optional[Merge]:
        """What changes the files that exist; C(None) if there are none, or they are overwritten.

        :raises OptionError: they are no document.
        """
        if not own["merge"]:
            return None
        merge = Merge(target, own["conflicts"] == "leave", self._loader, self._templar)
        return None if merge.source is None else merge

    def _sent(self, document: Mapping[str, Any], beside: str, task_vars: Dict[str, Any]) -> str:
        """The path of a file for the operation with the document that exists. :param beside: a file in its folder."""
        content = json.dumps(document, default=str)
        path = "%s-document" % beside
        if self._needs_module(task_vars):
            self._transfer_data(path, content)
            self._fixup_perms2([path])
            return path
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def _refuse_task(self) -> None:
        """:raises OptionError: what the module leaves cannot be fetched."""
        if self._task.become and self._is_become_unprivileged():
            raise OptionError("dest: the user of become_user cannot hand over secrets; remove become or dest")

    @contextlib.contextmanager
    def _handed_over(self, task_vars: Dict[str, Any]) -> Iterator[Tuple[str, Callable[[], Exported]]]:
        """The path of a file for the operation, and a function that reads what it has left there."""
        folder = tempfile.mkdtemp(prefix="dokploy-export-", dir=constants.DEFAULT_LOCAL_TMP)
        local = os.path.join(folder, "found")
        try:
            if not self._needs_module(task_vars):
                yield local, lambda: read_left(local)
                return
            remote = self._connection._shell.join_path(
                self._connection._shell.tmpdir or self._make_tmp_path(), "dokploy-export"
            )
            try:
                yield remote, lambda: read_left(self._fetched(remote, local))
            finally:
                # Ansible removes them as well, unless it is told to keep such files.
                for path in (remote, "%s-document" % remote):
                    self._low_level_execute_command(self._connection._shell.remove(path), sudoable=False)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetched(self, remote: str, local: str) -> str:
        try:
            self._connection.fetch_file(remote, local)
        except AnsibleError as error:
            raise OptionError("secrets_file: what the module has left cannot be fetched: %s" % error) from None
        return local


def read_left(path: str) -> Exported:
    """What the operation has left in a file."""
    with open(path, "rb") as file:
        content = json.loads(file.read().decode("utf-8"))
    return Exported(content["document"], content["comments"], content["secrets"], content["changes"])

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of C(dokploy_manifest): reads the document of C(src), and adds the place to each mistake."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._manifest.entries import Document
from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import summary_of, table
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import DOCUMENT
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import in_one_text
from ansible_collections.community.dokploy.plugins.plugin_utils import _roles
from ansible_collections.community.dokploy.plugins.plugin_utils._action import DokployAction
from ansible_collections.community.dokploy.plugins.plugin_utils._manifest_places import TASK, Places
from ansible_collections.community.dokploy.plugins.plugin_utils._manifest_source import Source, read
from ansible_collections.community.dokploy.plugins.plugin_utils._origins import mark_of
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, stated
from ansible_collections.community.dokploy.plugins.plugin_utils._setup_result import setup_result

# What the role C(setup) takes of the result as its own: a filter in one of its tasks would take as long as the module.
OF_ROLE = "setup_result"


class ManifestAction(DokployAction):
    """Gives the module the sections of the document in place of C(src), which is a file of the controller."""

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result = super().run(tmp, task_vars)
        if self._task.check_mode and self._task.diff and (result.get("plan") or {}).get("changes"):
            result = {**result, "diff": [{"prepared": _table(result["plan"])}, *result.get("diff", [])]}
        return {**result, OF_ROLE: setup_result(result)} if _roles.VARIABLE in (task_vars or {}) else result

    def _done(self, tmp: Optional[str], task_vars: Dict[str, Any]) -> Dict[str, Any]:
        given, of_role = self._task.args, _roles.VARIABLE in task_vars
        source: Optional[Source] = None
        if isinstance(given.get("src"), str):
            try:
                source = self._source(given, of_role)
            except OptionError as error:
                return {"failed": True, "changed": False, "msg": str(error), "error": error.facts, **error.details}
            others = {name: value for name, value in given.items() if name not in DOCUMENT and name != "src"}
            self._task.args = {**others, **source.document}
        try:
            result = super()._done(tmp, task_vars)
        finally:
            self._task.args = given
        if not result.get("failed") or (result.get("error") or {}).get("kind") != OptionError.kind:
            return result
        return _with_places(result, self._of_task(given, of_role).places if source is None else source.places)

    def _of_task(self, given: Mapping[str, Any], of_role: bool) -> Source:
        """The sections among the options of the task. :param of_role: it has them from variables."""
        sections = {name: value for name, value in given.items() if name in DOCUMENT}
        marks = mark_of(sections, self._loader, TASK).inner
        if of_role:
            # No user looks for them in the task of a role.
            marks = {plain(name): mark_of(value, self._loader, TASK) for name, value in sections.items()}
        document: Dict[str, Any] = plain(stated(sections))
        return Source(document, Places(document, marks))

    def _source(self, given: Mapping[str, Any], of_role: bool) -> Source:
        """The document of C(src), with the sections among the options of the task.

        :raises OptionError: it has mistakes.
        """
        source = read(self, plain(given["src"]), self._of_task(given, of_role))
        if set(source.document) <= set(DOCUMENT):
            return source
        # Otherwise they would be options of the task.
        options = [name for name in source.document if name in self.operation.argument_spec and name not in DOCUMENT]
        sections = {name: value for name, value in source.document.items() if name not in options}
        mistakes = ["%s is no section; it is an option of the task" % name for name in options]
        mistakes = [source.places.located(one) for one in (*mistakes, *Document(sections).mistakes)]
        raise OptionError(in_one_text(mistakes), details={"mistakes": mistakes})


def _table(plan: Mapping[str, Any]) -> str:
    """The plan as a table, which callbacks show before the diffs."""
    return "".join("%s\n" % line for line in [*table(plan["changes"]), summary_of(plan["counts"])])


def _with_places(result: Dict[str, Any], places: Places) -> Dict[str, Any]:
    """The result of a task whose document has mistakes, with the place of each."""
    if "mistakes" not in result:
        return {**result, "msg": places.located(result["msg"])}
    mistakes = [places.located(one) for one in result["mistakes"]]
    return {**result, "mistakes": mistakes, "msg": in_one_text(mistakes)}

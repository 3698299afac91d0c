# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of C(dokploy_manifest): reads the document of C(src), and adds the place to each mistake."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Optional, Sequence

from ansible.template import Templar

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._host.registration import register
from ansible_collections.community.dokploy.plugins.module_utils._manifest.entries import Document
from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import summary_of, table
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import DOCUMENT
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import grouped, refusal
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import mark_of
from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import TASK, DocumentPlaces
from ansible_collections.community.dokploy.plugins.plugin_utils._document.redacted import (
    redaction_warnings,
    secrets_of,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import (
    DocumentSource,
    path_of_option,
    read_content,
    read_document,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._document.variables_file import variables_in
from ansible_collections.community.dokploy.plugins.plugin_utils._host.action import DokployAction, display
from ansible_collections.community.dokploy.plugins.plugin_utils._host.play_hosts import diff_of
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, without_omitted
from ansible_collections.community.dokploy.plugins.plugin_utils._roles import messages
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.setup_result import setup_result

# What the role C(setup) takes of the result as its own: a filter in one of its tasks would take as long as the module.
OF_ROLE = "setup_result"
# The option that names a file of the controller beside C(src).
_ARCHIVES = "archives"
# The options that name the files of a document, which are read here.
_SRC, _SECRETS = "src", "secrets_file"
# What Ansible has in the result of every task.
_OF_ANSIBLE = {"warnings", "deprecations", "invocation"}


class ManifestAction(DokployAction):
    """Gives the module the sections of the document in place of C(src), which is a file of the controller."""

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result = super().run(tmp, task_vars)
        for warning in redaction_warnings(task_vars or {}, self._loader):
            display.warning(warning)
        if self._task.check_mode and self._task.diff and (result.get("plan") or {}).get("changes"):
            table = {"prepared": _table(result["plan"])}
            prepared = table if self._host is None else diff_of(self._host, table)
            result = {**result, "diff": [prepared, *result.get("diff", [])]}
        return {**result, OF_ROLE: setup_result(result)} if messages.VARIABLE in (task_vars or {}) else result

    def _perform(self, tmp: Optional[str], task_vars: Dict[str, Any]) -> Dict[str, Any]:
        given = self._task.args
        if not isinstance(given.get(_ARCHIVES), str):
            return self._of_document(tmp, task_vars)
        try:
            content, mark = read_content(self, _ARCHIVES, plain(given[_ARCHIVES]), "archives.yml")
        except OptionError as error:
            return _failed(error)
        self._task.args = {**given, _ARCHIVES: content}
        try:
            result = self._of_document(tmp, task_vars)
        finally:
            self._task.args = given
        places = DocumentPlaces({_ARCHIVES: content}, {_ARCHIVES: mark})
        return with_places(result, DocumentSource({}, places)) if result.get("mistakes") else result

    def _of_document(self, tmp: Optional[str], task_vars: Dict[str, Any]) -> Dict[str, Any]:
        """The result, of a task whose C(archives) is their content."""
        given, of_role = self._task.args, messages.VARIABLE in task_vars
        if not isinstance(given.get(_SRC), str):
            result = super()._perform(tmp, task_vars)
            return with_places(result, self._of_task(given, of_role)) if _is_mistaken(result) else result
        templar = self._templar
        try:
            self._templar = self._templar_of_document(given.get(_SECRETS), task_vars)
            source = read_document(self, plain(given[_SRC]), self._of_task(given, of_role))
        except OptionError as error:
            return _failed(error)
        finally:
            self._templar = templar
        document = {name: value for name, value in source.document.items() if name in DOCUMENT}
        wrong = list(_wrong_sections(source.document, self.operation.argument_spec))
        others = {name: value for name, value in given.items() if name not in {*DOCUMENT, _SRC, _SECRETS}}
        self._task.args, check_mode = {**others, **document}, self._task.check_mode
        # Of a document that has mistakes already, the rest is planned for those that it has beside them.
        self._task.check_mode = check_mode or bool(wrong)
        try:
            result = super()._perform(tmp, task_vars) if document or not wrong else {}
        finally:
            self._task.args, self._task.check_mode = given, check_mode
        return with_places(result, source, wrong)

    def _templar_of_document(self, path: Any, task_vars: Mapping[str, Any]) -> Templar:
        """The templar of the task, with the variables of a file of secrets before its own, even before extra variables,
        which may be older.

        :param path: the option that names it.
        :raises OptionError: the file cannot be read.
        """
        if not isinstance(path, str):
            return self._templar
        variables = variables_in(path_of_option(self, _SECRETS, plain(path)), _SECRETS, self._loader)
        # Ansible registers all values of the files that it reads by itself, numbers and usual words, too.
        register(secrets_of(variables))
        return self._templar.copy_with_new_env(available_variables={**task_vars, **variables})

    def _of_task(self, given: Mapping[str, Any], of_role: bool) -> DocumentSource:
        """The sections among the options of the task. :param of_role: it has them from variables."""
        sections = {name: value for name, value in given.items() if name in DOCUMENT}
        marks = mark_of(sections, self._loader, TASK).inner
        if of_role:
            # No user looks for them in the task of a role.
            marks = {plain(name): mark_of(value, self._loader, TASK) for name, value in sections.items()}
        document: Dict[str, Any] = plain(without_omitted(sections))
        return DocumentSource(document, DocumentPlaces(document, marks))


def _wrong_sections(document: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[str]:
    """The mistakes of what is in a document and is no section. :param options: those of the task."""
    others = {name: value for name, value in document.items() if name not in DOCUMENT}
    for name in [name for name in others if name in options]:
        del others[name]
        yield "%s is no section; it is an option of the task" % name
    if others:
        yield from Document(others).mistakes


def _failed(error: OptionError) -> Dict[str, Any]:
    return {"failed": True, "changed": False, "msg": str(error), "error": error.facts, **error.details}


def _is_mistaken(result: Mapping[str, Any]) -> bool:
    return bool(result.get("failed")) and (result.get("error") or {}).get("kind") == OptionError.kind


def _table(plan: Mapping[str, Any]) -> str:
    """The plan as a table, which callbacks show before the diffs."""
    return "".join("%s\n" % line for line in [*table(plan["changes"]), summary_of(plan["counts"])])


def with_places(result: Dict[str, Any], source: DocumentSource, wrong: Sequence[str] = ()) -> Dict[str, Any]:
    """A result, of a document with mistakes with the place of each. :param wrong: those of what is no section."""
    mistaken, mistakes = _is_mistaken(result), result.get("mistakes", [])
    if not (mistaken or wrong):
        return result
    if mistaken and not mistakes:
        # Ansible's own check ends with the first one.
        sections = {name: value for name, value in source.document.items() if name in DOCUMENT}
        mistakes = Document(sections).mistakes
        if not mistakes and not wrong:
            return {**result, "msg": source.places.located(result["msg"])}
        mistakes = mistakes or [result["msg"]]
    # To look for the places of thousands takes long.
    mistakes = [source.places.located(mistake) for mistake in grouped([*wrong, *mistakes])]
    # The plan of the rest is no plan of the document.
    kept = result if mistaken else {name: result[name] for name in _OF_ANSIBLE & result.keys()}
    return {**kept, **_failed(refusal(mistakes))}

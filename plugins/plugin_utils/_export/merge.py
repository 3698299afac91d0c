# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A further export into files that people have edited: what differs is changed where it is, and all else stays.

The operation tells the changes of the document. Here they become changes of texts, and of the file of secrets.
"""

from __future__ import annotations

import codecs
import json
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused, enumerated
from ansible_collections.community.dokploy.plugins.module_utils._export.edits import (
    Edit,
    EntryChange,
    all_applied,
    from_json,
    in_order,
)
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import as_templates, with_secrets
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import (
    DocumentSource,
    load_text,
    read_files,
    read_texts,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._document.yaml_reader import Unreadable, YamlReader
from ansible_collections.community.dokploy.plugins.plugin_utils._export.files import FileChange, OutputFile
from ansible_collections.community.dokploy.plugins.plugin_utils._export.merged_secrets import (
    SecretsFile,
    names_in,
    renamed,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.merged_texts import Texts
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import Exported, OutputTarget, Writing
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_nodes import Uneditable
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

_HINT = "Nothing was written. Change these places by hand, or leave them as they are with conflicts: leave."
_NOT_PROVEN = "merge: the changed files are read as another document: %s differs"
_REPORT = "Nothing was written. Change it by hand, and report it, with the option and the version of ansible-core."


class _Chosen(NamedTuple):
    """A change of the document, and those of its edits that can be made."""

    change: EntryChange
    edits: Sequence[Edit]
    file: str


class Merge:
    """:param target: where the document and its secrets are. :param leave: whether what cannot be changed stays."""

    def __init__(self, target: OutputTarget, leave: bool, loader: DataLoader, templar: Templar) -> None:
        self._target, self._leave, self._loader, self._templar = target, leave, loader, templar
        self._places = target.documents()
        self._variables = SecretsFile(target.secrets_now())
        self._source: Optional[DocumentSource] = None

    @property
    def source(self) -> Optional[DocumentSource]:
        """The document that exists, with its values; C(None) if there is none.

        :raises OptionError: it has mistakes.
        """
        if self._source is None and self._places:
            files = [(place.path, place.label) for place in self._places]
            self._source = read_files(files, self._loader, self._templar_with(self._variables.text, {}))
        return self._source

    def _templar_with(self, text: Optional[str], more: Mapping[str, Any]) -> Templar:
        """The templar of the task, with the variables of a file of secrets before its own. :param more: others."""
        own: Dict[str, Any] = dict(getattr(self._templar, "available_variables", None) or {})
        try:
            for content in filter(None, (self._target.secrets_text(more) if more else None, text)):
                own.update(YamlReader(self._loader).parse(content, "/secrets.yml", "the file of secrets")[0] or {})
        except Unreadable as error:
            raise OptionError("secrets_dest: %s" % error.mistakes[0]) from None
        return self._templar.copy_with_new_env(available_variables=own)

    def write(self, exported: Exported, check_mode: bool) -> Dict[str, Any]:
        """Write what differs.

        :return: the keys of the result of the task.
        :raises Refused: a place cannot be changed by itself.
        """
        source = self.source
        if source is None:
            raise OptionError("merge: there is no document")
        texts = self._texts(exported, source)
        changes = [from_json(change, exported.document) for change in exported.changes]
        chosen, conflicts = self._chosen(changes, texts, exported)
        if conflicts and not self._leave:
            raise Refused(_sentence(conflicts), hint=_HINT, details={"conflicts": conflicts})
        variables = self._variables
        for names in ({}, self._clashing(chosen, exported)):
            edits = [_with_names(edit, names) for choice in chosen for edit in choice.edits]
            secrets = {**exported.secrets, **{new: exported.secrets[old] for old, new in names.items()}}
            after = texts.changed(in_order(edits), secrets)
            variables = self._variables.with_secrets(names_in([edit.value for edit in edits]), secrets)
            path = self._difference(source, edits, after, variables, secrets)
            if path is None:
                break
        else:
            raise Refused(_NOT_PROVEN % path, hint=_REPORT)
        result = self._written(after, variables, check_mode)
        rows = [{"file": choice.file, **row} for choice in chosen for row in choice.change.results(choice.edits)]
        return {**result, "changes": rows, "conflicts": conflicts}

    def _texts(self, exported: Exported, source: DocumentSource) -> Texts:
        return Texts([(place, self._text(place)) for place in self._places], source, exported, self._target)

    def _text(self, place: OutputFile) -> str:
        """The text of a file, decrypted, with the mark of its encoding."""
        content = place.content() or b""
        try:
            text = load_text(place.path, place.label, self._loader)
        except Unreadable as error:
            raise OptionError(" ".join(error.mistakes)) from None
        return "\ufeff" + text if content.startswith(codecs.BOM_UTF8) else text

    def _chosen(
        self, changes: Sequence[EntryChange], texts: Texts, exported: Exported
    ) -> Tuple[List[_Chosen], List[Dict[str, Any]]]:
        """The changes that can be made, as small as they can be, and the conflicts."""
        chosen: List[_Chosen] = []
        conflicts: List[Dict[str, Any]] = []
        for change in changes:
            refused: Optional[Uneditable] = None
            for edits in (change.edits, change.whole):
                try:
                    texts.changed(in_order(edits), exported.secrets)
                except Uneditable as error:
                    refused = refused or error
                    continue
                if edits:
                    chosen.append(_Chosen(change, edits, texts.file_of(edits[0])))
                    refused = None
                    break
            if refused is not None:
                conflicts.append(_conflict(change, refused, texts, exported))
        return chosen, conflicts

    def _clashing(self, chosen: Sequence[_Chosen], exported: Exported) -> Dict[str, str]:
        """New names for variables that have another value now, which something else may take."""
        names = names_in([edit.value for choice in chosen for edit in choice.edits])
        return self._variables.new_names(names, exported.secrets)

    def _difference(
        self,
        source: DocumentSource,
        edits: Sequence[Edit],
        after: Sequence[Tuple[OutputFile, Optional[str]]],
        variables: SecretsFile,
        secrets: Mapping[str, Any],
    ) -> Optional[str]:
        """The path of the first value that is not what it should be; C(None) if there is none."""
        values = [edit.with_value(with_secrets(edit.value, secrets)) for edit in edits]
        wanted = all_applied(source.document, values)
        files = [(place.path, place.label, text) for place, text in after if text is not None]
        more = {} if self._target.keeps_secrets else secrets
        document = read_texts(files, self._loader, self._templar_with(variables.text, more)).document if files else {}
        # A new file may come before those that are there, and with it its entries.
        return _difference(_sorted(document), _sorted(plain(wanted)))

    def _written(
        self, after: Sequence[Tuple[OutputFile, Optional[str]]], variables: SecretsFile, check_mode: bool
    ) -> Dict[str, Any]:
        changes = []
        for place, text in after:
            before = place.content()
            content = None if text is None else text.encode("utf-8")
            if place in self._places and text == self._text(place):
                continue
            changes.append(FileChange(place, before, content))
        of_secrets: Optional[FileChange] = None
        text = variables.text
        if text is None and variables.values:
            text = self._target.secrets_text(variables.values)
        if text is not None and self._target.keeps_secrets:
            of_secrets = self._target.change_of_secrets(text)
        places = [place for place, text in after if text is not None]
        return self._target.carry_out(Writing(places, changes, of_secrets, text is not None), check_mode)


def _with_names(edit: Edit, names: Mapping[str, str]) -> Edit:
    return edit.with_value(renamed(edit.value, names)) if names else edit


def _conflict(change: EntryChange, error: Uneditable, texts: Texts, exported: Exported) -> Dict[str, Any]:
    """What results have of a place that cannot be changed."""
    first = (change.whole or change.edits)[0]
    place = texts.mark_of(first.path)
    return {
        "file": place.file,
        "line": error.line or place.line,
        "kind": change.kind,
        "path": change.path,
        "option": change.option,
        "reason": str(error),
        "value": as_templates(first.value, exported.secrets),
    }


def _sentence(conflicts: Sequence[Mapping[str, Any]]) -> str:
    return "merge: %s" % enumerated(
        [
            "%s:%d: %s of %s %s cannot be changed there: %s"
            % (
                conflict["file"],
                conflict["line"],
                conflict["option"] or "the entry",
                conflict["kind"],
                conflict["path"],
                conflict["reason"],
            )
            for conflict in conflicts
        ]
    )


def _sorted(document: Mapping[str, Any]) -> Dict[str, Any]:
    """A document whose sections have their entries in the order of their names."""

    def key(entry: Any) -> Tuple[str, str]:
        return str(entry.get("name") if isinstance(entry, Mapping) else ""), json.dumps(
            entry, sort_keys=True, default=str
        )

    return {name: sorted(value, key=key) if isinstance(value, list) else value for name, value in document.items()}


def _difference(actual: Any, wanted: Any, path: str = "") -> Optional[str]:
    """The path of the first value that differs, whatever the order of keys is. Nothing and an empty list are one."""
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        for key in {**wanted, **actual}:
            if not wanted.get(key) and not actual.get(key) and (key not in actual or key not in wanted):
                continue
            inner = _difference(actual.get(key), wanted.get(key), "%s.%s" % (path, key) if path else str(key))
            if inner is not None:
                return inner
        return None
    if isinstance(wanted, list) and isinstance(actual, list) and len(wanted) == len(actual):
        places = ("%s[%d]" % (path, number) for number in range(len(wanted)))
        differing: Iterator[Optional[str]] = (_difference(*both) for both in zip(actual, wanted, places))
        return next((place for place in differing if place is not None), None)
    return None if actual == wanted and actual.__class__ is wanted.__class__ else path or "all of it"

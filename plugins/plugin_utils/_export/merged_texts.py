# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of one document: in which of them a change is made, and which files it needs beside these."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible.parsing.vault import is_encrypted

from ansible_collections.community.dokploy.plugins.module_utils._export.edits import ADD, REMOVE, Edit, Path
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import HEAD
from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import Mark
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import DocumentSource
from ansible_collections.community.dokploy.plugins.plugin_utils._export.files import OutputFile, is_ours
from ansible_collections.community.dokploy.plugins.plugin_utils._export.layout import (
    INSTANCE,
    PROJECTS,
    DocumentFile,
    document_files,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import HEAD_LINES, Exported, OutputTarget
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_edit import edited
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_nodes import (
    Nodes,
    Uneditable,
    inner_nodes,
    loaded,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import document_text, writer_of

_BY_TEMPLATE = "a template makes what is there"


class _Where(NamedTuple):
    """The file of a place, and its path in that."""

    place: OutputFile
    path: Path


class Texts:
    """:param files: those that exist, with their texts, in the order in which they are read.

    :param source: what is read of them. :param found: the export.
    """

    def __init__(
        self, files: Sequence[Tuple[OutputFile, str]], source: DocumentSource, exported: Exported, target: OutputTarget
    ) -> None:
        self._files, self._exported, self._target = files, exported, target
        self._document: Mapping[str, Any] = source.document
        self._root = Mark("", inner=source.places.marks)
        self._paths: Dict[str, Dict[Tuple[int, int, bool], Path]] = {}

    def changed(self, edits: Sequence[Edit], secrets: Mapping[str, Any]) -> List[Tuple[OutputFile, Optional[str]]]:
        """The files after changes, in the order in which they are read; C(None) is the text of one that is removed.

        :param edits: in the order of C(_export.edits.in_order).
        :raises Uneditable: one of them cannot be made.
        """
        texts: Dict[OutputFile, Optional[str]] = dict(self._files)
        for edit in edits:
            if edit.action == ADD and len(edit.path) == 1:
                self._add_section(edit, texts, secrets)
            elif edit.action == ADD and edit.path == (PROJECTS, None) and self._target.is_folder:
                self._add_project(edit.source[1], texts, secrets)
            else:
                self._change(edit, texts, secrets)
        return sorted(texts.items(), key=lambda item: item[0].label) if self._target.is_folder else list(texts.items())

    def _change(self, edit: Edit, texts: Dict[OutputFile, Optional[str]], secrets: Mapping[str, Any]) -> None:
        where = self._where(edit)
        text = self._editable(where.place, texts)
        writer = writer_of(self._exported.document, self._exported.comments, secrets)
        edit = Edit(edit.action, where.path, edit.value, edit.source, edit.after)
        text = edited(text, edit, writer)
        if edit.action == REMOVE and isinstance(edit.path[-1], int):
            texts[where.place] = self._without_empty_list(where, text, writer)
        else:
            texts[where.place] = text

    def _without_empty_list(self, where: _Where, text: str, writer: Any) -> Optional[str]:
        """A text without a list that a removal has left empty; C(None) if nothing else is in the file."""
        *outer, _number = where.path
        content = loaded(text)
        value = content
        for key in outer:
            value = value[key]
        if value != []:
            return text
        if len(outer) == 1 and set(content) <= {*HEAD, outer[0]}:
            return None if self._target.is_folder and is_ours(where.place.content() or b"") else text
        return edited(text, Edit(REMOVE, tuple(outer)), writer)

    @staticmethod
    def _editable(place: OutputFile, texts: Mapping[OutputFile, Optional[str]]) -> str:
        text = texts[place]
        if text is None:
            raise Uneditable("the file is removed")
        if is_encrypted(place.content() or b""):
            raise Uneditable("the file is encrypted as a whole")
        if place.path.endswith(".json"):
            raise Uneditable("the file is JSON, which has no comments and is not changed in place")
        return text

    # --- new sections and files ---

    def _add_section(self, edit: Edit, texts: Dict[OutputFile, Optional[str]], secrets: Mapping[str, Any]) -> None:
        if edit.path == (PROJECTS,) and self._target.is_folder:
            for number in range(len(edit.value)):
                self._add_project(number, texts, secrets)
            return
        place = self._target.place_in(INSTANCE)
        text = texts.get(place)
        if text is None:
            texts[place] = document_text({**self._head(), edit.path[0]: edit.value}, HEAD_LINES, (), secrets)
        else:
            writer = writer_of(self._exported.document, self._exported.comments, secrets)
            texts[place] = edited(self._editable(place, texts), edit, writer)

    def _add_project(self, number: int, texts: Dict[OutputFile, Optional[str]], secrets: Mapping[str, Any]) -> None:
        """Add a file for a project. :param number: its position in the export."""
        part = self._part(number)
        content = {**self._head(), PROJECTS: part.document[PROJECTS]}
        texts[self._new_place(part, texts)] = document_text(content, HEAD_LINES, part.comments, secrets)

    def _part(self, number: int) -> DocumentFile:
        """The file that an export writes for a project."""
        project = self._exported.document[PROJECTS][number]
        parts = document_files(self._exported.document, self._exported.comments)
        return next(part for part in parts if (part.document.get(PROJECTS) or [None])[0] is project)

    def _new_place(self, part: DocumentFile, texts: Mapping[OutputFile, Optional[str]]) -> OutputFile:
        """A file that does not exist, where the export writes one for a project."""
        place, number = self._target.place_in(part.name), 1
        while place in texts:
            number += 1
            place = self._target.place_in("%s-%d.yml" % (part.name[: -len(".yml")], number))
        return place

    def _head(self) -> Dict[str, Any]:
        """What the document says of itself, which another file must not change."""
        return {"version": 1, **{name: value for name, value in self._document.items() if name in HEAD}}

    # --- places ---

    def file_of(self, edit: Edit) -> str:
        """How messages call the file of a change."""
        if edit.action == ADD and edit.path == (PROJECTS, None) and self._target.is_folder:
            return self._new_place(self._part(edit.source[1]), dict(self._files)).label
        if edit.action == ADD and len(edit.path) == 1:
            # Projects that are the first ones have a file each.
            return self._target.place_in(PROJECTS if edit.path == (PROJECTS,) else INSTANCE).label
        return self._where(edit).place.label

    def mark_of(self, path: Path) -> Mark:
        """The mark of a path, or of the last part of it that has one."""
        mark = self._root
        for key in path:
            inner = mark.inner
            is_item = isinstance(inner, list) and isinstance(key, int) and key < len(inner)
            if not is_item and not (isinstance(inner, dict) and key in inner):
                break
            mark = inner[key]
        return mark

    def _where(self, edit: Edit) -> _Where:
        if edit.action != ADD:
            return self._located(edit.path)
        *outer, key = edit.path
        if len(outer) == 1 and key is None and self.mark_of(tuple(outer)).inner:
            # The sections of several files are one list: it grows where it ends.
            last = self._located((*outer, len(self.mark_of(tuple(outer)).inner) - 1))
            return _Where(last.place, (*outer, None))
        where = self._located(tuple(outer))
        return _Where(where.place, (*where.path, key))

    def _located(self, path: Path) -> _Where:
        """:raises Uneditable: what is there is written elsewhere."""
        value: Any = self._document
        mark = self._root
        for key in path:
            inner = mark.inner
            known = inner is not None and len(inner) == len(value) if isinstance(value, list) else inner
            if not known or (isinstance(inner, dict) and key not in inner):
                raise Uneditable(_BY_TEMPLATE, mark.line)
            value, mark = value[key], inner[key]
        place = next(place for place, _text in self._files if place.label == mark.file)
        own_path = self._paths_of(place).get((mark.line, mark.column, isinstance(path[-1], int)))
        # A position in a section counts through all files.
        is_it = (
            own_path is not None
            and own_path[:1] == path[:1]
            and own_path[2:] == path[2:]
            and len(own_path) == len(path)
        )
        if own_path is None or not is_it or (len(path) > 1 and isinstance(path[1], str) and own_path[1] != path[1]):
            raise Uneditable("an anchor or a merge of YAML makes what is there", mark.line)
        return _Where(place, own_path)

    def _paths_of(self, place: OutputFile) -> Dict[Tuple[int, int, bool], Path]:
        """The paths in a file by line, column, and whether an item of a list begins there."""
        if place.path not in self._paths:
            paths: Dict[Tuple[int, int, bool], Path] = {}
            root = Nodes(dict(self._files)[place].lstrip("\ufeff")).root
            level: List[Tuple[Any, Path]] = [] if root is None else [(root, ())]
            while level:
                node, path = level.pop()
                pairs = node.value if isinstance(node.value, list) else []
                for number, item in enumerate(pairs):
                    key, inner = (item[0], item[1]) if isinstance(item, tuple) else (item, item)
                    inner_path = (*path, key.value if isinstance(item, tuple) else number)
                    start = key.start_mark
                    paths.setdefault((start.line + 1, start.column + 1, not isinstance(item, tuple)), inner_path)
                    if list(inner_nodes(inner)) and len(inner_path) < 60:
                        level.append((inner, inner_path))
            self._paths[place.path] = paths
        return self._paths[place.path]

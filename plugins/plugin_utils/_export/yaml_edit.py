# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single values of a YAML text, changed where they are: what is not changed keeps its text byte by byte.

A text is edited, read again, and compared with the values that were meant. What cannot be changed like that, such as a
value that an anchor of YAML repeats, is refused, and never guessed.
"""

from __future__ import annotations

import re
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from ansible_collections.community.dokploy.plugins.module_utils._export.edits import ADD, REMOVE, Edit, Path, applied
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_nodes import (
    Nodes,
    Uneditable,
    YamlItem,
    is_blank,
    is_flow,
    loaded,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import Writer

_EMPTY_LINES = re.compile(r"(?:[ \t]*\r?\n)+")
_COMMENT = re.compile(r"[ \t]*#.*\Z")
_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")


def edited(text: str, edit: Edit, writer: Writer) -> str:
    """A text after a change.

    :raises Uneditable: it cannot be made, or the text would have another value elsewhere.
    """
    mark = text[:1] if text.startswith("\ufeff") else ""
    bare = text[len(mark) :]
    after = _Editor(bare, writer).edited(edit)
    if loaded(after) != _meant(loaded(bare), edit, writer):
        raise Uneditable("the value cannot be changed by itself", _line(bare, edit.path))
    return mark + after


def _meant(value: Any, edit: Edit, writer: Writer) -> Any:
    """The values that a text has after a change."""
    if edit.action == REMOVE:
        return applied(value, edit)
    written = loaded("a: %s" % writer.in_line(edit.value))["a"]
    return applied(value, Edit(edit.action, edit.path, written))


def _line(text: str, path: Path) -> int:
    """The line of a path, or of the last part of it that is there."""
    nodes = Nodes(text)
    for length in range(len(path), 0, -1):
        try:
            step = nodes.steps(path[:length])[-1]
        except Uneditable:
            continue
        return int((step.key or step.value).start_mark.line) + 1
    return 0


class _Editor:
    def __init__(self, text: str, writer: Writer) -> None:
        self._nodes, self._text, self._writer = Nodes(text), text, writer
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def edited(self, edit: Edit) -> str:
        if edit.action == REMOVE:
            return self._removed(edit.path)
        return self._added(edit) if edit.action == ADD else self._set(edit.path, edit.value, edit.source)

    # --- a value in place of another one ---

    def _set(self, path: Path, value: Any, source: Path) -> str:
        if not path:
            raise Uneditable("the file has no value that can be changed in place")
        steps = self._nodes.steps(path)
        step = steps[-1]
        if any(is_flow(step.container) for step in steps):
            return self._set_in_line(step, value)
        begin = self._begin(step)
        end, comment = self._end(step, begin)
        column = _column(step)
        if value and isinstance(value, (Mapping, list, tuple)):
            return self._spliced(begin, end, self._container(step, value, column, source, comment))
        first, *more = self._writer.leaf(value, column + 2)
        if more and first.rpartition(" ")[2][:1] != "|":
            # A comment could not follow it.
            first, more = self._writer.in_line(value), []
        return self._spliced(begin, end, self._lines([" %s%s" % (first, comment), *more]))

    def _container(self, step: YamlItem, value: Any, column: int, source: Path, comment: str) -> str:
        """The text of a value with others in it, after the colon or dash."""
        lines = (self._writer.mapping if isinstance(value, Mapping) else self._writer.items)(value, column + 2, source)
        if step.key is None and not comment and not lines[0].lstrip().startswith("#"):
            return self._lines([" " + lines[0].lstrip(), *lines[1:]])
        return self._lines([comment, *lines])

    def _set_in_line(self, step: YamlItem, value: Any) -> str:
        start, text = step.value.start_mark.index, self._writer.in_line(value)
        if is_blank(step.value):
            if step.key is None:
                raise Uneditable("the list has an empty value", step.value.start_mark.line + 1)
            colon = re.compile(r"\s*:").match(self._text, self._nodes.end(step.key))
            start = colon.end() if colon else self._nodes.end(step.key)
            return self._spliced(start, start, (" " if colon else ": ") + text)
        return self._spliced(start, self._nodes.end(step.value), text)

    def _begin(self, step: YamlItem) -> int:
        """Where the text of a value begins, right after its colon or dash."""
        if step.key is not None:
            return self._nodes.after_colon(step.key, step.value)
        return self._nodes.dash(step.container, step.number) + 1

    def _end(self, step: YamlItem, begin: int) -> Tuple[int, str]:
        """Where the text of a value ends, and the comment in the line of its key, which stays."""
        node = step.value
        if is_blank(node):
            return self._with_comment(begin, begin)
        end = self._nodes.end(node)
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            header = _HEADER.match(self._text, node.start_mark.index)
            return end, (header and header[1]) or ""
        if isinstance(node, ScalarNode) or is_flow(node):
            return self._with_comment(end, end)
        # A block begins in the line of its dash, or in the next one.
        return end, self._with_comment(begin, begin)[1]

    def _with_comment(self, end: int, at_: int) -> Tuple[int, str]:
        last = self._nodes.line_end(at_)
        match = _COMMENT.match(self._text[at_:last])
        return (last, match[0]) if match else (end, "")

    # --- a new value ---

    def _added(self, edit: Edit) -> str:
        *outer, key = edit.path
        steps = self._nodes.steps(tuple(outer))
        node = steps[-1].value if steps else self._nodes.root
        if node is None or isinstance(node, ScalarNode) or not node.value:
            if isinstance(node, ScalarNode) and node.value not in ("", "null", "~", "Null", "NULL"):
                raise Uneditable("a template makes what is there", node.start_mark.line + 1)
            value = [edit.value] if key is None else {key: edit.value}
            return self._set(tuple(outer), value, ())
        if isinstance(node, SequenceNode) is not (key is None):
            raise Uneditable("it is of another type", node.start_mark.line + 1)
        if is_flow(node) or any(is_flow(step.container) for step in steps):
            return self._added_in_line(node, key, edit.value)
        if key is None:
            end = self._nodes.end(node)
            lines = self._writer.item(edit.value, node.start_mark.column, edit.source)
            separated = self._are_apart(node) or _holds_containers(edit.value)
        else:
            before = _before(node, edit.after)
            end = self._nodes.end_of_pair(*before)
            lines = self._writer.pair(key, edit.value, node.start_mark.column, edit.source)
            separated = not outer and bool(edit.value) and isinstance(edit.value, (Mapping, list))
        end = self._nodes.line_end(end)
        return self._spliced(end, end, self._lines(["", *([""] if separated else []), *lines]))

    def _added_in_line(self, node: Node, key: Optional[str], value: Any) -> str:
        last = node.value[-1]
        inner = max(self._nodes.end(part) for part in (last if isinstance(last, tuple) else (last,)))
        if isinstance(last, tuple) and is_blank(last[1]):
            inner = max(inner, last[1].start_mark.index)
        text = self._writer.in_line(value)
        name = "" if key is None else "%s: " % self._writer.in_line(key)
        return self._spliced(inner, inner, ", %s%s" % (name, text))

    def _are_apart(self, node: Node) -> bool:
        """Whether there are empty lines between the last two items of a list."""
        if len(node.value) < 2:
            return False
        between = self._text[self._nodes.end(node.value[-2]) : self._nodes.dash(node, len(node.value) - 1)]
        return re.search(r"\n[ \t]*\r?\n", between) is not None

    # --- a value less ---

    def _removed(self, path: Path) -> str:
        steps = self._nodes.steps(path)
        step, container = steps[-1], steps[-1].container
        if len(container.value) == 1:
            if len(steps) == 1:
                raise Uneditable("nothing would be left in the file", container.start_mark.line + 1)
            return self._set(path[:-1], {} if isinstance(container, MappingNode) else [], ())
        if any(is_flow(step.container) for step in steps):
            return self._removed_in_line(step)
        start = self._start(container, step.number)
        if step.key is None:
            end = self._nodes.end(step.value) if not is_blank(step.value) else start + 1
        else:
            end = self._nodes.end_of_pair(step.key, step.value)
        line, end = self._nodes.line_start(start), self._nodes.line_end(end)
        if self._text[line:start].strip():
            # Its line has the dash of what it is in, which stays with what follows.
            following = re.compile(r"\s*").match(self._text, end)
            return self._spliced(start, following.end() if following else end, "")
        if step.number:
            line = self._above(line, start - line)
        return self._without_lines(line, end, container, step.number)

    def _without_lines(self, line: int, end: int, container: Node, number: int) -> str:
        """The text without whole lines, and without one of the empty lines around these."""
        following = self._text[end:]
        newline = re.match(r"\r?\n", following)
        end += newline.end() if newline else 0
        empty = _EMPTY_LINES.match(self._text, end)
        is_apart = re.search(r"(?:\A|\n)[ \t]*\r?\n\Z", self._text[:line]) is not None
        if empty is not None and (is_apart or not number):
            end = empty.end()
        if is_apart and end >= len(self._text) and number:
            # An empty line at the end of a block can be a part of it.
            last = container.value[number - 1]
            kept = self._nodes.end_of_pair(*last) if isinstance(last, tuple) else self._nodes.end(last)
            last_line = self._nodes.line_end(kept)
            if not self._text[last_line:line].strip():
                return self._text[:last_line] + self._newline
        return self._spliced(line, end, "")

    def _above(self, line: int, indent: int) -> int:
        """Where the comments right above a line begin that have its indentation."""
        while line:
            above = self._nodes.line_start(line - 1)
            text = self._text[above:line]
            if not re.match(" {%d}#" % indent, text):
                break
            line = above
        return line

    def _start(self, container: Node, number: int) -> int:
        """Where a key or the dash of an item is."""
        if not isinstance(container, MappingNode):
            return self._nodes.dash(container, number)
        start: int = container.value[number][0].start_mark.index
        mark = re.compile(r"\?[ \t]+\Z").search(self._text[self._nodes.line_start(start) : start])
        return start - len(mark[0]) if mark else start

    def _removed_in_line(self, step: YamlItem) -> str:
        def begin(number: int) -> int:
            item = step.container.value[number]
            return int((item[0] if isinstance(item, tuple) else item).start_mark.index)

        if step.number + 1 < len(step.container.value):
            return self._spliced(begin(step.number), begin(step.number + 1), "")
        before = step.container.value[step.number - 1]
        start = max(self._nodes.end(part) for part in (before if isinstance(before, tuple) else (before,)))
        end = self._nodes.end(step.value) if not is_blank(step.value) else step.value.end_mark.index
        return self._spliced(start, max(end, self._nodes.end(step.key) if step.key else end), "")

    # --- text ---

    def _lines(self, lines: Sequence[str]) -> str:
        return self._newline.join(lines)

    def _spliced(self, start: int, end: int, text: str) -> str:
        return self._text[:start] + text + self._text[end:]


def _column(step: YamlItem) -> int:
    """The indentation of a key, or of a dash."""
    column: int = step.container.start_mark.column
    return column


def _before(node: Node, after: Sequence[str]) -> Tuple[Node, Node]:
    """The pair of a mapping behind which a new one comes."""
    pairs: List[Tuple[Node, Node]] = node.value
    known = [pair for pair in pairs if pair[0].value in after]
    by_order = sorted(known, key=lambda pair: after.index(pair[0].value))
    return by_order[-1] if by_order else pairs[-1]


def _holds_containers(value: Any) -> bool:
    """Whether a mapping has others in it, which empty lines set apart."""
    return isinstance(value, Mapping) and any(
        item and isinstance(item, (Mapping, list, tuple)) for item in value.values()
    )

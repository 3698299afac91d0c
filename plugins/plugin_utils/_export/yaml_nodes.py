# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes of a YAML text: where a value begins and ends, and which keys and positions lead to it."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import yaml
from yaml import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ansible_collections.community.dokploy.plugins.module_utils._export.edits import Path

# Measured on PyYAML 6.0: libyaml and the parser in Python give the same positions, but for the ends of block texts and
# of collections, which are not used.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_COLON = re.compile(r"\s*:")


class Uneditable(Exception):
    """A place cannot be changed by itself; the message is a sentence without the place.

    :ivar line: from 1; 0 where only the file is known.
    """

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


class YamlItem(NamedTuple):
    """A value in the mapping or list that it is in.

    :param key: the node of its key; C(None) in a list. :param number: its position among its neighbours.
    """

    container: Node
    number: int
    key: Optional[Node]
    value: Node


class Nodes:
    """The nodes of a text.

    :raises Uneditable: it is no YAML of one document.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self.root: Optional[Node] = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError:
            raise Uneditable("the file is no YAML that can be changed in place") from None
        self._uses: Dict[int, int] = {}
        if self.root is not None:
            self._count(self.root)

    def _count(self, node: Node) -> None:
        self._uses[id(node)] = self._uses.get(id(node), 0) + 1
        if self._uses[id(node)] == 1:
            for inner in inner_nodes(node):
                self._count(inner)

    def steps(self, path: Path) -> List[YamlItem]:
        """The values on the way to a path, the outer ones first.

        :raises Uneditable: what has the path is written elsewhere.
        """
        steps: List[YamlItem] = []
        node = self.root
        for key in path:
            if node is None:
                raise Uneditable("the file is empty")
            step = self._step(node, key)
            if self._uses[id(step.value)] > 1:
                raise Uneditable("an anchor of YAML is used in several places", step.value.start_mark.line + 1)
            steps.append(step)
            node = step.value
        return steps

    @staticmethod
    def _step(node: Node, key: Any) -> YamlItem:
        if isinstance(node, MappingNode):
            for number, (name, value) in enumerate(node.value):
                if name.tag != _MERGE and name.value == key:
                    return YamlItem(node, number, name, value)
        elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
            return YamlItem(node, key, None, node.value[key])
        raise Uneditable("a template, or a merge of YAML, makes what is there", node.start_mark.line + 1)

    def end(self, node: Node) -> int:
        """Where the last character of a value ends, without comments and empty lines after it."""
        start: int = node.start_mark.index
        if isinstance(node, ScalarNode):
            last: int = node.end_mark.index
            return self._end_of_block(start, last) if node.style in ("|", ">") else last
        if is_flow(node):
            last = node.end_mark.index
            return last
        if isinstance(node, MappingNode):
            return self.end_of_pair(*node.value[-1])
        return max(self.end(node.value[-1]), self.dash(node, len(node.value) - 1) + 1)

    def end_of_pair(self, key: Node, value: Node) -> int:
        """Where a key with its value ends."""
        return max(self.end(value), value.start_mark.index) if not is_blank(value) else self.after_colon(key, value)

    def _end_of_block(self, start: int, last: int) -> int:
        text = self.text[start:last]
        header, _newline, lines = text.partition("\n")
        if "+" not in header.partition("#")[0]:
            return start + len(text.rstrip())
        # Empty lines at its end are a part of it. What follows the last one is the indentation of what is next.
        kept = re.sub(r"\r?\n[ \t]*\Z", "", lines)
        return start + len(header) + 1 + len(kept) if lines.strip() or kept else start + len(header.rstrip())

    def after_colon(self, key: Node, value: Node) -> int:
        """Where the value of a key can begin."""
        match = _COLON.match(self.text, self.end(key))
        if match is None or match.end() > max(value.start_mark.index, self.end(key) + 1):
            raise Uneditable("the key has no value", key.start_mark.line + 1)
        return match.end()

    def dash(self, container: Node, number: int) -> int:
        """Where the dash of an item is, in a list that is written with dashes."""
        column: int = container.start_mark.column
        at: int = container.value[number].start_mark.index
        first: int = container.start_mark.index
        if number == 0:
            return first
        while at >= first:
            line = self.line_start(at)
            if self.text[line + column : line + column + 1] == "-" and not self.text[line : line + column].strip():
                return line + column
            at = line - 1
        raise Uneditable("the item of the list has no dash of its own", container.start_mark.line + 1)

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Where the line ends that a position is in, before its line feed."""
        end = self.text.find("\n", at)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1 : end] == "\r" else end


def is_flow(node: Node) -> bool:
    """Whether it is a mapping or list in braces or brackets."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def is_blank(node: Node) -> bool:
    """Whether nothing is written for a value."""
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def inner_nodes(node: Node) -> Iterator[Node]:
    for inner in () if isinstance(node, ScalarNode) else node.value:
        yield from inner if isinstance(inner, tuple) else (inner,)


class _Plain(yaml.SafeLoader if _LOADER is yaml.SafeLoader else _LOADER):  # type: ignore[misc]
    """Reads values, those with tags of Ansible as text with the tag."""


def _tagged(loader: Any, tag: str, node: Node) -> Any:
    return "%s %s" % (tag, node.value) if isinstance(node, ScalarNode) else repr(node)


_Plain.add_multi_constructor("!", _tagged)


def loaded(text: str) -> Any:
    """The value of a text, with templates as they are.

    :raises Uneditable: it has none.
    """
    try:
        return yaml.load(text, Loader=_Plain)
    except (yaml.YAMLError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
        raise Uneditable("the file is no YAML that can be changed in place") from None

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a file of a document as Ansible's loader reads it, the place of each entry, and what is wrong in it."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.yaml.loader import AnsibleLoader
from yaml import MappingNode, Node, ScalarNode, SequenceNode, YAMLError
from yaml.error import Mark as Position

from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import one_line
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import TAGS, trusted
from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import Mark

# The most values of a document, and how deep they may be in each other. A longer text counts once for each 1000
# characters, and what has an alias as often as it is used.
MOST_VALUES = 500_000
MOST_DEPTH = 50

_TAG = "tag:yaml.org,2002:"
# What the keys of a mapping are that YAML does not read as text.
_KEYS = {"bool": "true or false", "int": "a number", "float": "a number", "null": "null", "timestamp": "a date"}
# What PyYAML raises for C(2026-13-13), and for tags such as C(!!int) before other text.
_NO_SCALAR = (ValueError, TypeError, ArithmeticError, AttributeError, LookupError)


class Unreadable(Exception):
    """A file is no part of a document; C(mistakes) has a sentence for each reason, with the place."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes


def too_deep(where: object) -> Unreadable:
    """What a text is whose values are so deep in each other that Python cannot read them, or Dokploy has no use for."""
    return Unreadable("%s: there are values more than %d levels deep in each other" % (where, MOST_DEPTH))


class YamlReader:
    """Reads the files of one document, which together have at most C(MOST_VALUES) values."""

    def __init__(self, loader: DataLoader) -> None:
        self._loader = loader
        self._left = MOST_VALUES

    def parse(self, text: str, path: str, file: str) -> Tuple[Any, Mark]:
        """The value of a text, with its templates, and its mark.

        :param path: the absolute path of the file. :param file: how messages call it.
        :raises Unreadable: it has none.
        """
        yaml_loader = self._yaml_loader(text, path)
        try:
            node = yaml_loader.get_single_node()
            mark = Mark(file, inner=self._marks(node, file))
        except YAMLError as error:
            value = self._json(text, path)
            if value is None:
                raise Unreadable(_said(error, file, text)) from None
            # JSON has escapes that YAML lacks.
            return value, Mark(file)
        except RecursionError:
            raise too_deep(file) from None
        value = self._json(text, path)
        if value is None and node is not None:
            value = _constructed(yaml_loader, node, file, text)
        return value, mark

    def _marks(self, node: Optional[Node], file: str) -> Any:
        if node is None:
            return None
        nodes = _Nodes(file)
        walked = nodes.walk(node)
        self._left -= walked.values
        if self._left < 0:
            message = "%s: there are more than %d values, those of an alias counted as often as it is used"
            nodes.mistakes.append(message % (file, MOST_VALUES))
        if nodes.mistakes:
            raise Unreadable(*nodes.mistakes)
        return walked.inner

    def _yaml_loader(self, text: str, path: str) -> Any:
        if not TAGS:
            return AnsibleLoader(text, path, self._loader._vault.secrets)
        return AnsibleLoader(trusted(text, path))

    def _json(self, text: str, path: str) -> Any:
        """The value of JSON, or C(None). YAML reads some numbers of it as text."""
        if not text.lstrip().startswith("{"):
            return None
        try:
            return self._loader.load(trusted(text, path), file_name=path, json_only=True)
        except AnsibleError:
            return None


def _constructed(yaml_loader: Any, node: Node, file: str, text: str) -> Any:
    try:
        return yaml_loader.construct_document(node)
    except YAMLError as error:
        raise Unreadable(_said(error, file, text)) from None
    except AnsibleError as error:
        raise Unreadable("%s: %s" % (file, error)) from None
    except _NO_SCALAR:
        place = next(
            (str(_mark(scalar, file)) for scalar in _scalars(node, set()) if _fails(yaml_loader, scalar)), file
        )
        message = "%s: YAML takes the value for a date, a number or the like, and it is none; put it in quotes"
        raise Unreadable(message % place) from None


def _scalars(node: Node, seen: Set[int]) -> Iterator[ScalarNode]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, SequenceNode):
        for child in node.value:
            yield from _scalars(child, seen)
    else:
        for pair in node.value:
            for child in pair:
                yield from _scalars(child, seen)


def _fails(yaml_loader: Any, node: ScalarNode) -> bool:
    try:
        yaml_loader.construct_object(node)
    except (*_NO_SCALAR, YAMLError):
        # PyYAML takes the one at which it stopped for one that contains itself.
        return True
    return False


class _Walked(NamedTuple):
    """What is in a node: marks, the number of its values, and how deep they are in each other."""

    inner: Any
    values: int
    depth: int = 0


class _Nodes:
    """The marks of nodes. It resolves merges, so that the loader finds neither a merge nor a key twice.

    :ivar mistakes: keys that are there twice or not text, and what contains itself.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.mistakes: List[str] = []
        self._open: Set[int] = set()
        # By the node, which an alias repeats.
        self._known: Dict[int, _Walked] = {}
        self._pairs: Dict[int, Dict[str, Tuple[Node, Node]]] = {}

    def walk(self, node: Node) -> _Walked:
        """:raises Unreadable: its values are too deep in each other."""
        if isinstance(node, ScalarNode):
            return _Walked(None, 1 + len(node.value) // 1000)
        known = self._known.get(id(node))
        if id(node) in self._open:
            self._wrong(node, "the value contains itself")
            return _Walked(None, 1)
        if len(self._open) + (known.depth if known else 1) > MOST_DEPTH:
            raise too_deep(_mark(node, self._file))
        if known is None:
            self._open.add(id(node))
            known = self._known[id(node)] = self._entered(node)
            self._open.discard(id(node))
        return known

    def _entered(self, node: Node) -> _Walked:
        inner: Any
        if node.tag in (_TAG + "set", _TAG + "omap", _TAG + "pairs"):
            self._wrong(node, "a document cannot have the tag !!%s" % node.tag[len(_TAG) :])
        if isinstance(node, MappingNode):
            pairs = self._resolved(node)
            walked = [self.walk(child) for _key, child in pairs.values()]
            inner = {name: _mark(pair[0], self._file, of.inner) for (name, pair), of in zip(pairs.items(), walked)}
        else:
            walked = [self.walk(child) for child in node.value]
            inner = [_mark(child, self._file, of.inner) for child, of in zip(node.value, walked)]
        return _Walked(inner, 1 + sum(of.values for of in walked), 1 + max((of.depth for of in walked), default=0))

    def _resolved(self, node: MappingNode) -> Dict[str, Tuple[Node, Node]]:
        """The pairs of a mapping by their names, those that it merges first."""
        if id(node) in self._pairs:
            return self._pairs[id(node)]
        merged: Dict[str, Tuple[Node, Node]] = {}
        own: Dict[str, Tuple[Node, Node]] = {}
        # A mapping that merges itself has nothing to merge.
        self._pairs[id(node)] = own
        for key, value in node.value:
            if key.tag == _TAG + "merge":
                merged.update(self._merged(key, value))
                continue
            name = self._name(key)
            if name is None:
                continue
            if name in own:
                first = own[name][0].start_mark.line + 1
                self._wrong(key, "the key %r is there a second time, after line %d" % (name[:80], first))
            own[name] = (key, value)
        pairs = self._pairs[id(node)] = {**merged, **own}
        node.value = list(pairs.values())
        return pairs

    def _merged(self, key: Node, value: Node) -> Dict[str, Tuple[Node, Node]]:
        pairs: Dict[str, Tuple[Node, Node]] = {}
        # The first one of a list applies.
        for item in reversed(value.value) if isinstance(value, SequenceNode) else [value]:
            if isinstance(item, MappingNode):
                pairs.update(self._resolved(item))
            else:
                self._wrong(key, "<< takes a mapping or a list of mappings")
        return pairs

    def _name(self, key: Node) -> Optional[str]:
        kind = key.tag[len(_TAG) :] if key.tag.startswith(_TAG) else key.tag
        if not isinstance(key, ScalarNode):
            self._wrong(key, "a key is a mapping or a list; put a value that begins with {{ in quotes")
            return None
        if kind in _KEYS:
            self._wrong(key, "the key %r is %s to YAML; put it in quotes" % (key.value[:80], _KEYS[kind]))
        elif kind not in ("str", "value"):
            self._wrong(key, "the key %r has the tag %s; it must be text" % (key.value[:80], kind))
        name: str = key.value
        return name

    def _wrong(self, node: Node, sentence: str) -> None:
        self.mistakes.append("%s: %s" % (_mark(node, self._file), sentence))


def _mark(node: Node, file: str, inner: Any = None) -> Mark:
    return Mark(file, node.start_mark.line + 1, node.start_mark.column + 1, inner)


def _said(error: YAMLError, file: str, text: str) -> str:
    """YAML's own words, with the place."""
    position: Optional[Position] = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if position is None:
        # A character that no text of YAML may have.
        return "%s is not YAML: %s" % (file, getattr(error, "reason", error))
    if "maximum nesting depth" in str(getattr(error, "problem", "")):
        return too_deep(file).mistakes[0]
    words = one_line(" ".join(filter(None, (getattr(error, "context", ""), getattr(error, "problem", "")))))
    line = (text.splitlines() + [""] * 2)[position.line]
    hint = ""
    if re.match(r" *\t", line):
        hint = ". Indent with blanks instead of tabs"
    elif re.search(r"(?:[:-]|^) *\{\{", line):
        hint = ". Put a value that begins with {{ in quotes"
    return "%s:%d:%d is not YAML: %s%s" % (file, position.line + 1, position.column + 1, words, hint)

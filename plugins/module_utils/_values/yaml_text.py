# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""YAML texts that Dokploy stores verbatim: checked before they are written, and compared by their content.

PyYAML comes with ansible-core on the controller; on another host it may be missing.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Mapping, Optional, Set

from .._errors import kind_of
from .marks import MARK

try:
    import yaml

    HAS_YAML = True
except ImportError:
    HAS_YAML = False

# A mark in hexadecimal digits, since YAML cannot have its NUL characters.
_AS_WORD = re.compile("\ue000(00(?:[0-9a-f]{2})*00)\ue000")
#: Text that YAML 1.2 reads as a number; PyYAML writes YAML 1.1 and does not quote it.
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z|0o[0-7]+\Z")


def yaml_of(value: Mapping[Any, Any]) -> str:
    """A mapping as YAML text.

    :raises ValueError: it has something that is not data, or PyYAML is missing.
    """
    if not HAS_YAML:
        raise ValueError("the Python library PyYAML is missing where the module runs")

    class Dumper(yaml.SafeDumper):
        """Its representation of text is a setting of the class."""

    def text(dumper: Any, data: str) -> Any:
        data = MARK.sub(lambda match: "\ue000%s\ue000" % match[0].encode().hex(), data)
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="'" if NUMBER.match(data) else None)

    Dumper.add_representer(str, text)
    try:
        # JSON drops the subclasses of text and mappings that Ansible uses, and has no anchors.
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError("it cannot be written as YAML: %s" % error) from error
    dumped = str(yaml.dump(plain, Dumper=Dumper, sort_keys=False, width=1000, allow_unicode=True))
    return _AS_WORD.sub(lambda match: bytes.fromhex(match[1]).decode(errors="replace"), dumped)


def mapping_of(text: str, reader: str, example: str) -> Dict[Any, Any]:
    """The mapping that a text holds.

    :param reader: the program that reads it. :param example: of such a mapping.
    :raises ValueError: it holds none, or the program refuses it; the message goes on after C(it).
    """
    text = MARK.sub(lambda match: re.sub("[^a-zA-Z0-9]", "_", match[0]), text)
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        # Before the constructor enters what mappings merge.
        duplicate = _duplicate(documents[0], set()) if len(documents) == 1 else None
        value = yaml.SafeLoader("").construct_document(documents[0]) if len(documents) == 1 else None
    # ValueError: a date that does not exist. RecursionError: the nesting is too deep.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError("is not valid YAML: %s" % _reason(error)) from error
    if len(documents) > 1:
        raise ValueError("has %d YAML documents; %s reads one" % (len(documents), reader))
    if not isinstance(value, dict):
        kind = "empty" if value is None else kind_of(value)
        raise ValueError("must be a mapping such as %s, not %s" % (example, kind))
    if duplicate is not None:
        raise ValueError("has the key %r twice in one mapping, which %s refuses" % (duplicate, reader))
    return value


def _reason(error: Any) -> str:
    """What is wrong and where, without quoted text, which may be a secret."""
    problem = " ".join(str(getattr(error, "problem", None) or error).split())
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else "line %d, column %d: " % (mark.line + 1, mark.column + 1)
    return place + re.sub(r"(['\"])(?:(?!\1).){2,}\1", "(...)", problem)


def _duplicate(node: Any, seen: Set[int]) -> Optional[str]:
    """A key that a mapping has twice: PyYAML takes the last one, other parsers refuse the text."""
    # An anchor can make a node contain itself.
    if id(node) in seen or not isinstance(node, yaml.CollectionNode):
        return None
    seen.add(id(node))
    inner = node.value
    if isinstance(node, yaml.MappingNode):
        keys = [str(key.value) for key, _value in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1 and key != "<<":
                return key
        inner = [part for pair in node.value for part in pair]
    return next((key for key in (_duplicate(child, seen) for child in inner) if key is not None), None)


def same(wanted: Optional[str], current: Optional[str]) -> bool:
    """Whether two texts have the same content, regardless of comments, the order of keys, line ends and style.

    Without PyYAML only line ends, empty lines at the start and blanks at the end do not count.
    """
    # Spaces of a first line indent it, and other blanks than these are text.
    left, right = ((text or "").replace("\r\n", "\n").lstrip("\n").rstrip(" \t\n") for text in (wanted, current))
    if left == right:
        return True
    try:
        return HAS_YAML and _content(left) == _content(right)
    except (yaml.YAMLError, ValueError, RecursionError):
        return False


def _content(text: str) -> Any:
    return _plain(yaml.compose(text, Loader=yaml.SafeLoader))


def _plain(node: Any) -> Any:
    """A node without its style. Numbers and switches stay text: in Python, C(1) is C(True), and parsers of YAML 1.2
    read C(yes) and C(010) in another way."""
    if isinstance(node, yaml.MappingNode):
        return ("map", frozenset((_plain(key), _plain(value)) for key, value in node.value))
    if isinstance(node, yaml.SequenceNode):
        return ("list", tuple(_plain(item) for item in node.value))
    if node is None or node.tag.endswith(":null"):
        return ("null",)
    return (node.tag, node.value.lower() if node.tag.endswith(":bool") else node.value)

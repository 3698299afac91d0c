# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generates what follows from the descriptions in the C(DOCUMENTATION) of the modules.

- Options that a module does not describe, if there are words for them (C(tools.option_words)). They stand between two
  comments. A module that has better words for one of them describes it after the second comment, as its other options.
- Of each option that it describes, the type, the choices, the default and the like. Only the description is its own.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from tools.documents import COMMON, dump, fragment, module_path
from tools.option_words import words_of
from tools.returns import MODULES, operation_of
from tools.workspace import ROOT

BEGIN = "  # Written by make generate, but for what is described below."
END = "  # Written by hand."
_BLOCK = re.compile(rf"^{BEGIN}\n((?!{END})  .*\n)*({END}\n)?", re.M)
_DOCUMENTATION = re.compile(r'(?<=^DOCUMENTATION = r""")(\n.*?)(?=""")', re.M | re.S)
# What follows from an argument spec, in this order, after the description.
FOLLOWS = ("type", "elements", "required", "choices", "default", "aliases")

Spec = Mapping[str, Any]


def generated(module: str, text: str) -> str:
    """The text of a module with all of its options.

    :raises ValueError: an option is not described, and there are no words for it; the message names the file.
    """
    try:
        return _DOCUMENTATION.sub(lambda match: documentation(match[1], operation_of(module)), text)
    except ValueError as error:
        raise ValueError(f"{module_path(module).relative_to(ROOT)}: DOCUMENTATION: {error}") from None


def documentation(text: str, operation: Operation) -> str:
    """The YAML text of C(DOCUMENTATION) with all options of an operation.

    :raises ValueError: an option is not described, and there are no words for it.
    """
    own = re.sub(r"^options:\n(?! )", "", _BLOCK.sub("", text), flags=re.M)
    own = _completed(own, operation.options)
    written = yaml_load(own)
    known = {*operation.connection, *(written.get("options") or {})}
    for name in written.get("extends_documentation_fragment", ()):
        known |= set() if name.split(".")[2] in COMMON else fragment(name)["options"].keys()
    words = words_of(operation)
    missing = [name for name in operation.options if name not in known]
    if unknown := [name for name in missing if name not in words]:
        raise ValueError(f"describe the option{'s' * (len(unknown) > 1)} {', '.join(unknown)}")
    described = {
        name: {"description": sentences, **_following(operation.options[name])}
        for name, sentences in words.items()
        if name in missing
    }
    return _with_block(own, dump({"options": described}).partition("\n")[2] if described else "")


def _with_block(text: str, block: str) -> str:
    """The text with a block at the beginning of its options."""
    if not block:
        return text
    if re.search(r"^options:$", text, re.M):
        return re.sub(r"^options:\n", lambda _found: f"options:\n{BEGIN}\n{block}{END}\n", text, flags=re.M)
    head, see, tail = text.partition("\nseealso:\n")
    return f"{head.rstrip()}\noptions:\n{BEGIN}\n{block.rstrip()}\n{see.lstrip()}{tail}"


def _following(option: Spec) -> dict[str, Any]:
    """What of the documentation of an option follows from its specification."""
    keywords = {"type": "str", **{name: option[name] for name in FOLLOWS if option.get(name)}}
    keywords.update({name: list(keywords[name]) for name in ("choices", "aliases") if name in keywords})
    if option.get("default") is not None:
        keywords["default"] = option["default"]
    return {name: keywords[name] for name in FOLLOWS if name in keywords}


def _completed(text: str, spec: Spec) -> str:
    """The text with what follows from the specification of each option that it describes."""
    lines = text.splitlines(keepends=True)
    whole = yaml.compose(text, Loader=yaml.SafeLoader)
    assert whole is not None
    edits = [edit for key, node in _entries(whole) if key == "options" for edit in _edits(node, spec)]
    for first, last, new in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[first:last] = new
    return "".join(lines)


def _edits(options: yaml.Node, spec: Spec) -> Iterator[tuple[int, int, list[str]]]:
    """Lines to replace: the first one, the one after the last, and those in their place."""
    for name, option in _entries(options):
        if name not in spec:
            continue
        places = {key: (key_node, node) for key_node, node in option.value if (key := key_node.value)}
        stated = {key: yaml_load(yaml.serialize(node)) for key, (_key, node) in places.items() if key in FOLLOWS}
        wanted = _following(spec[name])
        if "suboptions" in places:
            yield from _edits(places["suboptions"][1], spec[name].get("options") or {})
        if stated == wanted or "description" not in places:
            continue
        for key in stated:
            yield places[key][0].start_mark.line, _end(places[key][1]), []
        after = _end(places["description"][1])
        indent = " " * places["description"][0].start_mark.column
        yield after, after, textwrap.indent(dump(wanted), indent).splitlines(keepends=True)


def _entries(node: yaml.Node) -> Iterator[tuple[str, Any]]:
    yield from ((key.value, value) for key, value in node.value if isinstance(node, yaml.MappingNode))


def _end(node: yaml.Node) -> int:
    """The line after a value."""
    # That of a block is where the next one begins.
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    return int(node.end_mark.line + (not is_block))


def main() -> None:
    for module in MODULES:
        path = module_path(module)
        path.write_text(generated(module, path.read_text()))

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the collection a finding touches: descriptions, modules and guides."""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.operations import OPERATIONS
from tests.support.used_api import MODULE_UTILS, constants, described_procedures, nodes, used_procedures
from tools.new_release.compare import Finding
from tools.new_release.schemas import GONE, NARROWED, RENAMED
from tools.workspace import ROOT

RESOURCES = MODULE_UTILS / "_resources"
GUIDES = (ROOT / "README.md", *sorted((ROOT / "docs/docsite/rst").glob("*.rst")))


@dataclass(frozen=True)
class Touched:
    """What a finding touches.

    :param used: the collection calls the procedure, and sends the field.
    :param near: it calls the procedure, or others of its router, so that a new option is near.
    :param files: of descriptions and operations, from the top of the repository.
    :param options: what users write for the field.
    """

    used: bool
    near: bool
    files: tuple[str, ...]
    modules: tuple[str, ...]
    options: tuple[str, ...]
    guides: tuple[str, ...]

    def breaks(self, finding: Finding) -> bool:
        """Whether the collection sends what the release does not take."""
        return self.used and finding.kind in (GONE, RENAMED, NARROWED)


@functools.cache
def _modules() -> Mapping[str, frozenset[str]]:
    """The modules that manage what a procedure is about, by the procedure."""
    modules_of: defaultdict[str, set[str]] = defaultdict(set)
    for operation in OPERATIONS.values():
        for resource in operation.resources:
            for procedure in described_procedures(replace(resource, children=())):
                modules_of[procedure] |= {f"dokploy_{resource.name}"} & OPERATIONS.keys()
            for child in resource.children:
                for procedure in filter(None, (child.create, child.update, child.remove)):
                    modules_of[procedure] |= {f"dokploy_{name}" for name in (resource.name, child.singular)}
    for path in sorted(RESOURCES.rglob("*.py")):
        importing = _importing().get(".".join(path.relative_to(MODULE_UTILS).with_suffix("").parts), frozenset())
        for text in constants(path):
            # Described ones have the modules of their descriptions.
            if text in used_procedures() and text not in modules_of:
                modules_of[text] |= importing
    return {procedure: frozenset(modules & OPERATIONS.keys()) for procedure, modules in modules_of.items()}


@functools.cache
def _importing() -> Mapping[str, frozenset[str]]:
    """The modules that run an operation of a file, by the dotted name of that."""
    modules_of: defaultdict[str, set[str]] = defaultdict(set)
    for module in OPERATIONS:
        text = (ROOT / f"plugins/modules/{module}.py").read_text("utf-8")
        for name in re.findall(r"module_utils\.([\w.]+) import", text):
            modules_of[name].add(module)
    return {name: frozenset(modules) for name, modules in modules_of.items()}


def _files(procedure: str) -> set[Path]:
    """Where a procedure is written, its resource described, or a child called by its router."""
    router = procedure.partition(".")[0]
    written = {path for path in _sources() if procedure in constants(path) or router in _children(path)}
    names = [name.removeprefix("dokploy_") for name in _modules().get(procedure, ())] if not written else []
    return written | {path for name in names for path in RESOURCES.glob(f"*/{name}.py")}


@functools.cache
def _sources() -> tuple[Path, ...]:
    return tuple(path for path in sorted(MODULE_UTILS.rglob("*.py")) if path.stem not in ("used_api", "responses"))


@functools.cache
def _children(path: Path) -> frozenset[str]:
    """The routers of the children that a file describes."""
    calls = (node for node in nodes(path) if isinstance(node, ast.Call) and ast.unparse(node.func) == "child")
    return frozenset(ast.literal_eval(call.args[0]) for call in calls if call.args and _is_text(call.args[0]))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _options(modules: Iterable[str], field: str) -> set[str]:
    """How the options are called whose values the field gets."""
    names = set()
    for module in modules:
        for resource in OPERATIONS[module].resources:
            # Others of that name are inside of an object.
            names |= {
                described.name
                for _path, described, _group in resource.fields()
                if described.api == field and field not in resource.packed[1]
            }
            for child in resource.children:
                names |= {described.name for described in child.fields if described.api == field}
    return names


@functools.cache
def _guide(path: Path) -> str:
    return path.read_text("utf-8")


def _guides(modules: Iterable[str], options: Iterable[str]) -> list[Path]:
    """Those that show one of the modules, and one of the options if there are any."""
    named = re.compile(r"\b(" + "|".join(map(re.escape, modules)) + r")\b") if modules else None
    option = re.compile(r"(``|\b)(" + "|".join(map(re.escape, options)) + r")(``|:)") if options else None
    return [
        path
        for path in GUIDES
        if named and named.search(_guide(path)) and (option is None or option.search(_guide(path)))
    ]


def touched(finding: Finding) -> Touched:
    used, procedure = used_procedures(), finding.procedure
    router = procedure.partition(".")[0]
    calls = procedure in used
    modules = sorted(_modules().get(procedure, ()))
    options = sorted(_options(modules, finding.top)) if finding.top else []
    files = sorted(_files(procedure)) if calls else []
    # Of a new field no guide says anything.
    known = calls and (not finding.top or finding.top in used[procedure])
    # A field that must be there now concerns all calls.
    sent = not finding.top or (calls and finding.top in used[procedure]) or (finding.kind == NARROWED and _new(finding))
    return Touched(
        used=calls and sent,
        near=calls or any(name.partition(".")[0] == router for name in used),
        files=tuple(str(path.relative_to(ROOT)) for path in files),
        modules=tuple(modules),
        options=tuple(options),
        guides=tuple(str(path.relative_to(ROOT)) for path in _guides(modules, options)) if known else (),
    )


def _new(finding: Finding) -> bool:
    """Whether it is a field that must be there now, which nothing sends yet."""
    return finding.text.startswith("is new")

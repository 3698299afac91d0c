# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packages of module_utils, and the rooms of plugin_utils, import each other in one direction."""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.deployable import Deployable
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import (
    Creation,
    Reading,
    Removal,
    Updating,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._model.states import States

ROOT = Path(__file__).resolve().parents[2]
MODULE_UTILS = ROOT / "plugins/module_utils"
PLUGIN_UTILS = ROOT / "plugins/plugin_utils"
PREFIX = "ansible_collections.community.dokploy.plugins."
ORDER = (
    "_errors _secrets _values _archive _http _api _model _reads _engine _swarm _deployment"
    " _resources _manifest _export _sets _events _host".split()
)
# The packages that serve any resource.
SERVING = ("_reads", "_engine", "_swarm", "_deployment")
ROOMS = (
    "_plain _roles _host _lookup _inventory _document _export _sets _moves _recoveries _clones _promotions _report"
    " _procedures _drift"
).split()
BOTH = pytest.mark.parametrize(
    ("folder", "order"), [(MODULE_UTILS, ORDER), (PLUGIN_UTILS, ROOMS)], ids=["module_utils", "plugin_utils"]
)


# What descriptions consist of.
DESCRIPTIONS = (Resource, Creation, Reading, Updating, Removal, States, Deployable, Child, Field, Group, Listing)
# The most lines that a module ships of what serves any resource, with so many words of descriptions, and for each
# further word.
SHIPPED_LINES, SHIPPED_WORDS, LINES_OF_WORD = 10_240, 146, 60
# The most lines of one file, of a description, and of the median description.
LONGEST, LONGEST_DESCRIPTION, MEDIAN_DESCRIPTION = 400, 300, 150
# How many files of one package import each other in a row, at most.
DEEPEST = 9
# The most paths through a function of the engine, and of any function.
ENGINE_COMPLEXITY, COMPLEXITY = 15, 20


@functools.cache
def files(folder: Path = MODULE_UTILS) -> dict[str, Path]:
    """The files of all packages, by their dotted names below a folder."""
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*.py")))
    return {".".join(path.with_suffix("").parts): folder / path for path in paths if path.stem != "__init__"}


@functools.cache
def imports(folder: Path = MODULE_UTILS) -> dict[str, set[str]]:
    """What each file of a folder imports of the others."""
    names, prefix = files(folder), f"{PREFIX}{folder.name}."
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        edges[name] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.level:
                module = ".".join([*name.split(".")[: -node.level], *filter(None, [node.module])])
            elif f"{node.module}.".startswith(prefix):
                module = f"{node.module}.".removeprefix(prefix).rstrip(".")
            else:
                continue
            edges[name] |= {
                inner if (inner := f"{module}.{alias.name}".lstrip(".")) in names else module for alias in node.names
            }
    return edges


@BOTH
def test_every_file_is_in_a_package(folder: Path, order: list[str]) -> None:
    assert {name.partition(".")[0] for name in files(folder)} == set(order)
    folders = {path.parent for path in files(folder).values()} - {folder}
    assert {path for path in folders if not (path / "__init__.py").is_file()} == set()


@BOTH
def test_no_import_goes_up(folder: Path, order: list[str]) -> None:
    rank = {package: number for number, package in enumerate(order)}
    up = {
        (name, other)
        for name, others in imports(folder).items()
        for other in others
        if rank[other.partition(".")[0]] > rank[name.partition(".")[0]]
    }
    assert up == set()


@BOTH
def test_no_files_import_each_other_in_a_circle(folder: Path, order: list[str]) -> None:
    edges = imports(folder)
    visited: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in visited:
            for other in edges[name]:
                visit(other, (*above, name))
            visited.add(name)

    for name in edges:
        visit(name, ())


def literals(path: Path) -> set[str]:
    """The text of the code: constants but docstrings, and the names of arguments that are given by name."""
    found, docstrings = set(), set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and isinstance(node.body[0], ast.Expr):
            docstrings.add(node.body[0].value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            found.add(node.value)
        if isinstance(node, ast.keyword) and node.arg is not None:
            found.add(node.arg)
    return found


def test_only_descriptions_know_applications_and_stacks() -> None:
    """What the engine, Swarm and deployments do, they do for any service."""
    mentioned = re.compile(r"(?<![a-zA-Z/])([aA]pplications?|[cC]ompose)(?![a-z/])")
    found = {
        name
        for name, path in files().items()
        if name.partition(".")[0] in SERVING and any(map(mentioned.search, literals(path)))
    }
    assert found == set()


def lines(names: Iterable[str], folder: Path = MODULE_UTILS) -> int:
    known = files(folder)
    return sum(len(known[name].read_text().splitlines()) for name in names)


def shipped(*roots: str) -> set[str]:
    """The files that Ansible sends to a host with a module that imports these."""
    edges, found, todo = imports(), set(), list(roots)
    while todo:
        name = todo.pop()
        if name in edges and name not in found:
            found.add(name)
            todo.extend(edges[name])
    return found


@BOTH
def test_each_file_is_short(folder: Path, order: list[str]) -> None:
    counts = {name: lines([name], folder) for name in files(folder)}
    assert {name: count for name, count in counts.items() if count > LONGEST} == {}


def test_each_description_is_short() -> None:
    found = {name: lines([name]) for name in files()}
    descriptions = {name: count for name, count in found.items() if name.startswith("_resources.")}
    assert {name: count for name, count in descriptions.items() if count > LONGEST_DESCRIPTION} == {}
    assert statistics.median(descriptions.values()) <= MEDIAN_DESCRIPTION


def test_a_module_ships_the_engine_and_its_own_description() -> None:
    found = shipped("_resources.projects.tag", "_host.module")
    assert {name for name in found if name.startswith("_resources.")} == {"_resources.projects.tag"}
    words = sum(len(dataclasses.fields(one)) for one in DESCRIPTIONS)
    measured = lines(name for name in found if not name.startswith("_resources."))
    assert measured <= SHIPPED_LINES + LINES_OF_WORD * max(0, words - SHIPPED_WORDS), (measured, words)


def test_a_module_ships_only_the_listings_of_what_it_refers_to() -> None:
    found = {name for name in shipped("_resources.services.application") if name.startswith("_resources.infra")}
    assert found == {"_resources.infrastructure.listings"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and methods, each with those inside it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node)


def complexity(function: ast.AST) -> int:
    """The number of paths through a function, with those of boolean operators and comprehensions, as radon counts."""
    paths = 1
    for node in ast.walk(function):
        if isinstance(node, ast.BoolOp):
            paths += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            paths += 1 + len(node.ifs)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            paths += 1 + bool(node.orelse)
        elif isinstance(node, (ast.If, ast.IfExp, ast.ExceptHandler, ast.Assert, ast.Lambda)):
            paths += 1
    return paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("pass", 1),
        ("return a and b or c", 3),
        ("return [a for a in b if a if b]", 4),
        ("if a:\n        return b if c else d\n    elif e:\n        pass", 4),
        ("for a in b:\n        pass\n    else:\n        pass\n    while a:\n        pass", 4),
        ("try:\n        pass\n    except A:\n        pass\n    except B:\n        pass", 3),
        ("def inner():\n        return lambda: a or b", 3),
    ],
)
def test_the_count_of_paths(text: str, paths: int) -> None:
    (function,) = functions(ast.parse(f"def f():\n    {text}"))
    assert complexity(function) == paths


def test_no_function_is_a_knot() -> None:
    knots = {}
    for path in (ROOT / "plugins").rglob("*.py"):
        limit = ENGINE_COMPLEXITY if path.parent.name in ("_reads", "_engine") else COMPLEXITY
        for function in functions(ast.parse(path.read_text())):
            if complexity(function) > limit:
                knots[f"{path.stem}.{function.name}"] = complexity(function)
    assert knots == {}


def test_properties_of_descriptions_are_computed_once() -> None:
    """A description is frozen, and each run reads them hundreds of times."""
    words = (Resource, Child, Field, Group, Listing)
    assert [(one, name) for one in words for name, found in vars(one).items() if isinstance(found, property)] == []


def test_no_package_is_deep() -> None:
    edges = imports()

    @functools.cache
    def depth(name: str) -> int:
        package = name.partition(".")[0]
        return 1 + max((depth(other) for other in edges[name] if other.startswith(package + ".")), default=0)

    for package in ORDER:
        deepest = max((depth(name), name) for name in edges if name.partition(".")[0] == package)
        assert deepest[0] <= DEEPEST, deepest


@BOTH
def test_the_documentation_lists_the_packages_in_their_order(folder: Path, order: list[str]) -> None:
    assert list(rows(folder)) == order


@BOTH
def test_the_documentation_names_every_file(folder: Path, order: list[str]) -> None:
    documented = rows(folder)
    for name in files(folder):
        package, _dot, file = name.partition(".")
        assert not file or package == "_resources" or f"`{file}`" in documented[package], name


def rows(folder: Path) -> dict[str, str]:
    """The rows of the table about a folder, by package."""
    text = (ROOT / "docs/architecture.md").read_text()
    first = {MODULE_UTILS: "package", PLUGIN_UTILS: "room"}[folder]
    (table,) = re.findall(rf"^\| {first} \|.*\n\|[ |-]+\n((?:\|.*\n)+)", text, re.M)
    return {row[1]: row[0] for row in re.finditer(r"^\| `(_\w+)(?:\.py|/)?` \|.*$", table, re.M)}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packages of module_utils import each other in one direction."""

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
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

ROOT = Path(__file__).resolve().parents[2]
MODULE_UTILS = ROOT / "plugins/module_utils"
PREFIX = "ansible_collections.community.dokploy.plugins.module_utils."
ORDER = (
    "_errors _secrets _values _archive _http _api _model _engine _swarm _deployment"
    " _resources _manifest _export _events _host".split()
)


# The most lines that a module ships of what serves any resource, with so many words of descriptions, and for each
# further word.
SHIPPED_LINES, SHIPPED_WORDS, LINES_OF_WORD = 9_850, 141, 60
# The most lines of one file, of a description, and of the median description.
LONGEST, LONGEST_DESCRIPTION, MEDIAN_DESCRIPTION = 400, 300, 150
# How many files of one package import each other in a row, at most.
DEEPEST = 9
# The most paths through a function of the engine, and of any function.
ENGINE_COMPLEXITY, COMPLEXITY = 15, 20


def files() -> dict[str, Path]:
    """The files of all packages, by their dotted names below module_utils."""
    found = (path.relative_to(MODULE_UTILS) for path in sorted(MODULE_UTILS.rglob("*.py")))
    return {".".join(path.with_suffix("").parts): MODULE_UTILS / path for path in found if path.stem != "__init__"}


def imports() -> dict[str, set[str]]:
    """What each file imports of the others."""
    names = files()
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        edges[name] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.level:
                module = ".".join([*name.split(".")[: -node.level], *filter(None, [node.module])])
            elif f"{node.module}.".startswith(PREFIX):
                module = str(node.module).removeprefix(PREFIX)
            else:
                continue
            edges[name] |= {
                inner if (inner := f"{module}.{one.name}".lstrip(".")) in names else module for one in node.names
            }
    return edges


def rank(name: str) -> int:
    return ORDER.index(name.partition(".")[0])


def test_every_file_is_in_a_package() -> None:
    assert {name.partition(".")[0] for name in files()} == set(ORDER)


def test_no_import_goes_up() -> None:
    up = {(name, other) for name, others in imports().items() for other in others if rank(other) > rank(name)}
    assert up == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    edges = imports()
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for other in edges[name]:
                visit(other, (*above, name))
            done.add(name)

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
        if name.partition(".")[0] in ("_engine", "_swarm", "_deployment") and any(map(mentioned.search, literals(path)))
    }
    assert found == set()


def lines(names: Iterable[str]) -> int:
    known = files()
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


def test_each_file_is_short() -> None:
    found = {name: lines([name]) for name in files()}
    assert {name: count for name, count in found.items() if count > LONGEST} == {}
    descriptions = {name: count for name, count in found.items() if name.startswith("_resources.")}
    assert {name: count for name, count in descriptions.items() if count > LONGEST_DESCRIPTION} == {}
    assert statistics.median(descriptions.values()) <= MEDIAN_DESCRIPTION


def test_a_module_ships_the_engine_and_its_own_description() -> None:
    found = shipped("_resources.projects.tag", "_host.module")
    assert {name for name in found if name.startswith("_resources.")} == {"_resources.projects.tag"}
    words = sum(len(dataclasses.fields(one)) for one in (Resource, Deployable, Child, Field, Group, Listing))
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
        limit = ENGINE_COMPLEXITY if path.parent.name == "_engine" else COMPLEXITY
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


def test_the_documentation_lists_the_packages_in_their_order() -> None:
    table = re.findall(r"^\| `(_\w+)(?:\.py)?` \|", (ROOT / "docs/architecture.md").read_text(), re.M)
    assert table == ORDER


def test_the_documentation_names_every_file() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    rows = {found[1]: found[0] for found in re.finditer(r"^\| `(_\w+)` \|.*$", text, re.M)}
    for name in files():
        package, _dot, file = name.partition(".")
        assert package in ("_errors", "_resources") or f"`{file}`" in rows[package], name

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packages of the simulator import each other in one direction."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import dokploy_simulator

SOURCES = Path(dokploy_simulator.__file__).parent
PAGE = (SOURCES.parents[1] / "ARCHITECTURE.md").read_text()
ORDER = "api store world jobs routers http control".split()
# What users name: the command, the plugin of pytest and ``Simulator``. These stand above all packages.
ENTRANCES = {"", "__main__", "pytest_plugin"}
# The most lines of one file.
LONGEST = 400


def files() -> dict[str, Path]:
    """The files by their dotted names; that of a package is its ``__init__.py``."""
    found = {}
    for path in sorted(SOURCES.rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@functools.cache
def imports() -> dict[str, frozenset[str]]:
    """What each file imports of the others, also in functions and for type checks."""
    names, edges = files(), {}
    for name, path in names.items():
        package = path.relative_to(SOURCES).parent.parts
        found = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            base = package[: len(package) + 1 - node.level]
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {inner if (inner := f"{module}.{one.name}".lstrip(".")) in names else module for one in node.names}
        edges[name] = frozenset(found)
    # It imports the files that it finds.
    edges["routers.handlers"] |= {name for name in names if name.startswith("routers.")} - {"routers.handlers"}
    return edges


def rank(name: str) -> int:
    return len(ORDER) if name in ENTRANCES else ORDER.index(name.partition(".")[0])


def test_every_file_is_in_a_package() -> None:
    assert {name.partition(".")[0] for name in files().keys() - ENTRANCES} == set(ORDER)


def test_no_import_goes_up() -> None:
    assert {
        (name, other) for name, others in imports().items() for other in others if rank(other) > rank(name)
    } == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for other in imports()[name]:
                visit(other, (*above, name))
            done.add(name)

    for name in imports():
        visit(name, ())


def test_each_file_is_short() -> None:
    lines = {name: len(path.read_text().splitlines()) for name, path in files().items()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_the_page_lists_the_packages_in_their_order() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.M) == ORDER


def test_the_page_names_every_file() -> None:
    rows = {found[1]: found[0] for found in re.finditer(r"^\| `(\w+)` \|.*$", PAGE, re.M)}
    for name, path in files().items():
        # A new router is found by its file.
        if name not in ENTRANCES and path.stem != "__init__" and not re.match(r"routers\.\w+\.", name):
            assert f"`{name.rpartition('.')[2]}`" in rows[name.partition(".")[0]], name

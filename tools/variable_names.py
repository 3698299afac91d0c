# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that say nothing of what they hold: ``python -m tools.variable_names [FILE...]``, by default all of C(WHERE).

A stranger reads a function without looking up what C(one) is in it: it is C(node), C(entry), C(row), C(field).
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools import workspace
from tools.workspace import ROOT

WHERE = ("plugins/", "simulator/src/", "tools/")
# Of nothing and nobody.
NAMES = frozenset(("alike", "begun", "each", "found", "one", "told"))
# A function or an attribute may be called so, such as C(Field.shown) and C(Task.done), since it goes with its object.
VARIABLES = NAMES | {"done", "shown"}


def nameless(source: str) -> list[tuple[int, str]]:
    """The names of one file that say nothing, each with the line in which it is made, in the order of lines."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    attributes = {node for body in nodes if isinstance(body, ast.ClassDef) for node in _attributes(body)}
    made = ((node, line, name) for node in nodes for line, name in _made(node))
    return sorted({(line, name) for node, line, name in made if name in NAMES or node not in attributes})


def _attributes(body: ast.ClassDef) -> Iterator[ast.AST]:
    """The names in the body of a class, which are attributes of it."""
    for statement in body.body:
        if isinstance(statement, ast.Assign):
            yield from statement.targets
        elif isinstance(statement, ast.AnnAssign):
            yield statement.target


def _made(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The name that a node makes, with its line, if it says nothing there."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        name, refused = node.name, NAMES
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        name, refused = node.attr, NAMES
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        name, refused = node.id, VARIABLES
    elif isinstance(node, ast.arg):
        name, refused = node.arg, VARIABLES
    elif isinstance(node, ast.alias | ast.ExceptHandler):
        name, refused = (node.asname if isinstance(node, ast.alias) else node.name) or "", VARIABLES
    else:
        return
    if name in refused:
        yield node.lineno, name


def problems(paths: Iterable[str], root: Path = ROOT) -> Iterator[str]:
    """One line for each name to change. :param paths: the files, relative to the root."""
    for path in paths:
        names = nameless((root / path).read_text())
        yield from (f"{path}:{line}: {name} says nothing of what it holds" for line, name in names)


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Report names that say nothing of what they hold.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="default: all that are checked")
    options = parser.parse_args()
    every = [name for name in workspace.tracked_files() if name.startswith(WHERE) and name.endswith(".py")]
    chosen = [name for name in every if name in options.files] if options.files else every
    lines = list(problems(chosen))
    print("\n".join(lines) or "Every name says what it holds.")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())

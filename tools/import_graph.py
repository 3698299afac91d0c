# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file of the checkout uses which, as far as its source says so: imports, and texts that name a file.

C(ImportGraph(root, workspace.tracked_files()).distances(["plugins/module_utils/_values/grammar.py"])) gives each file
that depends on this one, and in how many steps: C({"plugins/.../cron.py": 0, "tests/unit/values/test_cron.py": 1}).
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

# Where a package lies whose name is not its path.
PACKAGES = {"ansible_collections.community.dokploy": "", "dokploy_simulator": "simulator/src/dokploy_simulator"}
COLLECTION = "ansible_collections.community.dokploy."
DOTTED = re.compile(r"ansible_collections\.community\.dokploy(\.\w+)+\.?\Z")


class ImportGraph:
    """What each Python file of a checkout uses.

    :param names: the files, relative to the root: what is not among them is not part of the graph. One that is removed
      may be among them, for the sake of those that still use it.
    """

    def __init__(self, root: Path, names: Iterable[str]) -> None:
        self.root = root
        self.names = set(names)
        self._children: defaultdict[str, set[str]] = defaultdict(set)
        self._by_name: defaultdict[str, set[str]] = defaultdict(set)
        for name in self.names:
            path = PurePosixPath(name)
            self._by_name[path.name].add(name)
            for folder in path.parents:
                self._children[str(folder)].add(name)
        python = [name for name in self.names if name.endswith(".py") and (root / name).is_file()]
        trees = {name: ast.parse((root / name).read_bytes()) for name in python}
        self.uses = {name: self._used(name, tree) for name, tree in trees.items()}
        self._imports = {
            name: {file for module in _imported(_at_import(tree), name) for file in self._module(module)}
            for name, tree in trees.items()
        }

    def distances(self, changed: Iterable[str]) -> dict[str, int]:
        """The files that depend on these, nearest first, as C({name: steps}); these themselves at 0."""
        users: defaultdict[str, set[str]] = defaultdict(set)
        for name, used in self.uses.items():
            for file in used:
                users[file].add(name)
        steps = dict.fromkeys(sorted(changed), 0)
        queue = deque(steps)
        while queue:
            name = queue.popleft()
            for user in sorted(users[name]):
                if user not in steps:
                    steps[user] = steps[name] + 1
                    queue.append(user)
        return steps

    def loaded(self, name: str) -> set[str]:
        """The files that are loaded when one is imported, itself among them; without those that functions import."""
        files = {name}
        queue = [name]
        while queue:
            new = self._imports.get(queue.pop(), set()) - files
            files |= new
            queue += new
        return files

    def _used(self, name: str, tree: ast.AST) -> set[str]:
        """The files that one file uses."""
        nodes = list(ast.walk(tree))
        files = {file for module in _imported(nodes, name) for file in self._module(module)}
        for text, joined in _texts(nodes):
            files |= self._named(text, joined)
        if name.startswith("tests/"):
            # pytest loads these before the file.
            files |= {str(folder / "conftest.py") for folder in PurePosixPath(name).parents} & self.names
        return files - {name}

    def _module(self, module: str) -> set[str]:
        """The file of a module by its full name, or of the module in which that name is defined."""
        path = module.replace(".", "/")
        for package, folder in PACKAGES.items():
            if module == package or module.startswith(package + "."):
                path = (folder + module[len(package) :].replace(".", "/")).lstrip("/")
        ends = (f"{path}.py", f"{path}/__init__.py", f"{path.rpartition('/')[0]}.py")
        own = next((end for end in (*ends, f"{path.rpartition('/')[0]}/__init__.py") if end in self.names), None)
        return {own} if own else set()

    def _named(self, text: str, joined: bool) -> set[str]:
        """The files that a text names: a path, a folder, a module, or a file of data by its name alone.

        :param joined: the text is part of a path, where the name of a folder at the top is one, too.
        """
        text = text.strip("/")
        if text in self.names:
            return {text}
        if text in self._children and ("/" in text or joined):
            return self._children[text]
        if text.startswith("dokploy_") and text.isidentifier():
            return {f"plugins/modules/{text}.py"} & self.names
        if DOTTED.match(text):
            path = text[len(COLLECTION) :].rstrip(".").replace(".", "/")
            return self._children.get(path, set()) or {f"{path}.py"} & self.names
        namesakes = self._by_name.get(text, set())
        return namesakes if len(namesakes) == 1 and not text.endswith(".py") else set()


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a file is imported: all but the bodies of functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _at_import(child)


def _imported(nodes: Iterable[ast.AST], name: str) -> Iterator[str]:
    """The full names of what a file imports in these of its nodes."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = PurePosixPath(name).parents[node.level - 1]
                prefix = COLLECTION if name.startswith("plugins/") else ""
                package = str(above).replace("simulator/src/", "").replace("/", ".")
                base = f"{prefix}{package}.{base}".rstrip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _texts(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, bool]]:
    """The texts of a file, those that a path is joined of by C(/) as one; and whether each is part of a path.

    :param nodes: outer ones first.
    """
    inner: set[ast.AST] = set()
    for node in nodes:
        if node in inner:
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts: list[str] = []
            left: ast.expr = node
            while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Div):
                inner |= {left, left.right}
                text = left.right.value if isinstance(left.right, ast.Constant) else None
                # What is only known when the program runs ends the path: all in the folder before it is meant.
                parts = [text, *parts] if isinstance(text, str) else []
                left = left.left
            yield "/".join(parts), True
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            yield node.value, False

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the lists of the operations that manage or list a resource, from which documents and lookups follow.

A packaged module contains what it imports, so that nothing can be looked for when it runs.
"""

from __future__ import annotations

import ast

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import manage
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply_child import manage_child
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import list_resources
from tools import returns
from tools.documents import module_path
from tools.workspace import ROOT

CATALOG = ROOT / "plugins/module_utils/_manifest/catalog.py"
TEXT = '''\
# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of the modules that manage a resource or a child, or list resources: written by C(make generate)."""

from __future__ import annotations

from typing import Tuple

from .._engine.runner import Operation
{imports}

OPERATIONS: Tuple[Operation, ...] = (
{names}
)
CHILD_OPERATIONS: Tuple[Operation, ...] = (
{children}
)
INFO_OPERATIONS: Tuple[Operation, ...] = (
{infos}
)
'''


def catalog() -> str:
    """The file."""
    sources: dict[str, tuple[str, str]] = {}
    names: dict[object, list[str]] = {manage: [], manage_child: [], list_resources: []}
    for module in returns.MODULES:
        performs = getattr(returns.operation_of(module).perform, "func", None)
        if performs in names:
            own = module.removeprefix("dokploy_").upper()
            sources[own] = _imported(module)
            names[performs].append(f"    {own},")
    imports = sorted(f"from ..{package} import {name} as {own}" for own, (package, name) in sources.items())
    listed = ["\n".join(sorted(group)) for group in names.values()]
    return TEXT.format(imports="\n".join(imports), names=listed[0], children=listed[1], infos=listed[2])


def _imported(module: str) -> tuple[str, str]:
    """Where a module's operation comes from, and its name there."""
    for node in ast.walk(ast.parse(module_path(module).read_text())):
        if isinstance(node, ast.ImportFrom) and "._resources." in str(node.module):
            return "_resources." + str(node.module).partition("._resources.")[2], node.names[0].name
    raise ValueError(f"{module} does not import its operation from _resources")


def main() -> bool:
    """Write the file; returns whether it is another one, so that what is imported from it is out of date."""
    before, after = CATALOG.read_text(), catalog()
    CATALOG.write_text(after)
    return before != after

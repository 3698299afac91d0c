# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the list of the operations that manage a resource, from which the sections of a document follow.

A packaged module contains what it imports, so that nothing can be looked for when it runs.
"""

from __future__ import annotations

import ast

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import manage
from tools import returns
from tools.documents import module_path
from tools.workspace import ROOT

CATALOG = ROOT / "plugins/module_utils/_manifest/catalog.py"
TEXT = '''\
# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of the modules that manage a resource: written by C(make generate)."""

from __future__ import annotations

from typing import Tuple

from .._engine.runner import Operation
{imports}

OPERATIONS: Tuple[Operation, ...] = (
{names}
)
'''


def catalog() -> str:
    """The file."""
    found = {}
    for module in returns.MODULES:
        operation = returns.operation_of(module)
        if getattr(operation.perform, "func", None) is manage:
            found[module.removeprefix("dokploy_").upper()] = _imported(module)
    imports = sorted(f"from ..{package} import {name} as {own}" for own, (package, name) in found.items())
    return TEXT.format(imports="\n".join(imports), names="\n".join(f"    {own}," for own in sorted(found)))


def _imported(module: str) -> tuple[str, str]:
    """Where a module's operation comes from, and its name there."""
    for node in ast.walk(ast.parse(module_path(module).read_text())):
        if isinstance(node, ast.ImportFrom) and "._resources." in str(node.module):
            return "_resources." + str(node.module).partition("._resources.")[2], node.names[0].name
    raise ValueError(f"{module} does not import its operation from _resources")


def main() -> None:
    CATALOG.write_text(catalog())

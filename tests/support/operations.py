# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operation of each module."""

from __future__ import annotations

import importlib

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from tests.support.module_docs import MODULES


def operation(module: str) -> Operation:
    """What the module of this name runs."""
    found: Operation = importlib.import_module(
        "ansible_collections.community.dokploy.plugins.modules." + module
    ).__dict__["INFO_OPERATION" if module.endswith("_info") else "OPERATION"]
    return found


OPERATIONS = {module: operation(module) for module in MODULES}

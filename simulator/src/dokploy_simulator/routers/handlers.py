# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The handlers of all procedures: every file of this package is imported, so that it registers its own."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from .procedures import HANDLERS

__all__ = ["HANDLERS"]

for _found in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."):
    if _found.name != __name__:
        importlib.import_module(_found.name)

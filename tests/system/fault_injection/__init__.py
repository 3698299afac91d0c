# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix: every request of every scenario meets every fault, and nothing is lost. See README.md."""

from __future__ import annotations

# The root's conftest makes the checkout importable as the collection.
import conftest as _conftest

__all__ = ["_conftest"]

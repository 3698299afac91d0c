# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An in-memory Dokploy over HTTP, for tests, the demo and the benchmark.

In a test: ``with Simulator() as sim: ... sim.url, sim.key``. From a shell: ``python -m dokploy_simulator --help``.
"""

from .control.runner import Simulator

__all__ = ["Simulator"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's own source of random IDs, names and passwords."""

from __future__ import annotations

import random

# The generator of the module random belongs to the process that the simulator runs in: Hypothesis sets it back for each
# example, which would give an ID twice, and refuses a test if a thread draws from it meanwhile.
RANDOM = random.Random()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait for what another thread or process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds. It only ends a hanging test, and is long enough for a machine that is busy with other work.
LIMIT = 120.0


def until(true: Callable[[], object], what: Callable[[], object] = lambda: "it never came true") -> None:
    """Wait until it is true.

    :param what: what the failure shows.
    """
    end = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < end, what()
        time.sleep(0.005)

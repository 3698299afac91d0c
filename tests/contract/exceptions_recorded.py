# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the simulator may answer otherwise than servers that ``make record`` has met: record -> (the places that may
differ, the reason)."""

from __future__ import annotations

# On every release.
EXCEPTIONS: dict[str, tuple[str, str]] = {}
_KEYS = (r"backups\[0\]\.destination", "before 0.29.8 it shows the keys of the bucket, which no module reads")
_ORDER = (r".*", "mounts.create answers true, so the recording took the mount from a list, whose order is not told")
OF_RELEASES: dict[str, dict[str, tuple[str, str]]] = {
    "0.28.3": {
        "backup#2": _KEYS,
        "mounts#7": _ORDER,
        "mounts#9": _ORDER,
    },
    "0.29.0": {
        "backup#2": _KEYS,
    },
}

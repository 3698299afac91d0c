# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether Redis saves its data when its container is ended.

Dokploy starts it with C(/bin/sh -c "redis-server --requirepass ..."). The shell of Debian, dash, stays process 1 and
passes no signal on, so that Docker kills both after the grace period (exit code 137), and a key that was set a moment
before is gone. With C(exec) Redis gets the signal and saves (both measured on 0.30.2 with Redis 8). The shell of Alpine
executes a single command in its own place (measured with BusyBox).
"""

from __future__ import annotations

import re
from typing import Any, List, Mapping

_SHELLS = ("sh", "dash")
_EXEC = re.compile(r"(?:^|[;&|\n])\s*exec\s")
_LOST = (
    "what Redis has not saved is lost, since the shell that starts it passes no signal on, and Docker kills it. Save "
    "with its command SAVE before, and set command and args as the guide on databases shows"
)


def lost_on_stop(row: Mapping[str, Any]) -> str:
    """What is lost when the containers of a row of Redis are ended, in words for a warning; empty: nothing."""
    words: List[str] = [*(row.get("command") or "").split(), *(row.get("args") or [])]
    if not row.get("command") and row.get("args") is None:
        # Dokploy's own.
        words = ["/bin/sh", "-c", "redis-server"]
    is_shell = words[:1] and words[0].rpartition("/")[2] in _SHELLS and "-c" in words
    if not is_shell or "alpine" in str(row.get("dockerImage")):
        return ""
    return "" if _EXEC.search(" ".join(words[words.index("-c") + 1 :])) else _LOST

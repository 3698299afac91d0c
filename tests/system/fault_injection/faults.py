# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of faults that the matrix knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_BROKEN = {
    "message": "Internal server error",
    "code": "INTERNAL_SERVER_ERROR",
    "data": {"code": "INTERNAL_SERVER_ERROR", "httpStatus": 500, "path": "a.procedure", "zodError": None},
}


@dataclass(frozen=True)
class Fault:
    """One fault.

    :param settings: what the simulator is told (see its ``faults.py``).
    :param loses: whether it takes running and waiting builds away, so that a deployment may have to be begun again.
    :param silent: whether the client has to find out by its own timeout that no answer comes.
    :param client: what happens to the client in place of a fault of the server: C(KILLED), C(INTERRUPTED) or C(BESIDE);
        C(after): when the request has been answered.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    loses: bool = False
    silent: bool = False
    client: str = ""
    after: bool = False


#: The process is gone, it is interrupted and tidies up, or another one does the same at this moment.
KILLED, INTERRUPTED, BESIDE = "killed", "interrupted", "another run beside"


def _both(name: str, **settings: Any) -> list[Fault]:
    return [Fault(f"{name} before", settings), Fault(f"{name} after", {**settings, "after": True})]


FAULTS: tuple[Fault, ...] = (
    Fault("refused", {"kind": "refused"}),
    Fault("reset before", {"kind": "reset_before"}),
    Fault("reset after", {"kind": "reset_after"}),
    *_both("502", kind="html", status=502),
    *_both("500", kind="status", status=500, body=_BROKEN),
    *_both("503", kind="status", status=503, body="", headers={"Retry-After": "1"}, content_type="text/plain"),
    *_both("504", kind="status", status=504, body="Gateway Timeout", content_type="text/plain"),
    Fault("timeout before", {"kind": "hang"}, silent=True),
    Fault("timeout after", {"kind": "hang", "after": True}, silent=True),
    Fault("timeout, then the effect", {"kind": "hang", "late": True}, silent=True),
    Fault("cut JSON", {"kind": "cut_json"}),
    Fault("cut body", {"kind": "cut_body"}),
    *_both("empty body", kind="empty"),
    *_both("HTML 200", kind="html", status=200),
    Fault("key spent for a while", {"kind": "key_spent", "requests": 3}),
    Fault("key spent for good", {"kind": "key_spent", "requests": 10**9}),
    Fault("restart before", {"kind": "restart"}, loses=True),
    Fault("restart after", {"kind": "restart", "after": True}, loses=True),
    Fault("restart behind the answer", {"kind": "restart", "answered": True}, loses=True),
)
CLIENT_FAULTS: tuple[Fault, ...] = tuple(
    Fault(f"{client} {'after' if after else 'before'}", client=client, after=after)
    for client in (KILLED, INTERRUPTED, BESIDE)
    for after in (False, True)
)
"""For what takes many requests, such as a backup set."""

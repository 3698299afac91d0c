# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator deliberately does not do of older releases, each with its reason, and what was not recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recording_player import Record


@dataclass(frozen=True)
class Exemption:
    """Of the records of ``path`` (and ``note``, if any), places that match ``places`` may differ. ``inherited``: only
    where an older release's record is taken for what a newer one answers; ``by_chance``: not needed each time."""

    path: str
    places: str
    reason: str
    note: str = ""
    inherited: bool = False
    by_chance: bool = False

    def covers(self, version: str, record: Record) -> bool:
        path = record.data["path"].removeprefix("/api/")
        own = record.section.startswith(f"{version}/")
        found = re.fullmatch(self.path, path) and re.search(self.note, record.data["note"])
        return bool(found) and not (self.inherited and own)


ANYTHING = r".*"
FORGIVEN: tuple[Exemption, ...] = (
    Exemption(
        r"application\.save\w+",
        ANYTHING,
        "what it sends is what that release requires, which a newer one was not sent",
        note="^only the required fields$|^env only$|^env and buildArgs$",
        inherited=True,
    ),
    Exemption(r"trpc/user\.get", ANYTHING, "rights, keys and settings of a user are read by no module"),
    Exemption(r"organization\.all", r".*members.*", "members and their rights are read by no module"),
    Exemption(r"environment\.search", r"items.*", "searches do not list everything, so no module asks them"),
    Exemption(r"deployment\.allCentralized", r"\[\d*\]", "the list of all deployments is read by no module"),
    Exemption(r"application\.one", r"deployments", "in no order: the recording says so", by_chance=True),
    Exemption(r"deployment\.readLogs", r"body", "the log of a build names its steps, without the output of git"),
    Exemption(r"application\.readLogs", r"body", "the containers of the recording logged nothing"),
    Exemption(
        r"(postgres|mysql)\.\w+",
        ANYTHING,
        "names a database by an id that only the answer of 0.25.6 gives",
        inherited=True,
    ),
)

SETTINGS: dict[str, Any] = {
    "builds": [{"branch": "slow", "seconds": 60}, {"branch": "main", "seconds": 60}],
}
RUNNING = ("running", None)
FINISH = ("finish", None)

# Releases that were seen to build again, after a while, what the restart had interrupted.
REPEATING = ("0.25.6", "0.27.1", "0.29.8")

# (section, note) -> what happens before it, in place of waiting until no build runs.
STEPS: dict[tuple[str, str], tuple[tuple[str, Any], ...]] = {
    **dict.fromkeys(
        [
            ("deploy-git", "0.4 s after deploy"),
            ("deploy-git", "deploy slow 2 (queued)"),
            ("deploy-git", "deploy of another application meanwhile"),
            ("deploy-git", "while slow builds"),
            ("deploy-git", "other application while slow builds"),
            ("deploy-git", "queueList while slow builds"),
            ("deploy-git", "application while slow builds"),
            ("deploy-git", "killProcess of a running build"),
            ("deploy-git", "readLogs of a running build"),
            ("deploy-git", "cleanQueues with one waiting"),
            ("deploy-git", "queueList after cleanQueues"),
            ("deploy-git", "cancelDeployment while building"),
            ("deploy-git", "killBuild while building"),
            ("restart", "deploy, waiting at the restart"),
            ("restart", "before the restart"),
            ("restart", "application right after the restart"),
        ],
        (RUNNING,),
    ),
    ("restart", "right after the restart"): (("restart", None), RUNNING),
    # The repeat is still to come.
    **{("restart", f"{seconds} s after the restart"): (("repeated", None),) for seconds in (46, 51, 82)},
}
# (section, note) -> what was not recorded; the third is the first release that it is true of.
PREPARE: dict[tuple[str, str], tuple[tuple[Any, ...], ...]] = {
    # From 0.28 on the port that came as text was refused, and what follows was asked of another one.
    ("port", "read to find the ports"): (
        (
            "port.create",
            {"publishedPort": 18082, "targetPort": 80, "applicationId": "UxJ5ASWs9Ry5icXcgZsjW"},
            "0.28.0",
        ),
    ),
    ("domain", "create, defaults"): (("count", "domain"),),
    ("ratelimit", "limited key, 3.5 s later"): (("age", 3.5),),
    # Calls 2 to 4 passed as well.
    ("ratelimit", "limited key, tRPC call 5"): (("repeat", 3),),
    ("ratelimit", "default key, REST call 5"): (("repeat", 3),),
    ("deploy-git", "branch slow"): (("set", {"cleanCache": True}),),
    ("deploy-git", "branch broken"): (("set", {"cleanCache": False}),),
    ("delete", "empty again"): (("clear", None),),
    ("sign-in-limit", "wrong password, call 1 within 2 s"): (("age", 10),),
}

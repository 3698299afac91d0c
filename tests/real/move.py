# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook move against real servers behind proxies, which count its writes and end it at one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from tests.real.losing import Proxy
from tests.real.playbooks import Play, Running, start_playbook

#: Tasks whose plan is no change of the run: the second of two plans, and what is left in check mode, which did nothing.
OTHERS = ("Plan what is created", "Apply the whole document")
#: A task that is carried out beside others, and has its plan before.
BESIDE = {"Look at the databases of the source": "Stop the databases of the source meanwhile"}
RESTORE, RELEASE = "restore", "release"


@dataclass
class Move:
    """C(proxies) are those of the source and of the target, which may be one."""

    folder: Path
    variables: dict[str, Any]
    proxies: Sequence[Proxy]
    runs: int = field(default=0, init=False)

    def start(self, step: str, *words: str) -> Running:
        self.runs += 1
        folder = self.folder / f"{self.runs}-{step}"
        more = {"move_step": step, "move_dest": str(self.folder / "move"), "move_reports": [str(self.report)]}
        return start_playbook("move", folder, {**self.variables, **more}, *words)

    @property
    def report(self) -> Path:
        return self.folder / "report.json"

    def good(self, step: str, *words: str) -> Play:
        play = self.start(step, *words).end()
        assert play.status == 0, play.output
        return play

    def writes(self) -> list[int]:
        """How many writes each proxy has seen."""
        return [len(proxy.writes) for proxy in self.proxies]

    def planned(self, step: str) -> Play:
        """A run in check mode, which writes nothing."""
        before = self.writes()
        play = self.good(step, "--check")
        assert self.writes() == before
        return play

    def killed(self, step: str, proxy: Proxy, write: int) -> str:
        """End a step once the server has done this write of it, without an answer. Returns the procedure."""
        before, running = len(proxy.writes), self.start(step)
        proxy.lose(write, running.kill)
        play = running.end()
        proxy.at = 0
        assert play.status == -9, f"{step} has {len(proxy.writes) - before} writes\n{play.output}"
        return proxy.writes[before + write - 1]

    def reported(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.report.read_text())
        return report


Change = tuple[str, str, str, str]


def steps(play: Play) -> dict[str, list[Change]]:
    """What the tasks of a run have changed, or would change: action, kind, path and options of each."""
    keys = ("action", "kind", "path", "options")
    return {
        BESIDE.get(name, name): [cast(Change, tuple(str(change.get(key)) for key in keys)) for change in changes]
        for name, changes in play.plans()
        if name not in OTHERS
    }


def require_foreseen(foreseen: Play, done: Play) -> None:
    """A run has done what check mode has foreseen.

    The archives that a run makes are not there in check mode. Before the first copy, no restores are foreseen, and no
    deployments of databases for these. In place of the last copy, the first one would be released.
    """
    before, after = steps(foreseen), steps(done)
    assert before.keys() == after.keys()
    for name, changes in before.items():
        assert _without_data(changes, after[name]) == _without_data(after[name], changes), name


def _without_data(changes: list[Change], others: list[Change]) -> list[Change]:
    """Changes without those of archives which others do not have."""
    data = {change[2] for change in (*changes, *others) if change[0] in (RESTORE, RELEASE)}

    def is_of_archives(change: Change) -> bool:
        return change[0] in (RESTORE, RELEASE) or (change[:2] == ("deploy", "database") and change[2] in data)

    return [change for change in changes if change in others or not is_of_archives(change)]

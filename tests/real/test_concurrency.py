# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at the same time that want the same: one of each."""

from __future__ import annotations

from pathlib import Path

from tests.real.document import apply
from tests.real.playbooks import Server, start
from tests.real.test_faults import verify


def test_two_runs_at_once(server: Server, image: str, path: str, tmp_path: Path) -> None:
    fill = apply(server.project, image)
    running = [start(server, tmp_path / f"run-{number}", [fill], path) for number in range(2)]
    plays = [play.end() for play in running]
    # One may fail at what the other one has made meanwhile, and says so.
    assert any(play.status == 0 for play in plays), plays[0].output + plays[1].output
    verify(server, tmp_path, fill, path)

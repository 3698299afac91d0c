# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are lost, and runs that are killed: the next run goes on, and nothing is there twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.real.document import apply
from tests.real.losing import losing
from tests.real.playbooks import Running, Server, run, start, task

# A sample: the project, something of the middle, and late ones.
WRITES = (1, 2, 4, 6)


def counts(server: Server, folder: Path) -> dict[str, Any]:
    look = [
        task("projects", "dokploy_project_info"),
        task("applications", "dokploy_application_info", project=server.project),
    ]
    play = run(server, folder, look)
    assert play.status == 0, play.output
    names = [entry["name"] for entry in play.of("projects")["projects"]]
    return {
        "projects": names.count(server.project),
        "applications": sorted(entry["name"] for entry in play.of("applications")["applications"]),
    }


def verify(server: Server, tmp_path: Path, fill: dict[str, Any], path: str) -> None:
    goes_on = run(server, tmp_path / "goes-on", [fill], path)
    assert goes_on.status == 0, goes_on.output
    assert run(server, tmp_path / "unchanged", [fill], path).changed == []
    assert counts(server, tmp_path / "counts") == {"projects": 1, "applications": ["web", "worker"]}


@pytest.mark.parametrize("write", WRITES)
def test_lost_answer(write: int, server: Server, image: str, tmp_path: Path) -> None:
    fill = apply(server.project, image)
    with losing(server.url, write) as proxy:
        run(replace(server, url=proxy.url), tmp_path / "lost", [fill])
        assert len(proxy.writes) >= write
    verify(server, tmp_path, fill, "action")


@pytest.mark.parametrize("write", WRITES)
def test_killed_run(write: int, server: Server, image: str, tmp_path: Path) -> None:
    fill = apply(server.project, image)
    running: list[Running] = []

    def kill() -> None:
        running[0].kill()

    with losing(server.url, write, kill) as proxy:
        running.append(start(replace(server, url=proxy.url), tmp_path / "killed", [fill]))
        assert running[0].end().status == -9
    verify(server, tmp_path, fill, "module")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of documents with a lock: they follow each other, and one that was killed is in nobody's way."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.real import looks
from tests.real.playbooks import Server, run, start, task
from tests.real.shop import Images

_LOCK = "community.dokploy.lock"


def applying(name: str, images: Images, number: int, lock: Any) -> dict[str, Any]:
    """A task whose document has a variable of its number, and a job that takes a while."""
    own = {"docker": {"image": images.postgres}, "command": "sh"}
    job = {"name": "job", **own, "args": ["-c", f"sleep 20; echo {number}"], "runs": "once"}
    web = {"name": "web", **own, "args": ["-c", "sleep 100000"], "env": {"NUMBER": str(number)}}
    environment = {"name": "production", "applications": [web, job]}
    projects = [{"name": name, "environments": [environment]}]
    return task("apply", "dokploy_manifest", version=1, verify_period=1, projects=projects, lock=lock)


def wait_for_lock(server: Server) -> None:
    """Wait until a run has locked the services."""
    end = time.monotonic() + 120
    while not all(_LOCK in str(row["labelsSwarm"]) for row in looks.services(server, server.project).values()):
        assert time.monotonic() < end
        time.sleep(0.2)


def test_runs_with_a_lock_follow_each_other(server: Server, images: Images, tmp_path: Path, path: str) -> None:
    # YAML reads the word off as false.
    made = run(server, tmp_path / "made", [applying(server.project, images, 0, False)], path)
    assert made.status == 0, made.output
    first = start(server, tmp_path / "first", [applying(server.project, images, 1, "wait")], path)
    wait_for_lock(server)
    refused = run(server, tmp_path / "refused", [applying(server.project, images, 2, "refuse")], path)
    assert refused.status != 0
    assert "another run of 'document' works on it" in refused.of("apply")["msg"]
    second = start(server, tmp_path / "second", [applying(server.project, images, 2, "wait")], path)
    plays = [first.end(), second.end()]
    assert [play.status for play in plays] == [0, 0], plays[0].output + plays[1].output
    assert [play.of("apply")["overtaken"] for play in plays] == [[], []]
    jobs = [row["job"] for play in plays for row in play.of("apply")["deployments"] if row.get("job")]
    assert [job["output"] for job in jobs] == ["1", "2"]
    rows = looks.services(server, server.project)
    assert rows["web"]["env"] == "NUMBER=2"
    assert not any(_LOCK in str(row["labelsSwarm"]) for row in rows.values())
    assert run(server, tmp_path / "again", [applying(server.project, images, 2, "wait")], path).changed == []


def test_a_run_that_was_killed_is_in_nobodys_way(server: Server, images: Images, tmp_path: Path) -> None:
    made = run(server, tmp_path / "made", [applying(server.project, images, 0, "off")])
    assert made.status == 0, made.output
    killed = start(server, tmp_path / "killed", [applying(server.project, images, 1, "wait")])
    wait_for_lock(server)
    killed.kill()
    killed.end()
    began = time.monotonic()
    taken = run(server, tmp_path / "taken", [applying(server.project, images, 2, "wait")])
    assert taken.status == 0, taken.output
    assert time.monotonic() - began > 50
    rows = looks.services(server, server.project)
    assert rows["web"]["env"] == "NUMBER=2"
    assert not any(_LOCK in str(row["labelsSwarm"]) for row in rows.values())

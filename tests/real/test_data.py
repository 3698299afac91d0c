# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data that is written all the time is saved, lost and recovered on another instance, with kills in each of that.

One project and one set of it serve all tests, which run in their order. The other instance is that of the room in
C(REAL_SECOND); without one, the first one takes its place after the loss.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import looks
from tests.real.data_project import STORES, apply, checks, images
from tests.real.losing import losing
from tests.real.numbered import Writer, written
from tests.real.playbooks import Play, Running, Server, remove, run, start_playbook
from tools.real.__main__ import variables_of

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Moment:
    """When a run is killed: after a write of a procedure was answered, or as soon as the server has it."""

    procedure: str
    number: int = 1
    early: bool = False


# Of a set, and of a recovery on each path: kills that follow each other.
BACKUP_MOMENTS = (
    # Two services stand still, and their volumes are being saved.
    Moment("volumeBackups.runManually", 2, early=True),
    Moment("application.start", early=True),
)
RECOVERY_MOMENTS = {
    "action": (
        Moment("redis.create"),
        Moment("volumeBackups.restoreVolumeBackupWithLogs", 2, early=True),
        # A job copies files.
        Moment("application.deploy", 2),
        Moment("backup.restoreBackupWithLogs", early=True),
        # A check has run.
        Moment("application.delete"),
        Moment("dockerVolume.removeVolume"),
    ),
    "module": (
        Moment("postgres.deploy", early=True),
        # The files are copied, and no mark says so.
        Moment("application.delete"),
        # So are the rows.
        Moment("backup.restoreBackupWithLogs", 2),
        Moment("application.deploy", early=True),
        Moment("dockerVolume.removeVolume", early=True),
    ),
}
DRILL_MOMENT = Moment("backup.restoreBackupWithLogs", early=True)


@dataclass
class Shop:
    """The project, and what was acknowledged there. C(sets) has the folders of its sets."""

    first: Server
    second: Server
    known: dict[str, str]
    folder: Path
    writers: dict[str, Writer] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.first.project

    @property
    def sets(self) -> Path:
        return self.folder / "sets"

    def variables(self, name: str, path: str) -> dict[str, Any]:
        image = self.known["REAL_IMAGE"]
        own: dict[str, dict[str, Any]] = {
            "backup": {
                "backup_dest": str(self.sets),
                "backup_destination": self.name,
                "backup_projects": self.name,
                "backup_jobs": True,
                "backup_job_image": image,
                "backup_stop": True,
                "backup_checks": checks(self.name, self.known),
                "backup_secrets": "file",
            },
            "recover": {"recover_set": str(self.sets / "newest"), "recover_image": image},
            "drill": {
                "drill_set": str(self.sets / "newest"),
                "drill_image": image,
                "drill_network": f"{self.name}-net",
                "drill_reports": str(self.folder / "drill.json"),
            },
        }
        return {"dokploy_in_process": path == "action", "dokploy_request_timeout": 900, **own[name]}

    def start(self, name: str, server: Server, path: str, url: str = "") -> Running:
        folder = self.folder / f"{name}-{secrets.token_hex(3)}"
        connection = {"dokploy_url": url or server.url, "dokploy_api_key": server.key}
        return start_playbook(name, folder, {**connection, **self.variables(name, path)})

    def good(self, name: str, server: Server, path: str) -> Play:
        play = self.start(name, server, path).end()
        assert play.status == 0, play.output
        return play

    def killed(self, name: str, server: Server, path: str, moment: Moment) -> None:
        running: list[Running] = []

        def kill() -> None:
            running[0].kill()

        with losing(server.url, moment.number, kill, moment.procedure, moment.early) as proxy:
            running.append(self.start(name, server, path, proxy.url))
            play = running[0].end()
            assert play.status == -9, f"{moment}: {proxy.writes}\n{play.output}"

    def lose(self, server: Server) -> None:
        """Remove the project, its destination and its volumes."""
        names = list(looks.app_names(server, self.name).values())
        remove(server, self.folder / f"lost-{secrets.token_hex(3)}")
        looks.remove_volumes([f"{self.name}-data"], names)

    def saved(self) -> str:
        return (self.sets / "newest/archives.yml").read_text()

    def problems(self, server: Server) -> list[str]:
        """What is wrong with the rows at a server, beside those that were acknowledged before they were saved."""
        names = looks.app_names(server, self.name)
        found = []
        for writer in self.writers.values():
            rows = writer.store.rows(names[writer.store.name])
            found += writer.lost(rows, self.saved_at(writer))
        return found

    def saved_at(self, writer: Writer) -> str:
        """When the archive of what a writer writes was begun."""
        store = writer.store
        path = f"{self.name}/production/{store.name}"
        (time,) = (
            archive["created_at"]
            for archive in yaml.safe_load(self.saved())["archives"]
            if archive["path"] == path and (archive["what"] == "volume") == store.in_volume
        )
        return str(time)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project that runs at the first instance, and is written to from now on."""
    if not os.environ.get("DOKPLOY_URL"):
        pytest.skip("no DOKPLOY_URL")
    known, name = images(), f"real-{secrets.token_hex(3)}"
    first = Server(os.environ["DOKPLOY_URL"], os.environ["DOKPLOY_API_KEY"], name)
    other = dict(os.environ)
    if room := os.environ.get("REAL_SECOND"):
        other = variables_of(Path(room) / "environment")
    second = Server(other["DOKPLOY_URL"], other["DOKPLOY_API_KEY"], name)
    shop = Shop(first, second, known, tmp_path_factory.mktemp("data"))
    try:
        play = run(first, shop.folder / "fill", [apply(name, known)])
        assert play.status == 0, play.output
        names = looks.app_names(first, name)
        for store in STORES:
            store.prepare(names[store.name])
        with written(STORES, names) as shop.writers:
            yield shop
    finally:
        # On one machine they share volumes by their names, which cannot be removed while a service uses them.
        for server in (second, first):
            shop.lose(server)


@pytest.fixture(scope="module")
def saved(shop: Shop) -> Shop:
    """Its set, made while it is written to. Then it is lost."""
    if not (shop.sets / "newest").exists():
        shop.good("backup", shop.first, "action")
    for writer in shop.writers.values():
        writer.stop()
    shop.lose(shop.first)
    return shop


def test_killed_backup(shop: Shop) -> None:
    for number, moment in enumerate(BACKUP_MOMENTS):
        shop.killed("backup", shop.first, ("action", "module")[number % 2], moment)
    play = shop.good("backup", shop.first, "module")
    assert play.of("Save everything")["complete"]
    assert looks.left_of_runs(shop.first, shop.name) == []


def test_killed_recovery(path: str, saved: Shop) -> None:
    """The kills follow each other: each run goes on with what the one before has left."""
    for moment in RECOVERY_MOMENTS[path]:
        saved.killed("recover", saved.second, path, moment)
    play = saved.good("recover", saved.second, path)
    assert saved.problems(saved.second) == []
    assert looks.left_of_runs(saved.second, saved.name, saved.saved()) == []
    assert saved.good("recover", saved.second, path).changed == []
    assert play.of("Create everything, with its data, and deploy it")["recovery"]["missing"] == []
    saved.lose(saved.second)


def test_killed_drill(saved: Shop) -> None:
    """It leaves a project under another name, a network and a tag, which the next drill removes with its own."""
    before = looks.inventory(saved.second)
    saved.killed("drill", saved.second, "action", DRILL_MOMENT)
    names = list(looks.app_names(saved.second, f"{saved.name}-drill").values())
    assert names and looks.inventory(saved.second) != before
    play = saved.good("drill", saved.second, "module")
    assert json.loads((saved.folder / "drill.json").read_text())["passed"], play.output
    assert looks.inventory(saved.second) == before
    own = [f"{saved.name}-data-drill", f"{saved.name}-net"]
    assert looks.left_in_docker(own, names, saved.saved()) == []
    assert not list((saved.sets / "newest").glob(".drill-*"))

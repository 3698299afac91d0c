# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project with each kind of data that is written to, saved, lost and recovered, by playbooks of the collection."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
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

_PATIENCE = 300.0


@dataclass(frozen=True)
class Moment:
    """When a run is killed: after a write of a procedure was answered, or as soon as the server has it."""

    procedure: str
    number: int = 1
    early: bool = False


def of_two_instances(folder: Path) -> Shop:
    """A shop at the first instance, for that of C(REAL_SECOND), whose place the first one takes if there is none."""
    if not os.environ.get("DOKPLOY_URL"):
        pytest.skip("no DOKPLOY_URL")
    known, name = images(), f"real-{secrets.token_hex(3)}"
    other = dict(os.environ)
    if room := os.environ.get("REAL_SECOND"):
        other = variables_of(Path(room) / "environment")
    first, second = (
        Server(place["DOKPLOY_URL"], place["DOKPLOY_API_KEY"], name) for place in (dict(os.environ), other)
    )
    return Shop(first, second, known, folder)


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
        return {"dokploy_in_process": path == "action", "dokploy_request_timeout": 900, **own.get(name, {})}

    @contextlib.contextmanager
    def filled(self) -> Iterator[None]:
        """Bring the project up at the first instance; it is written to from then on."""
        play = run(self.first, self.folder / "fill", [apply(self.name, self.known)])
        assert play.status == 0, play.output
        names = looks.app_names(self.first, self.name)
        for store in STORES:
            store.prepare(names[store.name])
        with written(STORES, names) as self.writers:
            yield

    def wait_for(self, count: int) -> None:
        """Wait until each writer has had so many rows acknowledged."""
        end = time.monotonic() + _PATIENCE
        while any(len(writer.acknowledged) < count for writer in self.writers.values()):
            assert time.monotonic() < end, {name: len(writer.acknowledged) for name, writer in self.writers.items()}
            time.sleep(1)

    def start(self, name: str, server: Server, path: str, url: str = "") -> Running:
        connection = {"dokploy_url": url or server.url, "dokploy_api_key": server.key}
        return start_playbook(name, self.place(name), {**connection, **self.variables(name, path)})

    def place(self, name: str) -> Path:
        """The folder of a run."""
        return self.folder / f"{name}-{secrets.token_hex(3)}"

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

    @contextlib.contextmanager
    def living(self) -> Iterator[None]:
        """The same, until nothing of it is left at any instance."""
        try:
            with self.filled():
                yield
        finally:
            # On one machine they share volumes by their names, which cannot be removed while a service uses them.
            names = [name for server in (self.second, self.first) for name in self.removed(server)]
            looks.remove_volumes([f"{self.name}-data"], names)

    def lose(self, server: Server) -> None:
        """Remove the project, its destination and its volumes."""
        looks.remove_volumes([f"{self.name}-data"], self.removed(server))

    def removed(self, server: Server) -> list[str]:
        """Remove the project and its destination. Returns the names in Docker of what was there."""
        names = list(looks.app_names(server, self.name).values())
        remove(server, self.place("lost"))
        return names

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

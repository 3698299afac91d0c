# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data that is written all the time is saved, lost and recovered on another instance, with kills in each of that.

One project and one set of it serve all tests, which run in their order. The other instance is that of the room in
C(REAL_SECOND); without one, the first one takes its place after the loss.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.real import looks
from tests.real.data_shop import Moment, Shop, of_two_instances

pytestmark = pytest.mark.long


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
        # A job moves files.
        Moment("application.reload", 2),
        Moment("backup.restoreBackupWithLogs", early=True),
        # A check has run.
        Moment("application.delete"),
        Moment("dockerVolume.removeVolume"),
    ),
    "module": (
        Moment("postgres.deploy", early=True),
        Moment("application.reload", early=True),
        # The files are moved.
        Moment("application.delete"),
        # So are the rows.
        Moment("backup.restoreBackupWithLogs", 2),
        Moment("application.deploy", early=True),
        Moment("dockerVolume.removeVolume", early=True),
    ),
}
DRILL_MOMENT = Moment("backup.restoreBackupWithLogs", early=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project that runs at the first instance, and is written to from now on."""
    shop = of_two_instances(tmp_path_factory.mktemp("data"))
    with shop.living():
        yield shop


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

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sets have promised stays in the bucket, and a set says what is gone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.info import INFO_OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from dokploy_simulator.control.data_events import files_of
from tests.component.sets.test_backup_set import small as small
from tests.support.host import Host
from tests.support.operations import OPERATIONS

Row = dict[str, Any]


def in_bucket(host: Host) -> dict[str, str]:
    return files_of(host.sim.server, "offsite")


class Nights:
    """Sets of a folder, as the action of the module and the playbook have them."""

    def __init__(self, host: Host, keep: int, series: str = "0a1b2c3d") -> None:
        self.host, self.keep, self.series = host, keep, series
        self.sets: list[Row] = []

    def _beside(self) -> Row:
        sets = [{"name": entry["name"], "archives": entry["set"]["archives"]} for entry in self.sets]
        return {"keep": self.keep, "series": self.series, "sets": sets}

    def night(self, **options: Any) -> Row:
        """Make a set, and remove the oldest ones after a complete one."""
        self.host.new_task()
        result: Row = self.host.run(OPERATION, **self._beside(), **options)
        self.sets.append({"name": f"set-{len(self.sets)}", "set": result["set"]})
        complete = [entry for entry in self.sets if entry["set"]["complete"]]
        if result["complete"] and len(complete) > self.keep:
            self.sets = self.sets[self.sets.index(complete[-self.keep]) :]
        return result

    def look(self) -> Row:
        self.host.new_task()
        return self.host.run(OPERATION, **self._beside(), check=True)

    @property
    def promised(self) -> set[str]:
        return {archive["file"] for entry in self.sets for archive in entry["set"]["archives"]}


def test_sets_keep_the_archives_of_data_that_has_a_backup(small: Host) -> None:
    """The backup itself keeps two files."""
    small.ok(
        OPERATIONS["dokploy_backup"],
        project="shop",
        database="db",
        database_name="shop",
        destination="offsite",
        prefix="nightly",
        keep=2,
    )
    nights = Nights(small, keep=4)
    for _number in range(6):
        assert nights.night()["complete"] is True
    assert len(nights.sets) == 4
    files = in_bucket(small)
    assert nights.promised <= set(files)
    # One more of each: it goes with the next set.
    assert len([path for path in files if "/set/" in path]) == 2 * 5


def test_incomplete_nights_cost_no_set_its_archives(small: Host) -> None:
    nights = Nights(small, keep=2)
    broken = [{"name": "none", "service": "shop/production/db", "script": "exit 3"}]
    for checks in ([], [], broken, broken, broken, []):
        result = nights.night(checks=checks)
        assert result["complete"] is not bool(checks) and result["gone"] == []
        assert nights.promised <= set(in_bucket(small))
    nights.night()
    nights.night()
    # What incomplete sets have left is gone.
    assert len([path for path in in_bucket(small) if "/set/" in path]) == 2 * 3


def test_series_do_not_count_for_each_other(small: Host) -> None:
    one, other = Nights(small, keep=1), Nights(small, keep=1, series="ffffffff")
    one.night()
    for _number in range(3):
        other.night()
    assert one.promised | other.promised <= set(in_bucket(small))
    small.new_task()
    entries = small.ok(INFO_OPERATION, set_destination="offsite")["coverage"]
    newest = [backup["newest"]["path"] for entry in entries for backup in entry["backups"] if backup["kind"] == "set"]
    assert set(newest) == {archive["file"] for archive in other.sets[-1]["set"]["archives"]}


@pytest.mark.parametrize("event", ["discard", "cut"])
def test_an_archive_that_is_gone_is_named(small: Host, event: str) -> None:
    nights = Nights(small, keep=5)
    nights.night()
    nights.night()
    path = next(archive["file"] for archive in nights.sets[0]["set"]["archives"] if archive["what"] == "database")
    small.sim.act(**{event: path, "destination": "offsite"})
    for result in (nights.look(), nights.night()):
        assert result["failed"] and result["complete"] is True
        ((entry),) = result["gone"]
        assert (entry["set"], entry["what"], entry["name"], entry["file"]) == ("set-0", "database", "shop", path)
        assert f"set set-0: database shop of database shop/production/db, {path}: " in result["msg"]
    assert nights.sets[-1]["set"]["complete"] is True


def test_drift_looks_alone_in_few_requests(small: Host) -> None:
    """As a set in check mode does, without a look at the services."""
    nights = Nights(small, keep=9)
    for _number in range(3):
        nights.night()
    path = nights.sets[0]["set"]["archives"][0]["file"]
    small.sim.act(discard=path, destination="offsite")
    gone = nights.look()["gone"]
    small.new_task()
    small.sim.reset_stats()
    sets = [{"name": entry["name"], "archives": entry["set"]["archives"]} for entry in nights.sets]
    assert small.ok(INFO_OPERATION, sets=sets) == {"changed": False, "gone": gone}
    assert [entry["file"] for entry in gone] == [path]
    # The destinations, the first list, and the other folders together.
    assert int(small.sim.stats()["http"]) <= 4


@pytest.mark.parametrize(
    "changes", [{"name": "renamed"}, {"endpoint": "HTTPS://{plain}/"}, {"endpoint": "moved.example.com"}]
)
def test_a_bucket_is_that_of_the_same_storage_or_name(small: Host, changes: dict[str, str]) -> None:
    """As a recovery takes it."""
    nights = Nights(small, keep=5)
    nights.night()
    for archive in nights.sets[0]["set"]["archives"]:
        plain = archive["destination"]["endpoint"].rpartition("//")[2]
        archive["destination"].update({key: value.format(plain=plain) for key, value in changes.items()})
    assert nights.look()["gone"] == []


def test_a_bucket_of_no_destination_is_one_line(small: Host) -> None:
    nights = Nights(small, keep=5)
    nights.night()
    for archive in nights.sets[0]["set"]["archives"]:
        archive["destination"]["bucket"] = "elsewhere"
    (entry,) = nights.look()["gone"]
    assert entry["file"] is None and "no destination with the bucket elsewhere" in entry["reason"]


def test_archives_are_looked_for_in_few_requests(small: Host) -> None:
    nights = Nights(small, keep=9)

    def requests() -> int:
        small.sim.reset_stats()
        nights.look()
        return int(small.sim.stats()["http"])

    nights.night()
    before = requests()
    nights.night()
    assert requests() == before


def test_a_bucket_that_is_away_is_one_line(small: Host) -> None:
    nights = Nights(small, keep=5)
    nights.night()
    small.sim.act(outage="offsite", problem="bucket")
    result = nights.look()
    assert result["failed"] and len(result["gone"]) == 1 and result["gone"][0]["set"] is None
    assert result["msg"].count("\n") == 1
    made = nights.night()
    assert len(made["not_saved"]) == 2
    assert made["msg"].count("2 archives for destination offsite: ") == 1


def test_keep_needs_a_series(small: Host) -> None:
    assert small.failed(OPERATION, keep=2)["msg"].startswith("keep needs dest or series")
    assert small.failed(OPERATION, series="x")["msg"].startswith("series is 'x'")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of faults: what is broken, which playbook runs, what it says, and whether that is so.

No row is lost, none is there twice, and what a report says of data is true, on two instances. C(test_data),
C(test_move) and C(test_lost_server) kill runs in each of their steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from tests.real import broken as faults
from tests.real.broken import Broken, Variables
from tests.real.data_shop import of_two_instances
from tests.real.playbooks import Server

pytestmark = pytest.mark.long

#: How many rows each store has before the first set, and how many more before the second one.
ROWS, MORE = 60, 40
EVERYTHING = ("cache", "db", "forum", "stack", "web")
_ALL_THERE = "All data is there up to"


@dataclass(frozen=True)
class Row:
    """What is broken, and what follows.

    :param says: parts of what the run prints, the headline of its report first. :param back: the services of which the
        report says that their data is what the set saw. :param names: those of the set, by what came back beside them.
    :param lost: the services that live and lack rows by the fault itself.
    """

    breaks: Callable[[Broken], Variables]
    playbook: str
    status: int
    says: Sequence[str]
    back: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    lost: Sequence[str] = ()

    @property
    def name(self) -> str:
        return f"{self.playbook}-{self.breaks.__name__}"


#: At the first instance, where the shop lives and is written to.
LIVING = (
    Row(faults.archive_gone_before_a_look, "backup", 2, ["postgres"]),
    Row(faults.client_like_a_database, "backup", 0, ["The set is complete: 2 archives"]),
    Row(faults.unknown_pattern, "backup", 2, ["no data is at", "tools/tools/server:"]),
    Row(faults.other_data_of_a_clone, "clone", 2, ["is not what the set saved"]),
    Row(faults.other_data_of_a_move, "move", 2, ["is not what the set saved"]),
    Row(
        faults.rows_deleted,
        "recover",
        0,
        ["Recovered, with the data of 1 archive"],
        ["db-then"],
        {"db-then": "db"},
        lost=["db"],
    ),
    Row(
        faults.replaced_under_a_client,
        "recover",
        2,
        ["Not everything is recovered: 1 error", "sessions of others", "Its data is as it was"],
        lost=["db"],
    ),
    Row(faults.replaced_in_use, "recover", 0, ["Recovered, with the data of 1 archive"], ["db"]),
)
#: At the second instance, after the first one has lost everything.
LOST = (
    Row(faults.nothing_is_there, "recover", 0, ["To be recovered, with the data of 6 archives", "not looked at"]),
    Row(faults.another_password, "recover", 2, ["the vault password of this run does not open it"]),
    Row(faults.key_of_a_member, "recover", 2, ['unauthorized to access resource "destination"']),
    Row(faults.old_set, "recover", 2, ["recover_max_age"]),
    Row(faults.bucket_away, "recover", 2, ["Not everything is recovered: 1 error"]),
    Row(faults.archive_gone, "recover", 2, ["Not everything is recovered"]),
    Row(faults.cut_archive, "recover", 2, ["Not everything is recovered"]),
    Row(faults.other_data, "recover", 2, ["Not everything is recovered", "is not what the set saved"]),
    Row(faults.nothing_proven, "recover", 2, ["Recovered, with the data of 1 archive, 1 not proven"]),
    Row(
        faults.exists_already,
        "recover",
        2,
        ["Not everything is recovered", "its data is not restored", "waits for database"],
        ["web"],
    ),
    Row(faults.foreign_volume, "recover", 2, ["Not everything is recovered"]),
    Row(faults.killed, "recover", 0, ["Recovered, with the data of 6 archives", _ALL_THERE], EVERYTHING),
    Row(faults.as_it_was, "recover", 0, ["Recovered, with the data of 6 archives", _ALL_THERE], EVERYTHING),
)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    """The shop lives at the first instance, and has two sets."""
    shop = of_two_instances(tmp_path_factory.mktemp("broken"))
    if shop.first.url == shop.second.url:
        pytest.skip("no REAL_SECOND")
    with shop.living():
        sets = []
        for count in (ROWS, ROWS + MORE):
            shop.wait_for(count)
            shop.good("backup", shop.first, "action")
            sets.append((shop.sets / "newest").resolve())
            shop.wait_for(max(map(len, (writer.acknowledged for writer in shop.writers.values()))) + MORE)
        yield Broken(shop, sets[0], sets[1])


def judged(broken: Broken, row: Row, server: Server) -> None:
    """Break it, run, and look at what is said and what is there."""
    broken.words, broken.mends = [], []
    variables = row.breaks(broken)
    play, report = broken.run(row.playbook, server, variables)
    try:
        assert play.status == row.status, play.output
        for text in row.says:
            assert text in play.output, (text, play.output)
        if report and row.playbook != "backup":
            assert not (play.status and report["good"]), report["headline"]
            assert row.says[0] in report["headline"] or row.status, report["headline"]
        claimed = broken.claimed(report) if row.playbook == "recover" else set()
        assert claimed == set(row.back), report
        assert broken.untrue(server, claimed, row.names, "production") == []
        assert (_ALL_THERE in play.output) == (bool(claimed) and not play.status)
    finally:
        for mend in broken.mends:
            mend()


@pytest.mark.parametrize("row", LIVING, ids=lambda row: row.name)
def test_what_lives(broken: Broken, row: Row) -> None:
    judged(broken, row, broken.shop.first)
    whole = set(EVERYTHING) - set(row.lost)
    assert broken.untrue(broken.shop.first, whole, {}, "production") == []


@pytest.fixture(scope="module")
def lost(broken: Broken) -> Broken:
    """Of the shop, only its sets are left."""
    for writer in broken.shop.writers.values():
        writer.stop()
    broken.shop.lose(broken.shop.first)
    return broken


@pytest.mark.parametrize("row", LOST, ids=lambda row: row.name)
def test_what_is_lost(lost: Broken, row: Row) -> None:
    try:
        judged(lost, row, lost.shop.second)
    finally:
        lost.shop.lose(lost.shop.second)

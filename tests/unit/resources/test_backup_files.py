# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The choice of a backup by the time in its name, from lists that are cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.bucket_files import (
    MOST_FILES,
    STAMP,
    file_view,
    newest_file,
    stamp_of,
)

DUMP = STAMP + r"\.sql\.gz\Z"
LATE = "2099-01-01T00-00-00-000Z"
FIRST = datetime(2025, 12, 30, 22, 15, tzinfo=UTC)

Row = dict[str, Any]


class Folder:
    """A folder as the server lists it, with the requests that were made."""

    def __init__(self, *names: str) -> None:
        self.names = sorted(names)
        self.requests: list[str] = []

    def __call__(self, part: str) -> list[Row]:
        self.requests.append(part)
        found = [name for name in self.names if part.lower() in f"folder/{name}".lower()]
        return [{"Name": name, "Path": f"folder/{name}", "Size": 1, "IsDir": False} for name in found[:MOST_FILES]]


def dumps(step: timedelta, count: int) -> list[str]:
    return [f"{stamp_of(FIRST + number * step)}.sql.gz" for number in range(count)]


def name(row: Any) -> str | None:
    return None if row is None else str(row["Name"])


def test_the_newest_of_a_short_list_takes_one_request() -> None:
    folder = Folder(*dumps(timedelta(hours=1), 5), "zzz.sql.gz", "2030-01-01T00-00-00-000Z.bson.gz", "notes")
    assert name(newest_file(folder, DUMP, LATE)) == dumps(timedelta(hours=1), 5)[-1]
    assert folder.requests == [""]


def test_none_is_old_enough() -> None:
    folder = Folder(*dumps(timedelta(hours=1), 5))
    assert newest_file(folder, DUMP, stamp_of(FIRST)) is None
    assert newest_file(Folder(), DUMP, LATE) is None


def test_a_list_that_is_cut_is_read_in_parts() -> None:
    """The server lists the first files by name, which are the oldest."""
    names = dumps(timedelta(hours=1), 300)
    folder = Folder(*names)
    assert name(newest_file(folder, DUMP, "2026-06-01T00-00-00-000Z")) == names[-1]
    assert folder.requests[:2] == ["", "2026-"]
    assert len(folder.requests) < 40


@given(
    step=st.sampled_from([timedelta(seconds=1), timedelta(minutes=7), timedelta(hours=5), timedelta(days=20)]),
    count=st.integers(0, 400),
    before=st.integers(0, 420),
)
def test_it_is_the_newest_one_before_the_time(step: timedelta, count: int, before: int) -> None:
    names, limit = dumps(step, count), stamp_of(FIRST + before * step)
    older = [one for one in names if one < limit]
    if step < timedelta(seconds=2) and count > MOST_FILES:
        # Not even a minute holds fewer files: the list lacks some.
        return
    assert name(newest_file(Folder(*names), DUMP, limit)) == (older[-1] if older else None)


@pytest.mark.parametrize(
    ("file", "created"),
    [
        ("2026-11-25T15-54-00-986Z.sql.gz", "2026-11-25T15:54:00.986Z"),
        ("shop-data-2026-11-25T15-54-00-986Z.tar", "2026-11-25T15:54:00.986Z"),
        ("webserver-backup-2026-11-25T15-54-00-986Z.zip", "2026-11-25T15:54:00.986Z"),
        ("notes.txt", None),
    ],
)
def test_the_name_of_a_backup_says_when_it_was_made(file: str, created: str | None) -> None:
    shown = file_view({"Path": f"a/{file}", "Name": file, "Size": 3, "IsDir": False, "Tier": "STANDARD"})
    assert shown == {"path": f"a/{file}", "name": file, "size": 3, "is_folder": False, "created_at": created}

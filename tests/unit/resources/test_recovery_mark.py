# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mark of restored data, and the script that copies the files of an archive."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.lease import Lease, Silence
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.file_sums import (
    sums_command,
    sums_in,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups import copies
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import (
    Bucket,
    SavedArchive,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery import copy_script
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.claims import RestoreRequest
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.mark import (
    PENDING,
    RESTORED,
    RESTORING,
    UNKNOWN,
    DataMark,
    mark_of,
    mark_write,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL

FILES = st.text("abc/-_.0=", min_size=1, max_size=12)
MARKS = st.builds(
    DataMark,
    st.sampled_from(["", "ab12cd34"]),
    st.dictionaries(FILES, st.sampled_from([PENDING, RESTORING, RESTORED]), max_size=3),
    st.sampled_from(["", "2026-12-01T05:33:37Z"]),
    st.booleans(),
    st.none()
    | st.builds(Lease, st.text(max_size=20), st.just("2026-12-01T05:33:37Z"), st.integers(0, 999), st.just(60.0)),
)


@pytest.mark.parametrize("resource", [APPLICATION, COMPOSE, DATABASES[0]], ids=lambda resource: resource.label)
@given(mark=MARKS)
def test_a_mark_is_read_as_it_was_written_beside_the_fingerprint(resource: object, mark: DataMark) -> None:
    assert resource is APPLICATION or resource is COMPOSE or resource is DATABASES[0]
    known = resource.deployable.fingerprint  # type: ignore[attr-defined]
    row = {resource.id_key: "1", known.column: known.put(None, "1 config=a")}  # type: ignore[attr-defined]
    body = mark_write(Service(resource, row), mark).body  # type: ignore[arg-type]
    after = {**row, known.column: body[known.column]}
    assert mark_of(Service(resource, after)) == mark  # type: ignore[arg-type]
    assert known.get(after[known.column]) == "1 config=a"


@pytest.mark.parametrize("text", ["2 run=a", "1 else=x", "1 run", "nonsense"])
def test_a_mark_of_another_release_counts_as_live(text: str) -> None:
    row = {"applicationId": "1", "labelsSwarm": {"community.dokploy.data": text}}
    assert mark_of(Service(APPLICATION, row)) == DataMark(live=UNKNOWN)


def test_no_mark_is_none() -> None:
    assert mark_of(Service(APPLICATION, {"labelsSwarm": {FINGERPRINT_LABEL: "1 a"}})) is None
    assert mark_of(Service(APPLICATION, {"labelsSwarm": None})) is None


def test_a_mark_of_an_earlier_release_has_no_lease() -> None:
    row = {"applicationId": "1", "labelsSwarm": {"community.dokploy.data": "1 run=ab12cd34 pending=a"}}
    assert mark_of(Service(APPLICATION, row)) == DataMark("ab12cd34", {"a": PENDING})


def test_a_lease_is_silent_by_the_clock_of_the_one_that_looks() -> None:
    silence = Silence()
    looks = [("a", 0.0), ("a", 40.0), ("b", 50.0), ("b", 90.0), ("b", 110.0)]
    assert [silence.seconds("one", text, elapsed) for text, elapsed in looks] == [0.0, 40.0, 0.0, 40.0, 60.0]


def test_what_was_begun_stays_known_until_another_restore_has_ended() -> None:
    mark = DataMark("one", {"a": RESTORED, "b": RESTORING, "c": PENDING})
    claimed = mark.claimed("two", {"a": 0, "d": 0})
    assert claimed == DataMark("two", {"a": RESTORED, "d": PENDING, "b": RESTORING})
    assert claimed.interrupted
    assert not claimed.with_archive("d", RESTORED).interrupted
    assert claimed.with_archive("d", RESTORED).archives == {"a": RESTORED, "d": RESTORED}


def test_a_mask_that_was_begun_is_known_until_something_is_restored() -> None:
    mark = DataMark("one", {"a": RESTORED}, masking=True)
    assert mark.claimed("two", {"a": 0}, restores=False) == DataMark("two", {"a": RESTORED}, masking=True)
    assert not mark.claimed("two", {"a": 0, "b": 0}).masking


# --- the script ---

VOLUME = SavedArchive(
    "application",
    "shop/production/web",
    "volume",
    "volume",
    Bucket("s3", "e", "b"),
    "f.tar",
    20480,
    "2026-12-01",
    volume="up",
)
RDB = replace(VOLUME, kind="database", what="database", method="rdb", database_type="redis")
BOTH = pytest.mark.parametrize("archive", [VOLUME, RDB], ids=["volume", "rdb"])
REQUEST = RestoreRequest(VOLUME, "ab12", "shop-web-ab12cd", False, "ubuntu")


class Place:
    """Two folders, and the script between them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.source, self.target = folder / "from", folder / "to"
        self.source.mkdir()
        self.target.mkdir()
        self.conf = folder / "host" / "srv" / "shop" / "a b.conf"
        monkeypatch.setattr(copy_script, "HOST", str(folder / "host"))
        monkeypatch.setattr(copy_script, "FROM", str(self.source))
        monkeypatch.setattr(copy_script, "TO", str(self.target))

    def run(self, archive: SavedArchive, replaces: bool = False, append_only: bool = False) -> int:
        request = replace(REQUEST, archive=archive, replaces=replaces)
        script = copy_script.script_of(request, archive.bind or "up", "recovery-1", append_only)
        return subprocess.run(["/bin/sh", "-ec", script], capture_output=True, check=False).returncode

    def mount(self, monkeypatch: pytest.MonkeyPatch, *mounts: str) -> None:
        """:param mounts: those of the container; C(FROM), C(TO) and C(HOST) stand for where they are."""
        host = self.source.parent / "root"
        host.symlink_to("/")
        monkeypatch.setattr(copy_script, "HOST", str(host))
        for name in ("FROM", "TO", "HOST"):
            mounts = tuple(line.replace(name, str(getattr(copy_script, name))) for line in mounts)
        table = self.source.parent / "mountinfo"
        table.write_text("".join(f"{line} rw,relatime - ext4 /dev/sda rw\n" for line in mounts))
        monkeypatch.setattr(copy_script, "_MOUNTS", str(table))

    def names(self) -> set[str]:
        return {str(path.relative_to(self.target)) for path in self.target.rglob("*")}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def fill(place: Place) -> None:
    (place.source / "dump.rdb").write_text("rdb")
    (place.source / ".hidden").write_text("h")
    (place.source / "a folder").mkdir()
    (place.source / "a folder" / "a file").write_text("f")


@BOTH
def test_an_archive_without_files_changes_nothing(place: Place, archive: SavedArchive) -> None:
    (place.target / "there").write_text("x")
    assert place.run(archive) == 4
    assert place.names() == {"there"}


def test_all_files_are_copied_and_a_second_run_changes_nothing(place: Place) -> None:
    fill(place)
    assert place.run(VOLUME) == 0
    assert place.names() == {"dump.rdb", ".hidden", "a folder", "a folder/a file"}
    before = (place.target / ".hidden").stat().st_mtime_ns, (place.target / ".hidden").stat().st_ino
    assert place.run(VOLUME) == 0
    assert before == ((place.target / ".hidden").stat().st_mtime_ns, (place.target / ".hidden").stat().st_ino)


def test_only_files_that_the_set_saw_are_brought_to_their_place(place: Place) -> None:
    fill(place)
    command = sums_command([str(place.source)])
    said = subprocess.run(["/bin/sh", "-ec", command], capture_output=True, text=True, check=True).stdout
    archive = replace(VOLUME, fingerprint=sums_in(said.splitlines())[0])
    (place.source / "a folder" / "a file").write_text("")
    assert place.run(archive) == copy_script.OTHER_FILES and place.names() == set()
    (place.source / "a folder" / "a file").write_text("f")
    assert place.run(archive) == 0 and "a folder/a file" in place.names()


@pytest.mark.parametrize("append_only", [True, False])
def test_a_dump_of_redis_is_the_beginning_of_an_append_only_file(place: Place, append_only: bool) -> None:
    fill(place)
    assert place.run(RDB, append_only=append_only) == 0
    assert place.names() == {"dump.rdb", *(["appendonly.aof"] if append_only else [])}


@BOTH
def test_other_files_stay_unless_they_may_be_replaced(place: Place, archive: SavedArchive) -> None:
    fill(place)
    (place.target / "dump.rdb").write_text("other")
    (place.target / ".foreign").write_text("x")
    assert place.run(archive) == 3
    assert place.names() == {"dump.rdb", ".foreign"}
    assert place.run(archive, replaces=True) == 0
    assert ".foreign" not in place.names() and (place.target / "dump.rdb").read_text() == "rdb"


@BOTH
def test_what_was_begun_is_done_again(place: Place, archive: SavedArchive) -> None:
    fill(place)
    (place.target / ".recovery-has-not-ended").write_text("begun")
    (place.target / "half").write_text("x")
    assert place.run(archive) == 0
    assert not place.names() & {"half", ".recovery-has-not-ended"}


# The root of the host is one file system, or the volumes have one of their own, which the host has mounted.
ROOT = "1 0 8:1 / HOST", "2 1 8:1 FROM FROM", "3 1 8:1 TO TO"
MOUNTED = "1 0 8:1 / HOST", "2 1 8:2 / HOST{parent}", "3 1 8:2 /from FROM", "4 1 8:2 /to TO"


@pytest.mark.parametrize("mounts", [ROOT, MOUNTED], ids=["root", "mounted"])
def test_files_of_one_file_system_are_moved(
    place: Place, monkeypatch: pytest.MonkeyPatch, mounts: tuple[str, ...]
) -> None:
    fill(place)
    (place.source / "a folder").chmod(0o750)
    place.source.chmod(0o711)
    place.mount(monkeypatch, *(line.replace("{parent}", str(place.source.parent)) for line in mounts))
    was = {name: (place.source / name).stat().st_ino for name in (".hidden", "a folder", "a folder/a file")}
    assert place.run(VOLUME) == 0
    assert place.names() == {"dump.rdb", *was}
    assert was == {name: (place.target / name).stat().st_ino for name in was}
    assert stat.S_IMODE(place.target.stat().st_mode) == 0o711
    # That volume is not whole any more.
    shutil.rmtree(place.target / "a folder")
    (place.target / ".recovery-has-not-ended").write_text("begun")
    assert place.run(VOLUME) == 5
    assert place.names() == {"dump.rdb", ".hidden", ".recovery-has-not-ended"}


@pytest.mark.parametrize(
    "mounts",
    [
        ("1 0 8:1 / HOST", "2 1 8:1 /elsewhere FROM", "3 1 8:1 TO TO"),
        ("1 0 8:1 / HOST", "2 1 8:1 FROM FROM", "3 1 8:9 TO TO"),
        ("2 1 8:1 FROM FROM", "3 1 8:1 TO TO"),
        ("1 0 8:1 / HOST",),
    ],
    ids=["another folder", "another device", "no host", "no volumes"],
)
def test_files_that_cannot_be_moved_are_copied(
    place: Place, monkeypatch: pytest.MonkeyPatch, mounts: tuple[str, ...]
) -> None:
    fill(place)
    place.mount(monkeypatch, *mounts)
    assert place.run(VOLUME) == 0
    assert place.names() == {"dump.rdb", ".hidden", "a folder", "a folder/a file"}
    assert sorted(path.name for path in place.source.iterdir()) == [".hidden", "a folder", "dump.rdb"]


def test_what_a_move_has_left_is_copied(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fill(place)
    place.mount(monkeypatch, *ROOT)
    mv = tmp_path / "bin" / "mv"
    mv.parent.mkdir()
    mv.write_text(f'#!/bin/sh\n{shutil.which("mv")} "$2" {place.target}/\nexit 1\n')
    mv.chmod(0o755)
    monkeypatch.setenv("PATH", str(mv.parent), prepend=os.pathsep)
    assert place.run(VOLUME) == 0
    assert place.names() == {"dump.rdb", ".hidden", "a folder", "a folder/a file"}


def test_an_empty_volume_may_come_back_empty(place: Place) -> None:
    assert place.run(replace(VOLUME, size=10240)) == 0


@pytest.mark.parametrize(
    ("saved", "target"),
    [
        ("shop-web-ab12cd-data", "new-web-data"),
        ("shop-web-ab12cd_files", "new-web_files"),
        ("shop-web-ab12cdef", "shop-web-ab12cdef"),
        ("uploads", "uploads"),
        (None, "new-web-data"),
    ],
)
def test_volumes_that_are_named_by_the_service_are_named_by_the_new_one(saved: str | None, target: str) -> None:
    request = replace(REQUEST, archive=replace(VOLUME, volume=saved))
    assert copy_script.target_of(Service(APPLICATION, {"appName": "new-web"}), request) == target


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"command": "/bin/sh", "args": ["-c", "exec redis-server --appendonly yes"]}, True),
        ({"args": ["--appendonly", "yes"]}, True),
        ({"composeFile": 'command: ["redis-server", "--appendonly", "yes"]'}, True),
        ({"args": ["--appendonly", "no"]}, False),
        ({}, False),
    ],
)
def test_an_append_only_redis_is_known_by_its_command(row: dict[str, object], expected: bool) -> None:
    assert copy_script.appends(row) is expected


# --- a single file of the host ---

FILE = replace(VOLUME, what="bind", method="bind", bind="/srv/shop/a b.conf")


@pytest.fixture
def single(place: Place) -> Place:
    """The archive has a single file, as the job of a set copies it."""
    conf = place.source.parent / "a b.conf"
    conf.write_text("saved")
    conf.chmod(0o640)
    run_copy(conf, place.source)
    return place


def run_copy(source: Path, target: Path) -> int:
    """The copy that the job of a set makes of what is mounted from the host."""
    script = copies._COPY.replace(copies._SOURCE, shlex.quote(str(source))).replace(copies._TARGET, str(target))
    return subprocess.run(["/bin/sh", "-ec", script], capture_output=True, check=False).returncode


def test_a_folder_of_the_host_is_copied_as_it_is(place: Place) -> None:
    fill(place)
    assert run_copy(place.source, place.target) == 0
    assert place.names() == {"dump.rdb", ".hidden", "a folder", "a folder/a file"}


def test_a_single_file_of_the_host_comes_back_as_a_file(single: Place) -> None:
    assert single.run(FILE) == 0
    assert (single.conf.read_text(), single.conf.stat().st_mode & 0o777) == ("saved", 0o640)
    assert [path.name for path in single.conf.parent.iterdir()] == ["a b.conf"]
    assert single.run(FILE) == 0
    single.conf.write_text("newer")
    assert single.run(FILE) == 3 and single.conf.read_text() == "newer"
    assert single.run(FILE, replaces=True) == 0 and single.conf.read_text() == "saved"


def test_a_folder_in_the_place_of_a_single_file_is_replaced_only_if_it_is_empty(single: Place) -> None:
    single.conf.mkdir(parents=True)
    (single.conf / "there").write_text("x")
    assert single.run(FILE, replaces=True) == 3 and (single.conf / "there").read_text() == "x"
    (single.conf / "there").unlink()
    assert single.run(FILE) == 0 and single.conf.read_text() == "saved"


def test_a_folder_of_the_host_comes_back_as_a_folder(place: Place) -> None:
    fill(place)
    assert place.run(FILE) == 0
    assert (place.conf / "a folder" / "a file").read_text() == "f"

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Memory does not grow with the size of the input: the bytes that Python allocates, counted.

``make bench`` measures whole processes, with files of 300 MB."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._archive import source
from ansible_collections.community.dokploy.plugins.module_utils._archive.source import source_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import TAIL, LogStream
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Form
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.measurements import peak_memory
from tests.support.operations import OPERATIONS

MB = 1024 * 1024
# What is read of a file at once is a block of one MB, and there are a few: as it was read, as it is packed.
BLOCKS = 5 * MB
LARGE = 24 * MB


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A ZIP with one large file in it, of bytes that cannot be packed."""
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("large.bin", os.urandom(LARGE))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one large file and many small ones."""
    path = tmp_path / "folder"
    path.mkdir()
    (path / "large.bin").write_bytes(os.urandom(LARGE))
    for number in range(200):
        (path / f"small-{number}.txt").write_bytes(b"small")
    return path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files; no archive may be left in it."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    yield path
    assert list(path.rglob("*.zip")) == []


def test_a_zip_is_never_held_whole(archive: Path) -> None:
    def work() -> None:
        with source_of(str(archive), None, ()).packed() as path:
            assert path == str(archive)

    assert peak_memory(work) < BLOCKS


@slow
def test_a_folder_is_never_held_whole(folder: Path) -> None:
    def work() -> None:
        with source_of(None, str(folder), ()).packed() as path:
            assert os.path.getsize(path) > LARGE

    assert peak_memory(work) < BLOCKS


def test_a_form_is_never_held_whole(archive: Path) -> None:
    def work() -> None:
        sent = 0
        with Form({"applicationId": "a"}, "zip", "archive.zip", "application/zip", str(archive)) as form:
            while block := form.read(16384):
                sent += len(block)
        assert sent == form.len > LARGE

    assert peak_memory(work) < MB


@slow
@pytest.mark.parametrize("option", ["archive", "path"])
def test_an_upload_is_never_held_whole(host: Host, archive: Path, folder: Path, option: str) -> None:
    """From the option to the socket. The server keeps it on its disk as well, being in the same process here."""
    host.sim.seed(project="shop", applications=1, name="page", fields={"sourceType": "drop", "buildType": "static"})
    place = {"project": "shop", "application": "page", "verify": False}
    files = {option: str(archive if option == "archive" else folder)}
    # A connection and what is imported for it come before.
    host.ok(OPERATIONS["dokploy_application_info"], project="shop")

    def work() -> None:
        assert host.ok(OPERATIONS["dokploy_deployment"], **place, **files)["changed"]

    assert peak_memory(work) < 2 * BLOCKS
    (unpacked,) = host.sim.uploads().values()
    assert unpacked["count"] == 1 and unpacked["bytes"] >= LARGE


def test_each_byte_of_a_folder_is_read_twice_and_of_a_zip_once_before_it_is_sent(
    archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for the hash; a folder once more to pack it, when the hash is compared."""
    read = 0
    copy_hashed = source.copy_hashed

    def counted(*args: Any) -> tuple[int, str]:
        nonlocal read
        size, digest = copy_hashed(*args)
        read += size
        return size, digest

    monkeypatch.setattr(source, "copy_hashed", counted)
    with source_of(str(archive), None, ()).packed():
        assert read == LARGE
    read = 0
    with source_of(None, str(folder), ()).packed():
        assert read == 2 * (LARGE + 200 * len(b"small"))


def test_of_a_long_log_its_end_is_kept() -> None:
    """Told in looks of a thousand lines, whatever the length of all."""

    def of(count: int) -> int:
        client: Any = None
        stream = LogStream(client, lambda line: None, "web", {})

        def work() -> None:
            for start in range(0, count, TAIL // 2):
                stream.take(
                    "".join(f"line {number}\n" for number in range(max(0, start - TAIL // 2), start + TAIL // 2))
                )

        return peak_memory(work)

    assert of(20 * TAIL) < 1.5 * of(2 * TAIL)

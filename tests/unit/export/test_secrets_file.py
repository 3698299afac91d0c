# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file with secrets that the operation leaves for its action."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._export import secrets_file


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "left"
    before = os.umask(0)
    try:
        secrets_file.leave(str(path), {"version": 1}, [{"path": [], "text": "é"}], {"vault_a": "x"})
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {
        "document": {"version": 1},
        "comments": [{"path": [], "text": "é"}],
        "secrets": {"vault_a": "x"},
        "changes": [],
    }


def test_the_owner_of_the_folder_gets_it_from_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _file, *owner: given.append(owner))
    secrets_file.leave(str(tmp_path / "left"), {}, [], {})
    folder = tmp_path.stat()
    assert given == [(folder.st_uid, folder.st_gid)]


@pytest.mark.parametrize("place", ["missing/left", "link", "there"])
def test_no_other_file_gets_the_secrets(place: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "there").write_text("before")
    with pytest.raises(OptionError, match=r"\Asecrets_file: .* cannot be written on the host that runs the module: "):
        secrets_file.leave(str(tmp_path / place), {}, [], {"vault_a": "x"})
    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / "there").read_text() == "before"


def test_nothing_is_left_of_what_cannot_be_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(secrets_file, "_give_to_owner_of_folder", refused)
    with pytest.raises(OptionError, match="operation not permitted"):
        secrets_file.leave(str(tmp_path / "left"), {}, [], {"vault_a": "x"})
    assert list(tmp_path.iterdir()) == []

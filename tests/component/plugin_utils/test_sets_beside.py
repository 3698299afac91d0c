# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sets beside a new one, and the token that they share."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import archives_content
from ansible_collections.community.dokploy.plugins.plugin_utils._sets.folder import SetFolder, SetsBeside, sets_in
from tests.unit.resources.test_archives_file import SET


def beside(folder: Path) -> SetsBeside:
    return SetFolder(str(folder), DataLoader()).beside()


def test_sets_are_read_without_the_new_one_and_links(tmp_path: Path) -> None:
    for name in ("one", "two", "new"):
        (tmp_path / name).mkdir()
        SetFolder(str(tmp_path / name), DataLoader()).write(archives_content(SET))
    (tmp_path / "newest").symlink_to("two")
    (tmp_path / "other").mkdir()
    sets = beside(tmp_path / "new").sets
    assert [entry["name"] for entry in sets] == ["one", "two"]
    assert [archive["file"] for archive in sets[0]["archives"]] == [archive.file for archive in SET.archives]
    assert [entry["name"] for entry in sets_in(str(tmp_path))] == ["new", "one", "two"]
    (tmp_path / "two" / "archives.yml").write_text("version: 1\n")
    with pytest.raises(OptionError, match="two"):
        _ = beside(tmp_path / "new").sets


def test_the_first_set_makes_the_token(tmp_path: Path) -> None:
    looked = beside(tmp_path / "one").series(make=False)
    assert not list(tmp_path.iterdir())
    token = beside(tmp_path / "one").series(make=True)
    assert beside(tmp_path / "two").series(make=True) == beside(tmp_path / "two").series(make=False) == token != looked
    (tmp_path / ".series").write_text("mine")
    with pytest.raises(OptionError, match="no token"):
        beside(tmp_path / "two").series(make=True)

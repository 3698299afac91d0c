# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What antsibull-nox checks of pages and characters in containers holds here too, and before a pull request."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tools import workspace
from tools.workspace import ROOT

SESSIONS = tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]
PAGES = sorted((ROOT / "docs/docsite/rst").glob("*.rst"))
FILES = workspace.tracked_files()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_blocks_have_one_of_the_languages(page: Path) -> None:
    settings = SESSIONS["docs_check"]
    text = page.read_text()
    languages = set(re.findall(r"^ *\.\. (?:code-block|code|sourcecode)::(.*)$", text, re.M))
    assert {language.strip() for language in languages} <= set(settings["codeblocks_restrict_types"])
    # A paragraph that ends so introduces a literal block, which has no language.
    assert re.findall(r"^(?! *\.\. ).*::$", text, re.M) == []


@pytest.mark.parametrize("group", SESSIONS["extra_checks"]["avoid_character_group"], ids=lambda group: group["name"])
def test_no_file_has_the_character(group: dict[str, str]) -> None:
    pattern = re.compile(group["regex"])
    skipped = group.get("skip_paths", ())
    found = [name for name in FILES if name not in skipped and pattern.search((ROOT / name).read_text("utf-8"))]
    assert found == []


def test_paths_that_are_left_out_exist() -> None:
    extra = SESSIONS["extra_checks"]
    paths = [*extra["no_unwanted_files_skip_paths"]]
    paths += [path for group in extra["avoid_character_group"] for path in group.get("skip_paths", ())]
    assert [path for path in paths if not (ROOT / path).is_file()] == []

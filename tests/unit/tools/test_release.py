# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release needs, and its notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import release

CHANGELOG = r"""# Notes

**Topics**

- <a href="#v1-1-0">v1\.1\.0</a>
    - <a href="#bugfixes">Bugfixes</a>

<a id="v1-1-0"></a>
## v1\.1\.0

<a id="bugfixes"></a>
### Bugfixes

* dokploy\_tag \- a fix

<a id="v1-0-0"></a>
## v1\.0\.0

First release\.
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {
        "galaxy.yml": "version: 1.1.0\n",
        "simulator/pyproject.toml": '[project]\nversion = "1.1.0"\n',
        "changelogs/changelog.yaml": "releases: {1.0.0: {}, 1.1.0: {}}\n",
        "CHANGELOG.md": CHANGELOG,
    }
    (tmp_path / "changelogs/fragments").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_notes_are_the_section_of_the_release() -> None:
    assert release.notes("1.1.0", CHANGELOG) == ('<a id="bugfixes"></a>\n### Bugfixes\n\n* dokploy\\_tag \\- a fix\n')
    assert release.notes("1.0.0", CHANGELOG) == "First release\\.\n"
    assert release.notes("1.1", CHANGELOG) == release.notes("2.0.0", CHANGELOG) == ""


def test_the_commit_of_a_release_has_no_problem(repository: Path) -> None:
    assert list(release.problems("1.1.0", repository)) == []


def test_a_tag_that_is_too_early_is_refused(repository: Path) -> None:
    (repository / "changelogs/fragments/12-fix.yml").touch()
    assert list(release.problems("1.2.0", repository)) == [
        "galaxy.yml has the version 1.1.0.",
        "simulator/pyproject.toml has the version 1.1.0.",
        "changelogs/changelog.yaml has no release 1.2.0: make changelog.",
        "CHANGELOG.md has no section for 1.2.0: make changelog.",
        "changelogs/fragments has fragments that are in no release: 12-fix.yml.",
    ]


def test_the_changelog_of_the_collection_has_sections() -> None:
    assert "### Release Summary\n" in release.notes("1.0.0", (release.ROOT / "CHANGELOG.md").read_text())

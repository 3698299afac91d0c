# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(archives.yml) as a file that is none, or no longer whole: each mistake names the file, the line and the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import archives_content
from ansible_collections.community.dokploy.plugins.module_utils._values.yaml_text import yaml_of
from ansible_collections.community.dokploy.plugins.plugin_utils._document.action import ManifestAction
from dokploy_simulator import Simulator
from tests.support.action_and_module import make_action
from tests.unit.resources.test_archives_file import SET

TEXT = yaml_of(archives_content(SET))
PROJECTS: list[dict[str, Any]] = [
    {"name": "blog", "environments": [{"name": "production", "applications": [{"name": "web"}]}]}
]


def cut(after: str) -> str:
    """The file up to a text in it."""
    return TEXT[: TEXT.index(after) + len(after)]


CASES = [
    ("", "archives: {file} is empty; it takes the content of archives.yml"),
    ("# A comment.\n", "archives: {file} is empty"),
    ("version: [1\n", "archives: {file}:"),
    ("version: 1\n\tcreated_at: x\n", "archives: {file}:2"),
    ("- version: 1\n", "archives is a list; it takes the content of archives.yml"),
    ("just text\n", "archives: {file} is only a text"),
    (
        TEXT.replace("version: 1", "version: 7"),
        "archives.version is 7, and this release of the collection reads version 1 ({file}:1:1)",
    ),
    (TEXT.replace("version: 1", "version:"), "archives.version is None"),
    (cut("complete: "), "archives.complete"),
    (cut("complete: false"), "missing required arguments: archives.services, archives.archives ({file})"),
    (cut("- kind: database\n"), "missing required arguments: archives.archives"),
    (cut("services:"), "archives.services"),
    (cut("size: "), "archives.archives[0].size"),
    (TEXT.replace("size: 119000000", "size: much"), "archives.archives[0].size is text; it takes a whole number"),
    (TEXT, "is it of another scope? It has database shop/production/db"),
]


@pytest.mark.parametrize(("text", "message"), CASES)
def test_no_file_of_a_set_is_an_error_with_its_place(sim: Simulator, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "archives.yml"
    path.write_text(text)
    connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}
    options = {**connection, "projects": PROJECTS, "archives": str(tmp_path)}
    result = make_action(OPERATION, options, False, ManifestAction).run(None, {})
    assert result["failed"] and result["error"]["kind"] == "option"
    assert message.format(file=path) in result["msg"]
    assert "Traceback" not in result["msg"] and sim.calls("mutation") == []

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of YAML in the documentation is found, parsed and linted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yamllint.config  # type: ignore[import-untyped]
import yamllint.linter  # type: ignore[import-untyped]

from tests.guides.blocks import KEYWORDS, Block, heads, of_pages, of_plugins, pages
from tests.guides.snippets import snippets
from tools.workspace import ROOT

BLOCKS = (*of_pages(), *of_plugins())


@pytest.mark.parametrize("page", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_block_of_a_page_is_found(page: Path) -> None:
    assert len(snippets(page)) == heads(page)


def test_yaml_is_linted() -> None:
    rules = yamllint.config.YamlLintConfig((ROOT / ".yamllint").read_text())
    problems = [
        f"{block.name}: line {problem.line}: {problem.desc}"
        for block in BLOCKS
        for problem in yamllint.linter.run(block.text, rules)
        # GitHub's key `on`.
        if not ((block.file or "").startswith(".github/") and problem.rule == "truthy")
    ]
    assert problems == []


def test_json_is_parsed() -> None:
    for page in pages():
        for snippet in snippets(page):
            if snippet.language == "json":
                json.loads(snippet.text)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_actions_have_full_names(block: Block) -> None:
    for task in block.tasks():
        if "block" not in task:
            (action,) = task.keys() - KEYWORDS
            assert action.count(".") >= 2, action

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of YAML in the documentation is found, parsed and linted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
import yamllint.config  # type: ignore[import-untyped]
import yamllint.linter  # type: ignore[import-untyped]

from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import DOCUMENT
from tests.guides.blocks import KEYWORDS, Block, heads, of_pages, of_plugins, pages
from tests.guides.snippets import snippets
from tools import manifest_schema
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


def manifests() -> Iterator[tuple[str, Any]]:
    """Every document of ``dokploy_manifest``, or part of one, with its place."""
    for block in BLOCKS:
        for task in block.tasks():
            arguments = task.get("community.dokploy.dokploy_manifest", {})
            yield block.name, {name: value for name, value in arguments.items() if name in DOCUMENT}
        # A list of schedules can also be an option of an application.
        for one in block.documents if block.kind == "other" else ():
            if isinstance(one, dict) and one.keys() <= DOCUMENT.keys():
                yield block.name, one
    for path in ROOT.glob("docs/examples/**/*.yml"):
        yield path.name, yaml.safe_load(path.read_text())


def test_documents_are_those_of_the_schema() -> None:
    validator = jsonschema.Draft7Validator(manifest_schema.document())
    found = [(place, document) for place, document in manifests() if document]
    assert len(found) >= 3
    assert [(place, error.message) for place, one in found for error in validator.iter_errors(one)] == []

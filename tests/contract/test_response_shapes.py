# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine takes for the shape of an answer is the shape of all that real servers were recorded to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.responses import ANSWERS, answers_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import ENVIRONMENT, PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import wrong
from dokploy_simulator.api.release_columns import INVENTED
from tests.support.operations import OPERATIONS
from tests.support.used_api import RESOURCES

from .recording_player import contract_dir

DIRECTORY = contract_dir()

pytestmark = pytest.mark.skipif(
    DIRECTORY is None, reason="no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of pairs.jsonl"
)


def answered(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The recorded answers over REST, by procedure."""
    assert DIRECTORY is not None
    for line in (DIRECTORY / name).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        procedure = record["path"].partition("?")[0].removeprefix("/api/")
        if record["status"] == 200 and not procedure.startswith("trpc/"):
            yield procedure, record


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs-older.jsonl"])
def test_every_recorded_answer_is_of_its_shape(name: str) -> None:
    assert DIRECTORY is not None
    tables = [ANSWERS, *(answers_of(resource) for resource in (PROJECT, ENVIRONMENT, APPLICATION))]
    # What the descriptions and the modules say themselves.
    tables += [*(one.answers for one in RESOURCES), *(one.answers for one in OPERATIONS.values())]
    looked_at: set[str] = set()
    problems = []
    for procedure, record in answered(name):
        shapes = [table[procedure] for table in tables if procedure in table]
        if not shapes:
            continue
        looked_at.add(procedure)
        found = [problem for problem in (wrong(shape, record["response"]) for shape in shapes) if problem]
        problems += [f"{record['section']}: {procedure}: {problem}" for problem in found]
    assert not problems, "\n".join(problems)
    assert len(looked_at) > 10


def extended(value: Any) -> Any:
    """An answer with keys that no release has, in each of its objects but those whose keys are a user's own."""
    if isinstance(value, list):
        return [extended(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        **{
            name: item if name in ("headers", "labelsSwarm", "Labels") else extended(item)
            for name, item in value.items()
        },
        **INVENTED,
    }


@pytest.mark.parametrize(
    "name", ["pairs.jsonl", "pairs-older.jsonl", "pairs-services.jsonl", "pairs-infrastructure.jsonl"]
)
def test_columns_that_are_not_known_do_no_harm(name: str) -> None:
    tables = [ANSWERS, *(answers_of(resource) for resource in RESOURCES)]
    tables += [operation.answers for operation in OPERATIONS.values()]
    looked_at = 0
    for procedure, record in answered(name):
        for shape in (table[procedure] for table in tables if procedure in table):
            # That of another kind is of another shape.
            if not wrong(shape, record["response"]):
                looked_at += 1
                assert not wrong(shape, extended(record["response"])), (procedure, record["section"])
    assert looked_at > 100

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine takes for the shape of an answer is the shape of all that real servers were recorded to answer."""

from __future__ import annotations

import json

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.responses import ANSWERS, answers_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import ENVIRONMENT, PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import wrong

from .recording_player import contract_dir

DIRECTORY = contract_dir()

pytestmark = pytest.mark.skipif(
    DIRECTORY is None, reason="no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of pairs.jsonl"
)


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs-older.jsonl"])
def test_every_recorded_answer_is_of_its_shape(name: str) -> None:
    assert DIRECTORY is not None
    tables = [ANSWERS, *(answers_of(resource) for resource in (PROJECT, ENVIRONMENT, APPLICATION))]
    looked_at: set[str] = set()
    problems = []
    for line in (DIRECTORY / name).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        procedure = record["path"].partition("?")[0].removeprefix("/api/")
        shapes = [table[procedure] for table in tables if procedure in table]
        if record["status"] != 200 or not shapes or procedure.startswith("trpc/"):
            continue
        looked_at.add(procedure)
        found = [problem for problem in (wrong(shape, record["response"]) for shape in shapes) if problem]
        problems += [f"{record['section']}: {procedure}: {problem}" for problem in found]
    assert not problems, "\n".join(problems)
    assert len(looked_at) > 10

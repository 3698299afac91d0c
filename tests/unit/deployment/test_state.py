# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of an application's deployments, on scripted answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import (
    DeploymentState,
    read_states,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    PermissionDenied,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support import sample_rows
from tests.support.fake_clients import ScriptedClient, batch
from tests.support.sample_rows import APPLICATION_ID, deployment, job

OLD, NEW = deployment(1), deployment(2)


def stands(row: Any, jobs: Any = (), patches: Any = ()) -> DeploymentState:
    """The state by ID, which takes exactly one request."""
    answers = [one if isinstance(one, DokployError) else list(one) for one in (jobs, patches)]
    client: Any = ScriptedClient(
        batch(
            ("application.one", {"applicationId": APPLICATION_ID}, row),
            ("deployment.queueList", {}, answers[0]),
            ("patch.byEntityId", {"id": APPLICATION_ID, "type": "application"}, answers[1]),
        )
    )
    params = {"application_id": APPLICATION_ID, "application": None, "project": None, "environment": None}
    context: Any = SimpleNamespace(client=client, reads=Reads(client))
    (found,) = read_states([Node(APPLICATION, params)], context)
    client.done()
    return found


def test_it_is_one_request() -> None:
    patch = {"patchId": "p", "filePath": "a"}
    running = deployment(3, status="running")
    found = stands(
        sample_rows.application(deployments=[NEW, running, OLD]), [job(9, "waiting"), job(8, "active")], [patch]
    )
    assert found.service.id == APPLICATION_ID
    assert found.rows == [running, NEW, OLD]
    assert (found.newest, found.running, found.last_good) == (running, running, NEW)
    assert found.queued == 1
    assert found.service.row["patches"] == [patch]


def test_jobs_of_previews_do_not_count() -> None:
    preview = job(9, "waiting")
    preview["data"]["previewDeploymentId"] = "p"
    assert stands(sample_rows.application(deployments=[OLD]), [preview]).queued == 0


def test_a_server_without_patches_or_a_list_of_its_queue() -> None:
    missing = UnknownProcedure("404")
    found = stands(sample_rows.application(), missing, missing)
    assert found.service.row["patches"] == []
    assert (found.queue.known, found.queued, found.newest) == (False, 0, None)


def test_a_key_without_access_to_patches() -> None:
    assert "patches" not in stands(sample_rows.application(), patches=PermissionDenied("unauthorized")).service.row


@pytest.mark.parametrize(
    ("answers", "kind", "message"),
    [
        ({"row": NotFoundError("Application not found")}, NotFoundError, "application_id: there is no application"),
        ({"row": ServerError("500")}, ServerError, "500"),
        ({"row": sample_rows.application(), "jobs": ServerError("500")}, ServerError, "500"),
        ({"row": sample_rows.application(), "patches": ServerError("500")}, ServerError, "500"),
    ],
)
def test_an_answer_that_is_an_error(answers: dict[str, Any], kind: type[DokployError], message: str) -> None:
    with pytest.raises(kind) as caught:
        stands(**answers)
    assert str(caught.value).startswith(message)

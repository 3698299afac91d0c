# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the run of a job, from its row alone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.runs import (
    ANSWER_TIMEOUT,
    Job,
    plan_run,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.fake_clients import FakeClock, TimedClient, context_of


@pytest.mark.parametrize(
    ("option", "row", "label", "procedure", "body"),
    [
        (
            "schedules",
            {"scheduleId": "s", "name": "nightly"},
            "schedule nightly of application web",
            "schedule.runManually",
            {"scheduleId": "s"},
        ),
        (
            "volume_backups",
            {"volumeBackupId": "v", "name": "files"},
            "volume backup files of application web",
            "volumeBackups.runManually",
            {"volumeBackupId": "v"},
        ),
    ],
)
def test_the_plan_of_a_run(option: str, row: dict[str, Any], label: str, procedure: str, body: dict[str, Any]) -> None:
    child = next(child for child in APPLICATION.children if child.option == option)
    job = Job(child, APPLICATION, Target("application web"), {}, row)
    for timeout in (5.0, 600.0):
        planned = plan_run(job, context_of(TimedClient(FakeClock()), wait_timeout=timeout))
        (write,) = planned.steps
        assert isinstance(write, Write)
        assert (write.procedure, write.body, write.once) == (procedure, body, True)
        assert write.timeout == min(timeout, ANSWER_TIMEOUT)
        assert (planned.difference.label, planned.difference.changed) == (label, True)

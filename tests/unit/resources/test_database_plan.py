# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan for the deployment of a database, from what was observed alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.deployment import (
    DatabasePlan,
    DatabaseState,
    plan_database_adoption,
    plan_database_deployment,
    stored_database_fingerprint,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.volumes import Rebuild
from ansible_collections.community.dokploy.plugins.module_utils._swarm.comparison import Comparison
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service

POSTGRES = next(one for one in DATABASES if one.kind == "postgres")
PARAMS = {"state": "deployed", "trigger": "changed", "wait_timeout": 600.0}


def state(reason: str | None, labels: dict[str, str] | None = None) -> DatabaseState:
    row = {"postgresId": "p", "name": "db", "applicationStatus": "done", "labelsSwarm": labels}
    return DatabaseState(Service(POSTGRES, row, "database db"), [], reason)


def stored(planned: DatabasePlan) -> str:
    """The fingerprint that the first step stores, which is also that of the planned service."""
    step = planned.steps[0]
    assert isinstance(step, Write)
    assert step.procedure == "postgres.update"
    assert step.body["labelsSwarm"] == planned.state.service.row["labelsSwarm"]
    return stored_database_fingerprint(planned.state.service)


@pytest.mark.parametrize(
    ("reason", "params", "planned_reason"),
    [
        ("never deployed", {}, "never deployed"),
        (None, {"trigger": "always"}, "deployment requested"),
        (None, {"state": "rebuilt"}, "rebuild requested"),
    ],
)
def test_a_deployment_stores_its_fingerprint_and_deploys(
    reason: str | None, params: dict[str, Any], planned_reason: str
) -> None:
    planned = plan_database_deployment(state(reason), {**PARAMS, **params})
    assert planned.reason == planned_reason
    assert stored(planned).endswith(" number=1")
    last = planned.steps[1]
    assert isinstance(last, Rebuild) == (params.get("state") == "rebuilt")
    write = last.write if isinstance(last, Rebuild) else last
    assert isinstance(write, Write)
    procedure = "postgres.rebuild" if isinstance(last, Rebuild) else "postgres.deploy"
    assert (write.procedure, write.body, write.once) == (procedure, {"postgresId": "p"}, True)
    again = plan_database_deployment(state("configuration changed", planned.state.service.row["labelsSwarm"]), PARAMS)
    assert stored(again).endswith(" number=2")


def test_what_runs_as_it_is_configured_is_left_alone() -> None:
    observed = state(None)
    planned = plan_database_deployment(observed, PARAMS)
    assert planned == plan_database_adoption(observed, {})
    assert (planned.steps, planned.state, planned.reason, planned.difference.changed) == ((), observed, None, False)


def test_an_adoption_stores_a_fingerprint_and_deploys_nothing() -> None:
    planned = plan_database_adoption(replace(state(None), runs=Comparison((), (), ())), {})
    assert (len(planned.steps), planned.reason) == (1, "configuration changed")
    assert stored(planned).endswith(" number=0 adopted=yes")

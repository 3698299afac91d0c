# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup sets, and what comes back from them: jobs get passwords in their variables, and no result shows one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION as SET
from tests.system.secrets import captured_runs
from tests.system.secrets.canaries import leaks
from tests.system.secrets.conftest import CanaryServer

# What a check can show of the variables that its job gets.
CHECK = {"name": "shown", "service": "shop/production/db", "script": 'echo "$DB_PASSWORD" "$PGPASSWORD"'}
FAULTS = (
    ("backup.manualBackup*", {"kind": "status", "status": 400, "body": {"message": "not now"}}),
    ("application.create", {"kind": "echo"}),
    ("application.update", {"kind": "echo"}),
)


@pytest.mark.parametrize("host", captured_runs.HOSTS)
def test_no_secret_of_a_backup_set_is_shown(server: CanaryServer, host: str, count: Callable[..., None]) -> None:
    server.sim.reset()
    secret = server.canaries.plain
    bucket = {"access_key": secret("access_key"), "secret_access_key": secret("secret_access_key")}
    login = {"database": "shop", "user": "shopper", "password": secret("password")}
    environment = {"name": "production", "databases": [{"name": "db", "type": "postgres", **login}]}
    document: dict[str, Any] = {
        "destinations": [{"name": "box", "bucket": "b", **bucket}],
        "projects": [{"name": "shop", "environments": [environment]}],
        "deploy": "changed",
        "verify_period": 0.0,
    }
    options = {"data": "all", "destination": "box", "jobs": True, "stop": True, "checks": [CHECK]}
    runs = []

    def run(operation: Any, **options: Any) -> dict[str, Any]:
        one = captured_runs.run(host, operation, {**server.connection, **options}, False)
        runs.append(one)
        assert "exception" not in one.result, one.result["exception"]
        return one.result

    assert not run(MANIFEST, **document).get("failed")
    for procedure, fault in FAULTS:
        server.sim.fault(procedure=procedure, times=-1, **fault)
        assert run(SET, **options).get("failed")
        server.sim.reset(state=False)
    saved = run(SET, **options)
    assert saved["complete"], saved.get("msg")
    run(PROJECT, name="shop", state="absent", force=True)
    for procedure, fault in FAULTS[1:]:
        server.sim.fault(procedure=procedure, times=-1, **fault)
        run(MANIFEST, **document, archives=saved["set"])
        server.sim.reset(state=False)
    mask = {"name": "shown", "service": "shop/production/db", "script": 'echo "$DB_PASSWORD" "$PGPASSWORD"; false'}
    masked = run(MANIFEST, **document, archives=saved["set"], masks=[mask])
    assert "the mask shown of shop/production/db failed" in masked["msg"]
    restored = run(MANIFEST, **document, archives=saved["set"])
    assert restored["archives"]
    found = leaks([(name, text) for one in runs for name, text in one.texts.items()])
    count(sets=len(runs), leaks=len(found))
    assert found == []

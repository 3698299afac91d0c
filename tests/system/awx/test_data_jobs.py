# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs that clone an environment, and those that move services to another Dokploy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DB, S3, WEB
from tests.support.awx import filled_in
from tests.support.awx_files import workflows
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.system.awx.jobs import Job
from tests.system.awx.test_jobs import TEMPLATES, launch, sim
from tests.system.fault_injection.test_moves import MOVED
from tests.system.fault_injection.two_servers import DEPLOY, PASSWORD, TwoServers

__all__ = ["launch", "sim"]
KEY = "canary-of-the-other-dokploy"
PRODUCTION = {
    "name": "production",
    "applications": [{**WEB, "domains": [{"host": "shop.example.com"}]}],
    "databases": [{**DB, "password": PASSWORD}],
}
SET: dict[str, Any] = {"scope": {"projects": ["shop"]}, "data": "all", "destination": "s3", "jobs": True, "stop": True}
MASK = {"name": "orders", "service": "db", "sql": "update orders set customer = 'masked'"}


def successful(job: Job) -> Job:
    """A job that ended well, and keeps no secret."""
    assert job.status == "successful", job.stdout
    for file, text in {**job.kept(), "stdout": job.stdout}.items():
        assert [secret for secret in (PASSWORD, KEY) if secret in text] == [], file
    return job


def test_a_job_clones_an_environment(launch: Callable[..., Job], sim: Simulator, tmp_path: Path) -> None:
    sim.reset(config=True)
    host = Host(sim)
    apply(host, {"destinations": [S3], "projects": [{"name": "shop", "environments": [PRODUCTION]}]}, **DEPLOY)
    sim.act(insert="db", table="orders", count=3)
    host.new_task()
    saved = host.ok(OPERATIONS["dokploy_backup_set"], **SET)
    (tmp_path / "set").mkdir()
    (tmp_path / "set/archives.yml").write_text(json.dumps(saved["set"]))
    template = {**TEMPLATES["Dokploy: clone"], "extra_vars": {"clone_masks": [MASK]}}
    answers = {
        "clone_from": "shop/production",
        "clone_to": "shop/staging",
        "clone_hosts": '{"*.example.com":"{}.staging.example.com"}',
        "clone_set": str(tmp_path / "set"),
    }
    sim.reset_stats()
    foretold = successful(launch("clone", answers, template=template, args=["--check", "--diff"]))
    assert foretold.passed_on()["clone"]["headline"].startswith("To be cloned shop/staging: 3 changes")
    assert sim.calls("mutation") == []
    cloned = successful(launch("clone", answers, template=template, args=["-vvvv", "--diff"]))
    report = cloned.passed_on()["clone"]
    assert [mask["passed"] for mask in report["masks"]] == [True]
    assert report["changes"] == foretold.passed_on()["clone"]["changes"]
    again = successful(launch("clone", answers, template=template))
    assert again.changes() == 0


def test_the_jobs_of_the_workflow_move_services(launch: Callable[..., Job], sim: Simulator, tmp_path: Path) -> None:
    workflow = workflows()["Dokploy: move"]
    steps = {node["identifier"]: node.get("unified_job_template") for node in workflow["nodes"]}
    with Simulator(api_key=KEY) as target:
        two = TwoServers(sim, target, tmp_path / "servers")
        answers = {
            "move_projects": "shop",
            "move_dest": str(tmp_path / "move"),
            "move_destination": "s3",
            "move_to_url": target.url,
            "move_to_api_key": KEY,
        }
        # Beside the form: an inventory has them, or the workflow.
        known = {"move_secrets": "file", "move_verify_period": 0, "move_silent": 0.1}
        given = {**filled_in(workflow["survey_spec"], answers), **known}
        for step in ("prepare", "switch", "finish"):
            job = successful(launch("", template=TEMPLATES[steps[step]], of_workflow=given, args=["-vvvv"]))
            assert job.changes() > 0
            given = {**job.passed_on(), **given}
        assert two.data(target) == MOVED
        assert Host(sim).read("project.all") == []

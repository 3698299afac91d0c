# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications that run to their end, and what waits for them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment import completion
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_order import DEPLOY, application, deployed, document
from tests.support.effort import slow
from tests.support.host import Host


def shop(*words: str, **options: Any) -> dict[str, Any]:
    """Migrations before web."""
    migrations = {"command": "migrate", "args": list(words), "runs": "once", **options}
    return document(application("web", "migrations"), application("migrations", **migrations))


def ends(host: Host, output: str, code: int) -> None:
    """What the command of a container writes from now on, and its exit code."""
    host.sim.apart(lambda: setattr(host.sim.server.docker, "run_command", lambda _task: (output, code)))


def reports(applied: dict[str, Any]) -> dict[str, Any]:
    return {report["path"].rpartition("/")[2]: report for report in applied["deployments"]}


def test_what_is_after_it_waits_for_its_end(host: Host) -> None:
    ends(host, "3 migrations", 0)
    applied = apply(host, shop("sleep 1"), **DEPLOY)
    assert deployed(host) == ["migrations", "web"]
    migrations = reports(applied)["migrations"]
    assert (migrations["status"], migrations["job"]["exit_code"]) == ("done", 0)
    assert migrations["job"]["output_lines"] == ["3 migrations"]
    assert migrations["job"]["seconds"] >= 1
    assert "job" not in reports(applied)["web"]
    host.sim.reset_stats()
    assert not apply(host, shop("sleep 1"), **DEPLOY)["changed"]
    assert host.sim.calls("mutation") == []


def test_it_runs_again_when_it_is_configured_otherwise(host: Host) -> None:
    ends(host, "", 0)
    apply(host, shop(), **DEPLOY)
    ends(host, "one more", 0)
    applied = apply(host, shop("again"), **DEPLOY)
    assert list(reports(applied)) == ["migrations"]
    assert reports(applied)["migrations"]["job"]["output"] == "one more"
    assert not apply(host, shop("again"), **DEPLOY)["changed"]


def test_an_exit_code_stops_what_waits(host: Host) -> None:
    ends(host, "no such column", 3)
    failed = apply(host, shop(), **DEPLOY)
    assert deployed(host) == ["migrations"]
    report = reports(failed)["migrations"]
    assert (report["failed"], report["job"]["exit_code"]) == (True, 3)
    assert "no such column" in failed["msg"]
    assert [waiting["path"] for waiting in failed["waiting"]] == ["shop/production/web"]
    # The next run runs it again, and then what waits for it.
    ends(host, "done", 0)
    assert deployed(host) == ["migrations"]
    repeated = apply(host, shop(), **DEPLOY)
    assert not repeated.get("failed")
    assert deployed(host) == ["migrations", "migrations", "web"]


@slow
def test_a_run_that_goes_on_is_not_ended(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    ends(host, "", 0)
    monkeypatch.setattr(completion, "VERIFY_LEAST", 0.0)
    late = apply(host, shop("sleep 2"), **{**DEPLOY, "wait_timeout": 0.5})
    assert "has not run to its end" in late["msg"], late["msg"]
    refused = apply(host, shop("sleep 2"), **DEPLOY)
    assert "still runs, and a deployment would end it in the middle" in refused["msg"]
    time.sleep(2)
    monkeypatch.undo()
    assert not apply(host, shop("sleep 2"), **DEPLOY).get("failed")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call any procedure by its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.api import (
    OPERATION,
    is_query,
    without_secrets,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import is_secret
from dokploy_simulator.api import facts
from dokploy_simulator.api.releases import NEWEST
from tests.contract.recording_player import contract_dir
from tests.support.host import Host


@pytest.mark.parametrize(
    "procedure",
    [
        "application.one",
        "project.all",
        "project.allForPermissions",
        "domain.byApplicationId",
        "deployment.queueList",
        "deployment.readLogs",
        "settings.getDokployVersion",
        "settings.health",
        "application.search",
        "gitea.giteaProviders",
    ],
)
def test_queries(procedure: str) -> None:
    assert is_query(procedure)


@pytest.mark.parametrize(
    "procedure",
    ["application.update", "application.deploy", "project.create", "project.remove", "settings.getUpdateData"],
)
def test_mutations(procedure: str) -> None:
    assert not is_query(procedure)


def test_every_procedure_that_the_simulator_plays_is_told_by_its_name() -> None:
    """Its methods are the recorded ones."""
    wrong = {name for name, one in facts.procedures_of(NEWEST).items() if is_query(name) is not (one.method == "GET")}
    assert wrong == set()


def contract() -> dict[str, Any] | None:
    """The OpenAPI document of the recording, if it is anywhere."""
    folder = contract_dir()
    path = folder and folder / "openapi-0.30.2.json"
    document: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path and path.is_file() else None
    return document


@pytest.mark.skipif(contract() is None, reason="the recorded OpenAPI document is not here")
def test_every_procedure_of_dokploy_is_told_by_its_name() -> None:
    document = contract()
    assert document is not None
    wrong = []
    for path, methods in document["paths"].items():
        procedure = path.rsplit("/", 1)[-1]
        if procedure.count(".") == 1 and is_query(procedure) is not ("get" in methods):
            wrong.append(procedure)
    assert wrong == []


def test_an_answer_without_its_secrets() -> None:
    answer = {
        "name": "web",
        "env": "A=hunter2",
        "password": "",
        "refreshToken": None,
        "security": [{"username": "u", "password": "hunter2"}],
        "environment": {"project": {"env": "hunter2"}},
        "mounts": [{"content": "hunter2", "mountPath": "/f"}],
    }
    shown = without_secrets(answer)
    assert "hunter2" not in repr(shown)
    assert shown["env"] == "(hidden)"
    # What is empty is no secret.
    assert (shown["password"], shown["refreshToken"]) == ("", None)
    assert (shown["name"], shown["security"][0]["username"], shown["mounts"][0]["mountPath"]) == ("web", "u", "/f")
    assert without_secrets("text") == "text"
    assert all(map(is_secret, ("env", "password", "privateKey", "refreshToken", "secretAccessKey", "serviceToken")))


def test_a_query(host: Host) -> None:
    host.ok(PROJECT, name="shop", env={"A": "hunter2"})
    host.sim.reset_stats()
    for check in (False, True):
        result = host.ok(OPERATION, check=check, procedure="project.all")
        assert (result["changed"], result["method"]) == (False, "query")
        assert result["response"][0]["name"] == "shop"
        assert "hunter2" not in repr(result)
    assert "hunter2" in repr(host.ok(OPERATION, procedure="project.all", include_secrets=True))


def test_the_log_of_what_does_not_run_is_asked_for_once(host: Host) -> None:
    (application,) = host.sim.seed(project="shop", applications=1)["applicationIds"]
    host.connection["max_retries"] = 1
    host.sim.reset_stats()
    failed = host.failed(OPERATION, procedure="application.readLogs", input={"applicationId": application})
    assert "No container or service found" in failed["msg"]
    assert host.sim.calls() == ["application.readLogs"]


def test_a_mutation(host: Host) -> None:
    checked = host.ok(OPERATION, check=True, procedure="project.create", input={"name": "shop"})
    assert (checked["changed"], checked["response"]) == (True, None)
    assert host.sim.calls() == []
    result = host.ok(OPERATION, procedure="project.create", input={"name": "shop"})
    assert (result["changed"], result["method"]) == (True, "mutation")
    assert result["response"]["project"]["name"] == "shop"


def test_a_wrong_guess_writes_nothing(host: Host) -> None:
    result = host.failed(OPERATION, procedure="project.create", input={"name": "x"}, method="query")
    assert result["error"]["kind"] == "unknown_procedure"
    assert host.read("project.all") == []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"procedure": "application"},
            "procedure: 'application' is not the name of a procedure, such as application.one",
        ),
        (
            {"procedure": "../auth/x.y"},
            "procedure: '../auth/x.y' is not the name of a procedure, such as application.one",
        ),
        ({"procedure": "a.b\n"}, "procedure: 'a.b\\n' is not the name of a procedure, such as application.one"),
        ({"procedure": "application.one", "input": {"applicationId": {"a": 1}}}, "input.applicationId: a query takes"),
    ],
)
def test_what_cannot_be_called(host: Host, params: dict[str, Any], words: str) -> None:
    result = host.failed(OPERATION, **params)
    assert result["error"]["kind"] == "option"
    assert result["msg"].startswith(words)
    assert host.sim.stats()["http"] == 0


def test_the_servers_complaints_are_told(host: Host) -> None:
    result = host.failed(OPERATION, procedure="project.create", input={"name": ""})
    assert result["error"]["kind"] == "validation"
    assert result["msg"].startswith("project.create refused the input: name: ")

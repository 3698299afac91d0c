# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live facts of services, on scripted answers and on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    OptionError,
    PermissionDenied,
    Refused,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support import sample_rows
from tests.support.fake_clients import ScriptedClient, batch
from tests.support.host import Host

PARAMS: dict[str, Any] = {"include_secrets": False, "log_lines": 100, "log_since": None, "log_search": None}
ROW = sample_rows.application(env="TOKEN=hunter2")
PATCHES = [{"content": "password = one-of-a-patch\n"}]
OWN = {"applicationId": sample_rows.APPLICATION_ID}
PROCEDURES = {
    "logs": "application.readLogs",
    "monitoring": "application.readAppMonitoring",
    "running": "docker.getServiceContainersByAppName",
    "traefik_config": "application.readTraefikConfig",
}
LOGS = {**OWN, "tail": 100}


def facts_of(names: list[str], rows: list[Any], client: Any, **params: Any) -> list[dict[str, Any]]:
    unused: Any = None
    _names, read = APPLICATION.reading.includes
    assert read is not None
    return read(APPLICATION, names, rows, Context({**PARAMS, **params}, client, unused, unused, unused))


def fact(name: str, input: dict[str, Any], answer: Any, row: Any = None, **params: Any) -> Any:
    row = ROW if row is None else row
    procedure = PROCEDURES[name]
    masked = [("patch.byEntityId", {"id": sample_rows.APPLICATION_ID, "type": "application"}, PATCHES)]
    client: Any = ScriptedClient(batch((procedure, input, answer), *(masked if name == "logs" else ())))
    found = facts_of([name], [row], client, **params)[0][name]
    client.done()
    return found


def test_the_log_is_cut_and_masked() -> None:
    assert fact("logs", LOGS, "one\ntoken hunter2\n\n") == ["one", "token ********"]
    assert fact("logs", LOGS, "one\n  password = one-of-a-patch\n") == ["one", "  ********"]
    options = {"log_lines": 2, "log_since": "5m", "log_search": "a b"}
    found = fact("logs", {**OWN, "tail": 2, "since": "5m", "search": "a b"}, "1\n2\n3\n", **options)
    assert found == ["2", "3"]
    assert fact("logs", LOGS, "") == []


def test_no_log_without_a_container_or_without_a_match() -> None:
    nothing = ServerError("the server failed", server_message="No container or service found for: app")
    assert fact("logs", LOGS, nothing) == []
    empty = ServerError("the server failed", server_message="Command failed: docker logs 2>&1 | grep -iF 'x'")
    assert fact("logs", {**LOGS, "search": "x"}, empty, log_search="x") == []
    with pytest.raises(ServerError):
        fact("logs", LOGS, empty)


def test_an_older_server_has_no_logs() -> None:
    with pytest.raises(Refused, match=r"0\.29\.0"):
        fact("logs", LOGS, UnknownProcedure("404"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_lines": 0},
        {"log_lines": 10001},
        {"log_since": "yesterday"},
        {"log_since": "5m\n"},
        {"log_search": "a;b"},
        {"log_search": "x" * 501},
    ],
)
def test_invalid_log_options(wrong: dict[str, Any]) -> None:
    client: Any = ScriptedClient()
    with pytest.raises(OptionError, match=next(iter(wrong))):
        facts_of(["logs"], [ROW], client, **wrong)
    # They apply to the logs only.
    assert facts_of([], [ROW], client, **wrong) == [{}]


def test_monitoring() -> None:
    measured = {"cpu": [], "memory": [], "disk": [], "network": [], "block": []}
    of = {"appName": ROW["appName"]}
    assert fact("monitoring", of, measured) == measured
    assert fact("monitoring", of, None) is None
    cloud = PermissionDenied("no", server_message="Functionality not available in cloud version")
    assert fact("monitoring", of, cloud) is None
    with pytest.raises(PermissionDenied):
        fact("monitoring", of, PermissionDenied("no", server_message="unauthorized to access"))


def test_running_tasks() -> None:
    of = {"appName": ROW["appName"]}
    assert fact("running", of, []) == {"replicas_wanted": 1, "replicas_running": 0, "tasks": [], "commit": None}
    remote = {**ROW, "serverId": "srv"}
    assert fact("running", {**of, "serverId": "srv"}, [], remote)["tasks"] == []


def test_the_traefik_configuration() -> None:
    text = "http:\n  middlewares:\n    a:\n      basicAuth:\n        users:\n          - me:$2b$10$abcdefghijk\n"
    assert fact("traefik_config", OWN, text) == text.replace("$2b$10$abcdefghijk", "********")
    assert fact("traefik_config", OWN, text, include_secrets=True) == text
    assert fact("traefik_config", OWN, None) is None


def test_many_rows_take_one_request() -> None:
    other = {**ROW, "applicationId": "other", "appName": "other-app"}
    names = ["running", "traefik_config"]
    items = []
    for row in (ROW, other):
        items.append(("docker.getServiceContainersByAppName", {"appName": row["appName"]}, []))
        items.append(("application.readTraefikConfig", {"applicationId": row["applicationId"]}, row["appName"]))
    client: Any = ScriptedClient(batch(*items))
    found = facts_of(names, [ROW, other], client)
    assert [one["traefik_config"] for one in found] == [ROW["appName"], "other-app"]
    assert [one["running"]["tasks"] for one in found] == [[], []]


def test_live_facts_on_the_simulator(host: Host) -> None:
    made = host.sim.seed(project="shop", applications=1, name="web", deployed=True)
    row = host.read("application.one", applicationId=made["applicationIds"][0])
    client = host.api()
    try:
        (found,) = facts_of(list(APPLICATION.reading.includes[0]), [row], client)
    finally:
        client.close()
    assert isinstance(found["logs"], list)
    assert set(found["monitoring"]) == {"cpu", "memory", "disk", "network", "block"}
    assert found["running"]["replicas_wanted"] == 1
    assert len(found["running"]["tasks"]) == 1
    assert found["traefik_config"] is None


def test_another_error_is_raised() -> None:
    for name, input in (("running", {"appName": ROW["appName"]}), ("traefik_config", OWN)):
        with pytest.raises(DokployError):
            fact(name, input, ServerError("boom"))

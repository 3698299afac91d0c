# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the server: each is compared before it is written, and Traefik's container is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.maintenance import ACTIONS
from ansible_collections.community.dokploy.plugins.module_utils._resources.settings import OPERATION
from dokploy_simulator import Simulator
from tests.support.host import Host

DOMAIN = {
    "host": "dokploy.example.com",
    "https": True,
    "certificate_type": "letsencrypt",
    "letsencrypt_email": "ops@example.com",
}
PORT = {"target_port": 5432, "published_port": 15432}
# Option -> its value, another one, and the procedure that stores it.
EACH: dict[str, tuple[Any, Any, str]] = {
    "domain": (DOMAIN, {**DOMAIN, "https": False}, "settings.assignDomainServer"),
    "server_ip": ("192.0.2.1", "192.0.2.2", "settings.updateServerIp"),
    "log_cleanup": ("0 4 * * *", "", "settings.updateLogCleanup"),
    "docker_cleanup": (False, True, "settings.updateDockerCleanup"),
    "builds_concurrency": (3, 1, "settings.updateBuildsConcurrency"),
    "environment": ({"CF_TOKEN": "one"}, {"CF_TOKEN": "two", "B": "3"}, "settings.writeTraefikEnv"),
    "ports": ([PORT], [], "settings.updateTraefikPorts"),
    "dashboard": (True, False, "settings.toggleDashboard"),
    "config": ({"log": {"level": "INFO"}}, "log: {level: DEBUG}", "settings.updateTraefikConfig"),
    "middlewares": (
        {"http": {"middlewares": {"a": {"compress": {}}}}},
        {"http": {"middlewares": {"b": {"compress": {}}}}},
        "settings.updateMiddlewareTraefikConfig",
    ),
    "access_log": (True, False, "settings.toggleRequests"),
}
OUTSIDE = ("domain", "server_ip", "log_cleanup", "docker_cleanup", "builds_concurrency")


def stated(option: str, value: Any) -> dict[str, Any]:
    return {option: value} if option in OUTSIDE else {"traefik": {option: value}}


def at(settings: dict[str, Any], option: str) -> Any:
    return settings[option] if option in OUTSIDE else settings["traefik"].get(option)


@pytest.mark.parametrize("option", EACH)
def test_each_setting_is_compared_before_it_is_written(sim: Simulator, host: Host, option: str) -> None:
    one, two, procedure = EACH[option]
    for value in (one, two):
        host.new_task()
        sim.reset_stats()
        predicted = host.ok(OPERATION, check=True, **stated(option, value))
        assert predicted["changed"] and sim.calls("mutation") == []
        result = host.ok(OPERATION, **stated(option, value))
        assert result["changed"] and result["diff"] == predicted["diff"]
        assert sim.calls("mutation") == [procedure]
        host.new_task()
        again = host.ok(OPERATION, **stated(option, value))
        assert again["changed"] is False and sim.calls("mutation") == [procedure]
        assert at(again["settings"], option) == at(result["settings"], option)


def test_all_at_once(sim: Simulator, host: Host) -> None:
    traefik = {name: EACH[name][0] for name in ("environment", "ports", "config", "middlewares")}
    rest = {name: EACH[name][0] for name in OUTSIDE}
    assert host.ok(OPERATION, **rest, traefik=traefik)["changed"]
    host.new_task()
    result = host.ok(OPERATION, **rest, traefik=traefik)
    assert result["changed"] is False
    assert result["settings"]["domain"] == DOMAIN
    assert result["settings"]["traefik"]["ports"] == [{**PORT, "protocol": "tcp"}]


def test_nothing_stated_reads(sim: Simulator, host: Host) -> None:
    result = host.ok(OPERATION)
    assert result["changed"] is False and sim.calls() == ["settings.getWebServerSettings"]
    assert result["settings"]["docker_cleanup"] is True and result["settings"]["log_cleanup"] == "0 0 * * *"


def test_https_is_always_told(sim: Simulator, host: Host) -> None:
    """The server would switch it off."""
    host.ok(OPERATION, domain=DOMAIN)
    host.new_task()
    host.ok(OPERATION, domain={"certificate_type": "none"})
    row = sim.server.store.settings
    assert (row["https"], row["host"], row["letsEncryptEmail"]) == (True, "dokploy.example.com", "ops@example.com")
    host.new_task()
    assert host.ok(OPERATION, domain={"host": ""})["settings"]["domain"]["host"] == ""
    assert "dokploy" not in sim.server.store.traefik


def test_the_container_of_traefik_is_waited_for(sim: Simulator, host: Host) -> None:
    sim.config(traefik_restart_seconds=0.1)
    traefik = {"environment": {"A": "1"}, "ports": [PORT]}
    host.ok(OPERATION, traefik=traefik)
    store = sim.server.store
    assert store.traefik_environment == "A=1\nPATH=/bin" and len(store.traefik_ports) == 1


def test_published_ports_are_closed_before_others_join_them(sim: Simulator, host: Host) -> None:
    host.ok(OPERATION, traefik={"ports": [PORT]})
    sim.reset_stats()
    host.new_task()
    host.ok(OPERATION, traefik={"ports": [PORT, {"target_port": 53, "published_port": 53, "protocol": "udp"}]})
    assert sim.calls("mutation") == ["settings.updateTraefikPorts"] * 2
    assert len(sim.server.store.traefik_ports) == 2


def test_a_taken_port_is_an_error_of_the_server(sim: Simulator, host: Host) -> None:
    sim.config(host_ports=[15432])
    refused = host.failed(OPERATION, traefik={"ports": [PORT]})
    assert "Port 5432 is already in use" in refused["msg"] and refused["changed"] is False


def test_secrets_of_traefik_are_in_no_result(sim: Simulator, host: Host) -> None:
    hashed = "admin:$2y$05$abcdefghijklmnopqrstuv"
    users = {"http": {"middlewares": {"login": {"basicAuth": {"users": [hashed]}}}}}
    result = host.ok(OPERATION, traefik={"environment": {"CF_TOKEN": "s3cret-of-cf"}, "middlewares": users})
    assert "s3cret-of-cf" not in str(result) and "$2y$" not in str(result)
    assert result["diff"]["after"]["traefik"]["environment"] == {"CF_TOKEN": "(hidden)"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"domain": {"host": "https://x.example.com"}}, "domain.host: 'https://x.example.com' is not a host name"),
        ({"domain": {"certificate_type": "letsencrypt"}}, "domain.letsencrypt_email is needed"),
        ({"domain": {"letsencrypt_email": "ops"}}, "domain.letsencrypt_email: 'ops' is not an email address"),
        ({"log_cleanup": "often"}, "log_cleanup"),
        ({"builds_concurrency": 101}, "builds_concurrency is 101; it must be between 1 and 100"),
        ({"traefik": {"config": "junk: ["}}, "traefik.config: it is not valid YAML"),
        ({"traefik": {"middlewares": "text"}}, "traefik.middlewares: it must be a mapping"),
        ({"traefik": {"ports": [], "dashboard": True}}, "traefik.ports and traefik.dashboard are mutually exclusive"),
        ({"traefik": {"config": {}, "access_log": True}}, "traefik.config and traefik.access_log"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    sim: Simulator, host: Host, params: dict[str, Any], message: str
) -> None:
    refused = host.failed(OPERATION, **params)
    assert message in refused["msg"] and sim.calls("mutation") == []


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_done_and_says_what_it_removes(sim: Simulator, host: Host, name: str) -> None:
    predicted = host.ok(OPERATION, check=True, actions=[name])
    assert predicted["changed"] and sim.calls("mutation") == []
    result = host.ok(OPERATION, actions=[name])
    assert result["changed"] and sim.calls("mutation") == [ACTIONS[name].procedure]
    assert result["actions"] == [{"action": name, "effect": ACTIONS[name].effect}] == predicted["actions"]
    assert result["diff"]["after"]["actions"] == [ACTIONS[name].effect]


def test_a_restart_of_the_server_is_waited_for(sim: Simulator, host: Host) -> None:
    sim.hold("settings.reloadServer", act=[{"restart": True, "seconds": 0.2}])
    result = host.ok(OPERATION, actions=["reload_server"])
    assert result["changed"] and host.read("settings.getDokployVersion") == "v0.30.2"


def test_a_member_is_told_that_it_lacks_the_right(sim: Simulator, host: Host) -> None:
    sim.act(member="dev@example.com", key="k" * 64)
    host.connection["dokploy_api_key"] = "k" * 64
    refused = host.failed(OPERATION, server_ip="192.0.2.9")
    assert refused["error"]["kind"] == "permission" and refused["changed"] is False

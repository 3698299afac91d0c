# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote servers: their records, their validation and their set-up."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.server import (
    INFO_OPERATION,
    OPERATION,
)
from tests.support.builders import PRIVATE_KEY
from tests.support.host import Host, judged
from tests.support.whole_instance import WHOLE_INSTANCE

Result = dict[str, Any]
ADDRESS = "192.0.2.7:22"
FAR: dict[str, Any] = {"name": "far", "ip_address": "192.0.2.7", "ssh_key": "deploy"}
INSTALLED = ("docker", "rclone", "nixpacks", "buildpacks", "railpack")


@pytest.fixture
def keys(host: Host) -> Host:
    for name in ("deploy", "other"):
        pair = {"privateKey": PRIVATE_KEY.replace("x", name), "publicKey": "ssh-ed25519 A"}
        host.call("sshKey.create", name=name, organizationId="any", **pair)
    host.sim.reset_stats()
    return host


def run(host: Host, **params: Any) -> Result:
    host.new_task()
    host.sim.reset_stats()
    return host.ok(OPERATION, **params)


def refused(host: Host, **params: Any) -> str:
    """The message of an error after which nothing was written."""
    host.new_task()
    host.sim.reset_stats()
    result = host.failed(OPERATION, **params)
    assert not result["changed"] and host.sim.calls("mutation") == []
    return str(result["msg"])


# --- the record ------------------------------------------------------------------------------------------------------


def test_a_server_is_created_once_with_the_defaults_of_dokploy(keys: Host) -> None:
    foretold = run(keys, check=True, **FAR)
    created = run(keys, **FAR)
    assert created["changed"] and created["diff"] == foretold["diff"]
    shown = {
        "port": 22,
        "user": "root",
        "type": "deploy",
        "docker_cleanup": True,
        "builds_concurrency": 1,
        "in_use": False,
    }
    assert created["server"].items() >= {**FAR, **shown}.items()
    assert keys.sim.calls("mutation") == ["server.create"]
    assert not run(keys, **FAR)["changed"]
    assert keys.sim.calls() == ["server.all", "sshKey.allForApps"]


def test_what_no_creation_takes_follows_it(keys: Host) -> None:
    made = run(keys, **FAR, docker_cleanup=False, builds_concurrency=4, command="true")
    assert keys.sim.calls("mutation") == ["server.create", "server.update", "server.updateBuildsConcurrency"]
    assert (made["server"]["docker_cleanup"], made["server"]["builds_concurrency"]) == (False, 4)
    assert made["server"]["command"] == "true"


def test_an_update_sends_the_whole_record_and_leaves_the_cleanup_off(keys: Host) -> None:
    run(keys, **FAR, docker_cleanup=False, description="d", port=2222)
    assert run(keys, name="far", user="admin")["changed"]
    (row,) = keys.read("server.all")
    assert (row["username"], row["enableDockerCleanup"], row["description"], row["port"]) == ("admin", False, "d", 2222)
    assert run(keys, name="far", ssh_key="other", builds_concurrency=2)["server"]["docker_cleanup"] is False
    assert keys.sim.calls("mutation") == ["server.update", "server.updateBuildsConcurrency"]
    assert run(keys, name="far", builds_concurrency=3)["changed"]
    assert keys.sim.calls("mutation") == ["server.updateBuildsConcurrency"]


def test_an_update_keeps_that_there_is_no_description(keys: Host) -> None:
    foretold = run(keys, check=True, **FAR)["server"]
    assert foretold["description"] == run(keys, **FAR)["server"]["description"] == ""
    server = next(iter(keys.sim.server.store.servers))
    server["description"] = None
    run(keys, name="far", port=2222)
    assert (server["port"], server["description"]) == (2222, None)


def test_servers_are_listed(keys: Host) -> None:
    run(keys, **FAR)
    run(keys, **{**FAR, "name": "builder", "type": "build"})
    assert [(one["name"], one["type"]) for one in keys.ok(INFO_OPERATION)["servers"]] == [
        ("builder", "build"),
        ("far", "deploy"),
    ]
    (one,) = keys.ok(INFO_OPERATION, name="far")["servers"]
    assert keys.ok(INFO_OPERATION, server_id=one["server_id"])["servers"] == [one]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"ip_address": "https://a.example.com"}, "ip_address: 'https://a.example.com' is not an IP address or a host"),
        ({"ip_address": "a.example.com:22"}, "ip_address: 'a.example.com:22' is not an IP address or a host name"),
        ({"ip_address": "192.0.2.300"}, "ip_address: '192.0.2.300' is not an IP address"),
        ({"ip_address": "two words"}, "ip_address: 'two words' is not an IP address"),
        ({"port": 0}, "port is 0; it must be between 1 and 65535"),
        ({"builds_concurrency": 101}, "builds_concurrency is 101; it must be between 1 and 100"),
        ({"user": "two words"}, "user: 'two words' is not the name of a user"),
        ({"ssh_key": "deply"}, "ssh_key: no SSH key is named 'deply'. Did you mean: 'deploy'?"),
    ],
)
def test_what_cannot_be_right_is_refused(keys: Host, params: Result, message: str) -> None:
    assert message in refused(keys, **{**FAR, **params})


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "build-1.example.com", "localhost"])
def test_addresses(keys: Host, address: str) -> None:
    assert run(keys, **{**FAR, "ip_address": address})["server"]["ip_address"] == address


def test_a_server_needs_a_key(keys: Host) -> None:
    assert "ssh_key is needed to create a server" in refused(keys, name="far", ip_address="192.0.2.7")
    run(keys, **FAR)
    assert "ssh_key must not be empty" in refused(keys, name="far", ssh_key="")
    # Dokploy takes a removed key from the servers that used it.
    key = next(row for row in keys.read("sshKey.all") if row["name"] == "deploy")
    keys.call("sshKey.remove", sshKeyId=key["sshKeyId"])
    (warning,) = run(keys, name="far", description="d")["warnings"]
    assert warning.startswith("server 'far' has no SSH key, so that Dokploy uses its own Docker")
    assert "warnings" not in run(keys, name="far", ssh_key="other")


def test_older_releases_have_less_of_it(keys: Host) -> None:
    keys.sim.config(version="0.25.0")
    assert run(keys, **FAR)["server"]["type"] is None
    for option, value in (("type", "build"), ("docker_cleanup", True), ("builds_concurrency", 2)):
        assert f"{option} needs Dokploy 0.2" in refused(keys, name="far", **{option: value})
    assert "state=setup needs Dokploy 0.28.0 or newer" in refused(keys, name="far", state="setup")


# --- removal ---------------------------------------------------------------------------------------------------------


def test_a_server_is_removed_once(keys: Host) -> None:
    run(keys, **FAR)
    assert run(keys, name="far", state="absent", check=True)["changed"]
    assert run(keys, name="far", state="absent")["changed"] and keys.read("server.all") == []
    assert not run(keys, name="far", state="absent")["changed"]


ON_IT = "; Dokploy removes no server with services on it"


def test_a_server_with_services_stays(keys: Host) -> None:
    server = run(keys, **FAR)["server"]["server_id"]
    home = keys.sim.seed(project="shop", applications=1, name="elsewhere")["environmentId"]
    keys.call("application.create", name="web", environmentId=home, serverId=server)
    keys.call("redis.create", name="cache", environmentId=home, serverId=server, databasePassword="p")
    message = refused(keys, name="far", state="absent", force=True)
    assert message.startswith("server 'far' is used by application 'web', redis 'cache'" + ON_IT)


def test_services_that_the_key_does_not_show_are_told(keys: Host) -> None:
    server = run(keys, **FAR)["server"]["server_id"]
    home = keys.sim.seed(project="shop")["environmentId"]
    keys.call("application.create", name="web", environmentId=home, serverId=server)
    data = {"code": "UNAUTHORIZED", "httpStatus": 401, "path": "application.one"}
    hidden = {"error": {"json": {"message": "You don't have access to this application", "code": -32001, "data": data}}}
    keys.sim.fault(kind="status", procedure="application.one", status=401, body=[hidden])
    message = refused(keys, name="far", state="absent")
    assert message.startswith("server 'far' is used by services that the API key does not show" + ON_IT)


def test_a_build_server_that_is_used_is_removed_by_force(keys: Host) -> None:
    server = run(keys, **{**FAR, "name": "builder", "type": "build"})["server"]["server_id"]
    made = keys.sim.seed(project="shop", applications=1, name="web")
    keys.call("application.update", applicationId=made["applicationIds"][0], buildServerId=server)
    message = "server 'builder' builds application 'web'; Dokploy would build them where they run"
    assert message in refused(keys, name="builder", state="absent")
    assert run(keys, name="builder", state="absent", force=True)["changed"]


# --- validation ------------------------------------------------------------------------------------------------------


def ready(host: Host, address: str = ADDRESS, **state: Any) -> None:
    """Let Dokploy find everything on the server but what is stated."""
    tool = {"version": "1.2.3", "enabled": True}
    flags = ("isDokployNetworkInstalled", "isSwarmInstalled", "isMainDirectoryInstalled")
    found = {**dict.fromkeys(INSTALLED, tool), **dict.fromkeys(flags, True), **state}
    host.sim.config(ssh_host_states={address: found})


MISSING = {"version": "0.0.0", "enabled": False}


def test_a_server_that_has_everything_is_valid(keys: Host) -> None:
    ready(keys)
    assert run(keys, **FAR, state="validated")["changed"]
    found = run(keys, name="far", state="validated")
    assert not found["changed"] and keys.sim.calls() == ["server.all", "server.validate"]
    assert found["validation"] == {
        **dict.fromkeys(INSTALLED, "1.2.3"),
        **dict.fromkeys(("swarm", "network", "main_directory"), True),
        "docker_group": False,
        "privileges": "root",
        "missing": [],
    }


def test_what_is_missing_is_named(keys: Host) -> None:
    ready(keys, rclone=MISSING, isSwarmInstalled=False, railpack=MISSING)
    run(keys, **FAR)
    failed = keys.failed(OPERATION, name="far", state="validated")
    assert failed["msg"].startswith(
        "server 'far' is not ready: rclone, Railpack, Docker Swarm are missing. Install them with state=setup"
    )
    assert failed["validation"]["missing"] == ["rclone", "railpack", "swarm"] and failed["error"]["kind"] == "refused"
    assert failed["validation"]["rclone"] is None and failed["validation"]["docker"] == "1.2.3"
    # What is not needed may be missing.
    some = run(keys, name="far", state="validated", required_components=["docker", "network"])
    assert some["validation"]["missing"] == []
    assert (
        "railpack"
        in keys.failed(OPERATION, name="far", state="validated", required_components=["railpack"])["msg"].lower()
    )
    # A build server runs no services.
    run(keys, name="far", type="build")
    assert keys.failed(OPERATION, name="far", state="validated")["validation"]["missing"] == ["railpack"]


@pytest.mark.parametrize(
    ("mode", "member", "missing"),
    [
        ("root", False, []),
        ("sudo", True, []),
        ("sudo", False, ["docker_group"]),
        ("none", True, ["privileges"]),
        ("none", False, ["docker_group", "privileges"]),
        (None, None, []),
    ],
)
def test_a_user_other_than_root_needs_sudo_and_the_group(
    keys: Host, mode: str | None, member: bool | None, missing: list[str]
) -> None:
    ready(keys, privilegeMode=mode, dockerGroupMember=member)
    run(keys, **FAR)
    result = keys.run(OPERATION, name="far", state="validated")
    assert bool(result.get("failed")) == bool(missing) and result["validation"]["missing"] == missing


def test_a_server_that_is_out_of_reach(keys: Host) -> None:
    run(keys, **FAR)
    keys.sim.config(ssh_hosts={ADDRESS: []})
    for state in ("validated", "setup"):
        message = refused(keys, name="far", state=state)
        assert message.startswith(
            "server 'far': Dokploy cannot connect to it: SSH connection error: connect ECONNREFUSED"
        )
        assert message.endswith("Check ip_address, port, user and ssh_key.")
    keys.sim.config(ssh_hosts={ADDRESS: ["another key"]})
    assert "Authentication failed" in refused(keys, name="far", state="validated")


def test_check_mode_validates_what_does_not_change(keys: Host) -> None:
    ready(keys)
    foretold = run(keys, check=True, **FAR, state="validated")
    assert foretold["changed"] and foretold["validation"] is None
    run(keys, **FAR)
    assert run(keys, check=True, name="far", state="validated")["validation"]["docker"] == "1.2.3"
    moved = run(keys, check=True, name="far", ip_address="192.0.2.8", state="validated")
    assert moved["changed"] and moved["validation"] is None


# --- set-up ----------------------------------------------------------------------------------------------------------


def test_a_server_is_set_up_once(keys: Host) -> None:
    foretold = run(keys, check=True, **FAR, state="setup")
    assert foretold["changed"] and foretold["set_up"] and keys.read("server.all") == []
    lines: list[str] = []
    keys.line = lines.append
    keys.sim.config(setup_log=["Running as root\n", "\x1b[32m9. Installing Railpack\x1b[0m\n"])
    result = run(keys, **FAR, state="setup", follow=True)
    assert result["changed"] and result["set_up"] and result["validation"]["missing"] == []
    assert result["log"] == [
        "Installing Server Dependencies: ✅",
        "Running as root",
        "9. Installing Railpack",
        "Setup Server: ✅",
    ]
    assert lines == [f"server 'far' | {line}" for line in result["log"]]
    assert result["diff"]["after"]["setup"] == "(a new one)" == foretold["diff"]["after"]["setup"]
    again = run(keys, **FAR, state="setup")
    assert not again["changed"] and not again["set_up"] and again["log"] == []
    assert "server.setupWithLogs" not in keys.sim.calls()


def test_check_mode_does_not_set_up(keys: Host) -> None:
    run(keys, **FAR)
    foretold = run(keys, check=True, name="far", state="setup")
    assert foretold["changed"] and foretold["set_up"] and foretold["validation"] is None
    assert keys.sim.calls("mutation") == [] and "server.setupWithLogs" not in keys.sim.calls()


def test_another_script_is_run(keys: Host) -> None:
    ready(keys)
    run(keys, **FAR)
    assert not run(keys, name="far", state="setup")["set_up"]
    assert run(keys, name="far", state="setup", command="true")["set_up"]
    assert not run(keys, name="far", state="setup", command="true")["set_up"]


def test_a_script_that_fails_is_noticed_although_the_server_answers_success(keys: Host) -> None:
    keys.sim.config(setup_log=["E: no such package\n"], setup_fails=True)
    run(keys, **FAR)
    failed = keys.failed(OPERATION, name="far", state="setup", log_lines=2)
    assert failed["changed"] and failed["error"]["kind"] == "deployment"
    assert failed["msg"].startswith("server 'far': the set-up ended, but Docker, rclone, Nixpacks")
    assert failed["msg"].endswith("The end of its log:\nE: no such package\nSetup Server: ✅")
    assert failed["log"] == ["E: no such package", "Setup Server: ✅"] and "docker" in failed["validation"]["missing"]


def test_a_connection_that_breaks_does_not_end_the_setup(keys: Host) -> None:
    run(keys, **FAR)
    keys.sim.fault(kind="cut_body", procedure="server.setupWithLogs", lines=1)
    result = run(keys, name="far", state="setup")
    assert result["changed"] and result["validation"]["missing"] == []
    assert any("the set-up continues" in line for line in keys.progress)


def test_a_server_that_is_lost_between_validation_and_setup(keys: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    run(keys, **FAR)
    subscribe = Client.subscribe

    def lost(*args: Any, **more: Any) -> Any:
        keys.sim.config(ssh_hosts={ADDRESS: []})
        return subscribe(*args, **more)

    monkeypatch.setattr(Client, "subscribe", lost)
    failed = keys.failed(OPERATION, name="far", state="setup")
    assert failed["msg"].startswith("server 'far': the set-up failed\nThe end of its log:\n")
    assert failed["log"][-1].startswith("Error: SSH connection error: connect ECONNREFUSED 192.0.2.7:22")
    assert failed["error"]["kind"] == "deployment" and failed["changed"]


def test_several_servers_are_set_up_side_by_side(keys: Host) -> None:
    keys.sim.config(setup_seconds=1)
    addresses = {"far": "192.0.2.7", "near": "192.0.2.8"}
    items = [
        ("server", {**FAR, "name": name, "ip_address": address, "state": "setup"})
        for name, address in addresses.items()
    ]
    results = keys.ok(WHOLE_INSTANCE, items=items)["results"]
    assert [results[f"server {name} setup"]["validation"]["missing"] for name in addresses] == [[], []]
    # After a look at what there was of each, the second one begins before the end of the first one is looked for.
    calls = [name for name in keys.sim.calls() if name in ("server.setupWithLogs", "deployment.allByServer")]
    assert calls.count("server.setupWithLogs") == calls[:4].count("server.setupWithLogs") == 2
    assert all(results[f"server {name} setup"]["log"][-1] == "Setup Server: ✅" for name in addresses)


def test_a_setup_that_takes_too_long(keys: Host) -> None:
    run(keys, **FAR)
    keys.sim.config(setup_seconds=3600)
    failed = keys.failed(OPERATION, name="far", state="setup", wait_timeout=0.3)
    assert failed["error"]["kind"] == "timeout" and failed["changed"]


@pytest.mark.parametrize(("lines", "message"), [(0, "log_lines is 0; it must be 1 to 10000")])
def test_options_of_the_setup(keys: Host, lines: int, message: str) -> None:
    assert message in refused(keys, **FAR, state="setup", log_lines=lines)


def test_a_component_that_there_is_not() -> None:
    params = {"dokploy_url": "http://a", "dokploy_api_key": "k", "name": "far", "required_components": ["git"]}
    assert "required_components must be one or more of" in str(judged(OPERATION, params))


# --- what is on it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["0.27.1", "0.30.2", "0.30.5"])
def test_what_is_on_a_server_is_the_same_on_each_release(keys: Host, version: str) -> None:
    keys.sim.config(version=version)
    far = run(keys, **FAR)["server"]["server_id"]
    run(keys, **{**FAR, "name": "near"})
    made = keys.sim.seed(project="shop", applications=2, fields={"serverId": far})
    environment = made["environmentId"]
    login = {"databaseName": "d", "databaseUser": "u", "databasePassword": "password-of-database"}
    keys.call("postgres.create", name="db", environmentId=environment, serverId=far, **login)
    keys.call("redis.create", name="cache", environmentId=environment, databasePassword="password-of-database")
    keys.new_task()
    keys.sim.reset_stats()
    shown, near = keys.ok(INFO_OPERATION, include=["service_list"])["servers"]
    queries = {"server.all", "settings.getDokployVersion", "server.getServices"}
    assert (set(keys.sim.calls()) == queries) == (version == "0.30.5")
    assert near["service_list"] == [] and not near["in_use"] and shown["in_use"]
    place = {"project": "shop", "environment": "production", "environment_id": environment}
    assert [(one.pop("type"), one.pop("name"), bool(one.pop("id"))) for one in shown["service_list"]] == [
        ("application", "app-000", True),
        ("application", "app-001", True),
        ("postgres", "db", True),
    ]
    assert all(one == place for one in shown["service_list"])
    keys.new_task()
    keys.sim.reset_stats()
    assert "service_list" not in keys.ok(INFO_OPERATION)["servers"][0] and keys.sim.calls() == ["server.all"]

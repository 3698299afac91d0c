# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries, keys, certificates, tags, networks and servers: what surprises a client."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nkey\n-----END OPENSSH PRIVATE KEY-----\n"
REGISTRY = {"registryName": "r", "username": " u ", "registryType": "cloud", "imagePrefix": None}
REGISTRY |= {"registryUrl": "registry.example.com"}


def ssh_key(api: Api, key: str = KEY) -> str:
    api.post("sshKey.create", name="k", privateKey=key, publicKey="ssh-ed25519 AAAA k", organizationId="")
    return str(api.get("sshKey.all").json()[0]["sshKeyId"])


def server(api: Api, key: str | None, **columns: Any) -> str:
    values = {"name": "far", "description": None, "ipAddress": "192.0.2.9", "port": 22, "username": "root"}
    values |= {"serverType": "deploy", "enableDockerCleanup": False, **columns}
    return str(api.post("server.create", sshKeyId=key, **values).json()["serverId"])


def test_a_refused_update_of_a_registry_is_stored(api: Api) -> None:
    api.sim.config(registry_logins={"registry.example.com": {"u": "good"}})
    assert api.post("registry.create", password="bad", **REGISTRY).status_code == 400
    assert api.get("registry.all").json() == []
    made = api.post("registry.create", password="good", **REGISTRY).json()
    assert made["username"] == "u"
    refused = api.post("registry.update", registryId=made["registryId"], password="bad")
    assert refused.status_code == 400 and "bad" not in refused.text
    assert api.get("registry.all").json()[0]["password"] == "bad"
    assert api.post("registry.update", registryId=made["registryId"], registryName="new").status_code == 400
    assert api.get("registry.one", registryId=made["registryId"]).json()["registryName"] == "new"
    assert api.post("registry.testRegistryById", registryId=made["registryId"]).status_code == 400


@pytest.mark.parametrize("url", ["https://registry.example.com", "registry.example.com/team"])
def test_a_registry_is_a_host_and_a_port(api: Api, url: str) -> None:
    answer = api.post("registry.create", password="p", **{**REGISTRY, "registryUrl": url})
    assert answer.json()["issues"][0]["path"] == ["registryUrl"]


def test_a_removed_key_leaves_its_server_without_one(api: Api) -> None:
    key = ssh_key(api)
    far = server(api, key)
    assert api.get("server.one", serverId=far).json()["sshKey"]["privateKey"] == ""
    api.post("network.create", name="there", serverId=far)
    assert api.get("network.networksToSync").json()["importable"] == []
    api.post("sshKey.remove", sshKeyId=key)
    assert api.get("server.one", serverId=far).json()["sshKeyId"] is None
    api.post("network.create", name="here", serverId=far)
    assert [row["name"] for row in api.get("network.networksToSync").json()["importable"]] == ["here"]


def test_a_setup_that_fails_looks_like_one_that_does_not(api: Api) -> None:
    far = server(api, ssh_key(api))
    api.sim.config(setup_fails=True)
    for ready in (False, True):
        assert api.post("server.setup", serverId=far).text == ""
        assert api.get("deployment.allByServer", serverId=far).json()[0]["status"] == "done"
        assert api.get("server.validate", serverId=far).json()["docker"]["enabled"] is ready
        api.sim.config(setup_fails=False)


def test_a_setup_over_a_stream(api: Api) -> None:
    far = server(api, ssh_key(api))
    url = f'{api.sim.url}/api/trpc/server.setupWithLogs?input={{"json":{{"serverId":"{far}"}}}}'
    text = ""
    with requests.get(url, headers={"x-api-key": api.sim.key}, stream=True, timeout=30) as response:
        for part in response.iter_content(None):
            text += part.decode()
            if "Setup Server: ✅" in text:
                break
    assert "Running as root" in text and "event: return" not in text


@pytest.mark.parametrize(
    ("keys", "words"), [([], "ECONNREFUSED 192.0.2.9:22"), (["another"], "Invalid SSH private key")]
)
def test_an_unreachable_server(api: Api, keys: list[str], words: str) -> None:
    far = server(api, ssh_key(api))
    api.sim.config(ssh_hosts={"192.0.2.9:22": keys})
    assert words in api.get("server.validate", serverId=far).json()["message"]
    assert api.post("server.setup", serverId=far).status_code == 200
    assert api.get("deployment.allByServer", serverId=far).json()[0]["status"] == "error"
    schedule = {"name": "s", "cronExpression": "0 3 * * *", "command": "", "scheduleType": "server", "serverId": far}
    assert api.post("schedule.create", **schedule).status_code == 500
    assert [row["name"] for row in api.get("schedule.list", id=far, scheduleType="server").json()] == ["s"]


def test_an_absent_cleanup_is_switched_on(api: Api) -> None:
    far = server(api, None)
    values = {"name": "far", "description": None, "ipAddress": "192.0.2.9", "port": 22, "username": "root"}
    assert api.post("server.update", serverId=far, sshKeyId=None, serverType="deploy", **values).status_code == 200
    assert api.get("server.one", serverId=far).json()["enableDockerCleanup"] is True


def test_tags_of_a_project_are_lost_when_one_comes_twice(api: Api) -> None:
    project = api.post("project.create", name="shop").json()["project"]["projectId"]
    one, two = (api.post("tag.create", name=name).json()["tagId"] for name in ("b", "a"))
    assert api.post("tag.create", name="a").status_code == 400
    assert [tag["name"] for tag in api.get("tag.all").json()] == ["a", "b"]
    api.post("tag.bulkAssign", projectId=project, tagIds=[one, two])
    assert [row["tag"]["name"] for row in api.get("project.one", projectId=project).json()["projectTags"]] == ["b", "a"]
    assert api.post("tag.bulkAssign", projectId=project, tagIds=["nope"]).status_code == 404
    assert len(api.get("project.one", projectId=project).json()["projectTags"]) == 2
    assert api.post("tag.bulkAssign", projectId=project, tagIds=[one, one]).status_code == 400
    assert api.get("project.one", projectId=project).json()["projectTags"] == []


def test_a_second_certificate_with_an_id_shows_the_key(api: Api) -> None:
    values = {"name": "c", "certificateData": "data", "privateKey": "secret-key", "organizationId": ""}
    api.post("certificates.create", certificateId="mine", **values)
    answer = api.post("certificates.create", certificateId="mine", **values)
    assert answer.status_code == 500 and "secret-key" in answer.json()["message"]


def test_a_blank_in_the_name_of_a_network_hangs(api: Api) -> None:
    network = api.post("network.create", name="net br").json()["networkId"]
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{api.sim.url}/api/network.remove",
            json={"networkId": network},
            headers={"x-api-key": api.sim.key},
            timeout=0.3,
        )


def test_docker_refuses_networks(api: Api) -> None:
    subnet = {"config": [{"subnet": "10.9.0.0/24"}]}
    made = api.post("network.create", name="one", ipam=subnet).json()["networkId"]
    assert "Pool overlaps" in api.post("network.create", name="two", ipam=subnet).json()["message"]
    junk = {"config": [{"subnet": "junk"}]}
    assert "invalid CIDR" in api.post("network.create", name="two", ipam=junk).json()["message"]
    api.sim.act(network="one", attached=True)
    assert "active endpoints" in api.post("network.remove", networkId=made).json()["message"]
    api.sim.act(network="one", attached=False)
    assert api.post("network.remove", networkId=made).status_code == 200

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for registries, keys and the like: they return every documented value."""

from __future__ import annotations

from typing import Any

from tests.support.builders import PRIVATE_KEY, SERVER
from tests.support.certificates import CERTIFICATES, EXPIRED, KEYS, OTHER_KEY
from tests.support.scenarios.recorder import ResultRecorder, fail_requests
from tests.support.ssh_keys import openssh_key

GITHUB: dict[str, Any] = {
    "name": "github",
    "url": "ghcr.io",
    "username": "acme-bot",
    "password": "password of the bot",
    "image_prefix": "acme",
}


NOWHERE = {"organizationId": ""}
DEPLOY: dict[str, Any] = {"name": "deploy", "description": "of the shop", "private_key": openssh_key("deploy")}


OWN: dict[str, Any] = {"name": "shop", "certificate": CERTIFICATES[0], "private_key": KEYS[0]}


def run_registry(run: ResultRecorder) -> None:
    module = "dokploy_registry"
    for check in (True, False, False):
        run(module, check=check, **GITHUB, test_connection=True)
    run(module, name="github", url="missing.example.com", fails=True)
    run(module, **GITHUB)
    for _unused in range(2):
        run.sim.act(registry="twin")
    run.host.new_task()
    run(module, name="twin", username="u", fails=True)
    run.sim.config(drop_fields={"registry.update": ["imagePrefix"]})
    run(module, name="github", image_prefix="other", fails=True)
    for _again in range(2):
        run(module, name="github", state="absent")
    fail_requests(run, module, **GITHUB)


def run_ssh_key(run: ResultRecorder) -> None:
    module = "dokploy_ssh_key"
    for check in (True, False, False):
        run(module, check=check, **DEPLOY, include_secrets=not check)
    run(module, **{**DEPLOY, "private_key": openssh_key("other")}, replace=True)
    run(module, name="deploy", state="rotated")
    run(module, check=True, name="generated", generate="rsa")
    for _unused in range(2):
        run.host.call("sshKey.create", name="twin", privateKey=DEPLOY["private_key"], publicKey="ssh-rsa A", **NOWHERE)
    run.host.new_task()
    run(module, name="twin", description="d", fails=True)
    run.sim.config(drop_fields={"sshKey.update": ["description"]})
    run(module, name="deploy", description="other", fails=True)
    for _again in range(2):
        run(module, name="deploy", state="absent")
    fail_requests(run, module, **DEPLOY)


FAR: dict[str, Any] = {
    "name": "far",
    "ip_address": "192.0.2.7",
    "ssh_key": "deploy",
    "description": "d",
    "command": "true",
    "builds_concurrency": 2,
}


def run_server(run: ResultRecorder) -> None:
    module = "dokploy_server"
    create_key(run)
    for check in (True, False, False):
        run(module, check=check, **FAR)
    run(module, name="far", state="validated", fails=True)
    for _again in range(2):
        run(module, name="far", state="setup")
    run(module, name="far", state="validated")
    run.sim.config(setup_fails=True)
    run(module, **{**FAR, "name": "broken", "ip_address": "192.0.2.8"}, state="setup", fails=True)
    for _unused in range(2):
        run.host.call("server.create", **SERVER, name="twin", serverType="deploy", sshKeyId=None)
    run.host.new_task()
    run(module, name="twin", port=23, fails=True)
    run.sim.config(drop_fields={"server.update": ["description"]})
    run(module, name="far", description="other", fails=True)
    for _again in range(2):
        run(module, name="far", state="absent")
    fail_requests(run, module, **FAR)


def run_server_info(run: ResultRecorder) -> None:
    create_key(run)
    run("dokploy_server", **FAR)
    (server,) = run.host.read("server.all")
    run.sim.seed(project="shop", applications=1, fields={"serverId": server["serverId"]})
    run.host.new_task()
    run("dokploy_server_info", include=["service_list"])
    fail_requests(run, "dokploy_server_info")


def create_key(run: ResultRecorder) -> None:
    pair = {"privateKey": PRIVATE_KEY, "publicKey": "ssh-ed25519 A"}
    run.host.call("sshKey.create", name="deploy", organizationId="any", **pair)


def run_certificate(run: ResultRecorder) -> None:
    module = "dokploy_certificate"
    run.sim.act(server="worker-1")
    for check in (True, False, False):
        run(module, check=check, **OWN, server="worker-1")
    run(module, name="shop", certificate=EXPIRED)
    run(module, name="shop", private_key=OTHER_KEY, fails=True)
    for _unused in range(2):
        run.host.call("certificates.create", name="twin", certificateData="x", privateKey="x", organizationId="")
    run.host.new_task()
    run(module, name="twin", **{key: OWN[key] for key in ("certificate", "private_key")}, fails=True)
    run.sim.config(drop_fields={"certificates.update": ["certificateData"]})
    run(module, name="shop", certificate=CERTIFICATES[1], fails=True)
    for _again in range(2):
        run(module, name="shop", state="absent")
    fail_requests(run, module, **OWN)


def run_network(run: ResultRecorder) -> None:
    module = "dokploy_network"
    subnet = {"subnet": "10.20.0.0/24", "gateway": "10.20.0.1", "ip_range": "10.20.0.128/25"}
    front = {"name": "front", "driver": "overlay", "mtu": 1400, "ipam": {"config": [subnet]}}
    for check in (True, False, False):
        run(module, check=check, **front)
    run(module, name="front", mtu=1500, fails=True)
    run(module, name="front", mtu=1500, replace=True)
    run.sim.config(drop_fields={"network.create": ["driver"]})
    run(module, name="back", driver="overlay", fails=True)
    for _again in range(2):
        run(module, name="front", state="absent")
    fail_requests(run, module, **front)


def run_network_info(run: ResultRecorder) -> None:
    create_key(run)
    run.host.call(
        "server.create", **SERVER, name="far", serverType="deploy", sshKeyId=run.host.read("sshKey.all")[0]["sshKeyId"]
    )
    subnet = {"subnet": "10.20.0.0/24", "gateway": "10.20.0.1", "ip_range": "10.20.0.128/25"}
    run("dokploy_network", name="front", server="far", mtu=1400, ipam={"driver": "default", "config": [subnet]})
    run("dokploy_network_info")
    fail_requests(run, "dokploy_network_info")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks: what Docker refuses, their replacement, and what uses them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.network import (
    INFO_OPERATION,
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from dokploy_simulator import Simulator
from tests.support.builders import PRIVATE_KEY
from tests.support.host import Host

FRONT: dict[str, Any] = {
    "name": "front",
    "driver": "overlay",
    "ipv4": False,
    "ipv6": True,
    "ipam": {"config": [{"subnet": "10.20.0.0/24", "gateway": "10.20.0.1"}]},
}
STACK = "services:\n  web:\n    image: nginx\n"


def use(host: Host) -> dict[str, str]:
    """An application, a database and a stack in the network."""
    host.ok(PROJECT, name="shop")
    stack = {"raw": {"content": STACK}, "service_networks": [{"service": "web", "networks": ["front"]}]}
    made = {
        "application": host.ok(APPLICATION, project="shop", name="web", networks=["front"]),
        "database": host.ok(DATABASE, project="shop", name="db", type="redis", networks=["front"]),
        "compose": host.ok(COMPOSE, project="shop", name="blog", **stack),
    }
    host.new_task()
    return {kind: one[kind][f"{kind}_id"] for kind, one in made.items()}


def used(host: Host, ids: dict[str, str]) -> list[Any]:
    (entry,) = host.read("compose.one", composeId=ids["compose"])["serviceNetworks"]
    return [
        host.read("application.one", applicationId=ids["application"])["networkIds"],
        host.read("redis.one", redisId=ids["database"])["networkIds"],
        entry["networkIds"],
    ]


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **FRONT)
    assert predicted["changed"] and host.read("network.all") == []
    made = host.ok(OPERATION, **FRONT)
    (row,) = host.read("network.all")
    assert made["diff"] == predicted["diff"]
    assert made["network"]["network_id"] == row["networkId"] and made["network"]["ipv4"] is False
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(OPERATION, **FRONT)["changed"] and host.sim.calls("mutation") == []
    (shown,) = host.ok(INFO_OPERATION)["networks"]
    assert shown.items() >= made["network"].items() and shown["server"] is None
    assert host.ok(OPERATION, name="front", state="absent")["changed"] and host.read("network.all") == []
    assert not host.ok(OPERATION, name="front", state="absent")["changed"]


def test_the_driver_of_addresses_is_the_default_one(host: Host) -> None:
    """An imported network has it in its row."""
    host.sim.act(network="ext", driver="bridge", subnet="10.21.0.0/24")
    host.call("network.import", names=["ext"])
    assert not host.ok(OPERATION, name="ext", ipam={"config": [{"subnet": "10.21.0.0/24"}]})["changed"]


def test_it_is_replaced_where_it_is_used(host: Host) -> None:
    old = host.ok(OPERATION, **FRONT)["network"]["network_id"]
    ids = use(host)
    failed = host.failed(OPERATION, name="front", mtu=1400)
    assert failed["msg"].startswith("mtu cannot be changed on an existing network")
    predicted = host.ok(OPERATION, check=True, name="front", mtu=1400, replace=True)
    assert used(host, ids) == [[old]] * 3
    host.new_task()
    result = host.ok(OPERATION, name="front", mtu=1400, replace=True)
    assert result["diff"] == predicted["diff"] and result["diff"]["after"] == {"mtu": 1400}
    (row,) = host.read("network.all")
    assert used(host, ids) == [[row["networkId"]]] * 3 and row["networkId"] != old
    # The rest is as it was, also what is false.
    assert (row["mtu"], row["enableIPv4"], row["enableIPv6"]) == (1400, False, True)
    assert row["ipam"]["config"] == [{"subnet": "10.20.0.0/24", "gateway": "10.20.0.1"}]


@pytest.mark.parametrize("took", [False, True])
@pytest.mark.parametrize("procedure", ["network.remove", "network.create", "compose.update"])
def test_a_replacement_gets_over_a_lost_answer(host: Host, procedure: str, took: bool) -> None:
    """Without the old one, another attempt would not know what referred to it."""
    old = host.ok(OPERATION, **FRONT)["network"]["network_id"]
    ids = use(host)
    host.connection["max_retries"] = 1
    host.sim.fault("html", procedure, status=502, times=1, after=took)
    result = host.ok(OPERATION, name="front", mtu=1400, replace=True)
    (row,) = host.read("network.all")
    assert result["changed"] and result["network"]["network_id"] == row["networkId"] != old
    assert used(host, ids) == [[row["networkId"]]] * 3 and row["mtu"] == 1400


def test_one_whose_replacement_docker_refuses_is_as_before(host: Host) -> None:
    host.sim.act(network="ext", driver="bridge", subnet="10.21.0.0/24")
    old = host.ok(OPERATION, **FRONT)["network"]["network_id"]
    ids = use(host)
    changes = {"ipam": {"config": [{"subnet": "10.21.0.0/16"}]}, "replace": True}
    failed = host.failed(OPERATION, name="front", **changes)
    assert "Pool overlaps" in failed["msg"] and failed["changed"]
    assert failed["msg"].endswith("The old one was created again as it was, with another ID.")
    (row,) = host.read("network.all")
    assert used(host, ids) == [[row["networkId"]]] * 3 and row["networkId"] != old
    assert row["ipam"]["config"] == [{"subnet": "10.20.0.0/24", "gateway": "10.20.0.1"}]
    host.new_task()
    assert not host.ok(OPERATION, **FRONT)["changed"]


def test_one_that_docker_has_already_can_be_imported(host: Host) -> None:
    host.sim.act(network="front", driver="bridge", subnet="10.21.0.0/24")
    assert "import it in the web interface, or choose another name" in host.failed(OPERATION, **FRONT)["msg"]


def test_a_network_with_a_container_in_it_stays(host: Host) -> None:
    host.ok(OPERATION, **FRONT)
    host.sim.act(network="front", attached=True)
    failed = host.failed(OPERATION, name="front", mtu=1400, replace=True)
    assert "active endpoints" in failed["msg"] and not failed["changed"]
    assert host.read("network.all")[0]["mtu"] is None


def test_what_uses_it_is_named_unless_forced(host: Host) -> None:
    host.ok(OPERATION, **FRONT)
    use(host)
    failed = host.failed(OPERATION, name="front", state="absent")
    assert "network 'front' is used by application 'web', compose 'blog', redis 'db'; Dokploy" in failed["msg"]
    assert host.ok(OPERATION, name="front", state="absent", force=True)["changed"] and host.read("network.all") == []


def test_a_server_without_a_key_is_another_host(host: Host) -> None:
    host.sim.act(server="keyless")
    failed = host.failed(OPERATION, **FRONT, server="keyless")
    assert failed["msg"].startswith("server: 'keyless' has no SSH key, so that Dokploy would create the network on its")
    key = host.call("sshKey.create", name="k", privateKey=PRIVATE_KEY, publicKey="ssh-rsa A", organizationId="")
    assert key is None
    host.sim.act(server="far", sshKeyId=host.read("sshKey.all")[0]["sshKeyId"])
    host.new_task()
    assert host.ok(OPERATION, **FRONT, server="far")["changed"] and host.read("network.all") == []
    assert [one["server"] for one in host.ok(INFO_OPERATION)["networks"]] == ["far"]


def test_a_service_uses_the_networks_of_its_server(host: Host) -> None:
    """The listing without the ID of a server has those on Dokploy's own host only."""
    key = host.call("sshKey.create", name="k", privateKey=PRIVATE_KEY, publicKey="ssh-rsa A", organizationId="")
    assert key is None
    (row,) = host.read("sshKey.all")
    ids = {}
    for name in ("far", "near"):
        host.sim.act(server=name, sshKeyId=row["sshKeyId"])
        host.new_task()
        ids[name] = host.ok(OPERATION, name="front", driver="overlay", server=name)["network"]["network_id"]
    host.ok(OPERATION, name="back", driver="overlay", server="near")
    host.ok(PROJECT, name="shop")
    web = {"project": "shop", "name": "web", "networks": ["front"]}
    for check in (True, False):
        made = host.ok(APPLICATION, check=check, **web, server="near")
        assert made["diff"]["after"]["networks"] == ["front"]
    service = made["application"]["application_id"]
    assert host.read("application.one", applicationId=service)["networkIds"] == [ids["near"]]
    assert not host.ok(APPLICATION, **web, server="near")["changed"]
    entry = {"service": "web", "networks": ["back"]}
    stack = host.ok(COMPOSE, project="shop", name="blog", raw={"content": STACK}, service_networks=[entry])
    assert stack["compose"]["service_networks"] == [{**entry, "detach_dokploy_network": False}]
    assert host.failed(APPLICATION, **web)["msg"].startswith("networks: 2 networks are named 'front'")
    own = host.ok(OPERATION, name="front", driver="overlay")["network"]["network_id"]
    host.new_task()
    here = host.ok(APPLICATION, **{**web, "name": "here"})["application"]["application_id"]
    assert host.read("application.one", applicationId=here)["networkIds"] == [own]
    failed = host.failed(APPLICATION, **{**web, "networks": ["bakc"]}, server="near")
    assert failed["msg"] == "networks: no network is named 'bakc'. Did you mean: 'back'? dokploy_network creates one."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "net br"}, "name: 'net br' is not the name of a network"),
        ({"name": "-x"}, "name: '-x' is not the name of a network"),
        ({"ipv6": False}, "one of ipv4 and ipv6 must be true"),
        ({"ipam": {"config": [{"subnet": "junk"}]}}, "'junk' is not a subnet such as 10.20.0.0/24"),
        ({"ipam": {"config": [{"subnet": "10.20.0.0/24", "gateway": "x"}]}}, "'x' is not an address such as 10.20.0.1"),
        ({"mtu": 20}, "mtu"),
    ],
)
def test_bad_input_writes_nothing(host: Host, changes: dict[str, Any], message: str) -> None:
    assert message in host.failed(OPERATION, **{**FRONT, **changes})["msg"]
    assert host.sim.calls("mutation") == []


def test_older_servers_have_none() -> None:
    with Simulator(version="0.29.9") as sim:
        host = Host(sim)
        assert host.failed(OPERATION, name="front")["msg"].startswith("A network needs Dokploy 0.29.14 or newer")
        host.close()


# --- synced ----------------------------------------------------------------------------------------------------------


def again(host: Host, **network: Any) -> None:
    """A user removes the network and creates another one of its name, without Dokploy."""
    host.sim.act(network="front", gone=True)
    host.sim.act(network="front", **network)
    host.new_task()
    host.sim.reset_stats()


SYNCED: dict[str, Any] = {"name": "front", "state": "synced"}


def test_a_network_that_was_created_again_is_read_from_docker(host: Host) -> None:
    made = host.ok(OPERATION, name="front", driver="overlay")["network"]
    assert not host.ok(OPERATION, **SYNCED)["changed"]
    again(host, driver="bridge", subnet="10.21.0.0/24")
    foretold = host.ok(OPERATION, check=True, **SYNCED)
    assert foretold["changed"] and host.sim.calls("mutation") == []
    result = host.ok(OPERATION, **SYNCED)
    assert result["diff"] == foretold["diff"] and result["network"] == foretold["network"]
    assert host.sim.calls("mutation") == ["network.resync"]
    assert result["diff"]["before"]["driver"] == "overlay" and result["diff"]["after"]["driver"] == "bridge"
    assert set(result["diff"]["after"]) == {"docker_id", "driver", "ipam"}
    assert result["network"] == {
        **made,
        "driver": "bridge",
        "ipam": {"driver": "default", "config": [{"subnet": "10.21.0.0/24"}]},
    }
    host.new_task()
    assert not host.ok(OPERATION, **SYNCED)["changed"]
    assert not host.ok(OPERATION, name="front", driver="bridge")["changed"]


def test_a_record_without_the_id_in_docker_is_judged_by_its_properties(host: Host) -> None:
    host.ok(OPERATION, name="front", driver="overlay")
    (row,) = host.sim.server.store.networks
    row["dockerId"] = None
    host.new_task()
    assert not host.ok(OPERATION, **SYNCED)["changed"]
    again(host, driver="bridge")
    assert host.ok(OPERATION, **SYNCED)["diff"]["after"]["driver"] == "bridge"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"driver": "bridge", "internal": True}, "driver and internal are not supported with state=synced"),
        ({"name": "back"}, "there is no network 'back'"),
    ],
)
def test_what_cannot_be_synced(host: Host, options: dict[str, Any], message: str) -> None:
    host.ok(OPERATION, name="front")
    host.new_task()
    host.sim.reset_stats()
    assert host.failed(OPERATION, **{**SYNCED, **options})["msg"].startswith(message)
    assert host.sim.calls("mutation") == []


def test_a_network_that_docker_lacks_is_not_synced(host: Host) -> None:
    host.ok(OPERATION, name="front")
    host.sim.act(network="front", gone=True)
    host.new_task()
    assert host.failed(OPERATION, **SYNCED)["msg"].startswith("network 'front': Docker does not show it: ")


def test_an_older_server_cannot_sync(host: Host) -> None:
    host.ok(OPERATION, name="front")
    host.sim.config(version="0.30.2")
    for check in (True, False):
        host.new_task()
        host.sim.reset_stats()
        failed = host.failed(OPERATION, check=check, **SYNCED)
        assert failed["msg"].startswith("state=synced needs Dokploy 0.30.3 or newer; this server is 0.30.2")
        assert host.sim.calls("mutation") == []

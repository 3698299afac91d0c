# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fork of Dokploy, with kinds that the collection does not know: they are listed, and never removed with others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.lookup.dokploy import LookupModule
from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION as EXPORT
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.prune import KINDS
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.destination import (
    OPERATION as DESTINATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.dns_provider import (
    OPERATION as DNS_PROVIDER,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.info import INFO_OPERATION as INFO
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import drift_markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import drift_page
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import drift_report, report_lines
from dokploy_simulator.routers.projects import project as project_router
from tests.component.manifest.test_manifest import reference
from tests.component.plugin_utils.test_inventory import Inventory
from tests.support.host import Host
from tests.support.operations import MANAGED

Row = dict[str, Any]
SECRET, SCOPES = "canary-of-a-fork", ("instance", "server")
# The kinds of a fork, each with what it calls them, and the name of the one that it has.
UNKNOWN = [
    ("destination", "sftp", "vault-box"),
    ("dns_provider", "hetzner", "zones"),
    ("git_provider", "codeberg", "forge"),
    ("network", "macvlan", "lan"),
    ("notification", "matrix", "room"),
    ("registry", "awsEcr", "ecr"),
    ("service", "clickhouse", "shop/production/stats"),
    ("vault_provider", "onepassword", "safe"),
]
DOCUMENT: Row = {
    "projects": [{"name": "shop", "environments": [{"name": "production", "applications": [{"name": "web"}]}]}],
    "destinations": [{"name": "s3", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}],
    "dns_providers": [{"name": "cloudflare", "cloudflare": {"api_token": "made-up"}}],
    "notifications": [{"name": "ops", "gotify": {"server_url": "https://g.example.com", "app_token": "made-up"}}],
    "tags": [{"name": "critical"}],
}


def apply(host: Host, document: Row | None = None, *, check: bool = False, **options: Any) -> Row:
    """Apply a document, by default C(DOCUMENT)."""
    host.new_task()
    stated = DOCUMENT if document is None else document
    return host.run(MANIFEST, check=check, **{"deploy": "never", **stated, **options})


@pytest.fixture
def fork(host: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A fork that has all that the document states, and one record of each kind of its own."""
    host.sim.config(version_suffix="-community.5")
    assert not apply(host).get("failed")
    store = host.sim.server.store
    providers = (store.dns_providers, "hetzner", "zones"), (store.vault_providers, "onepassword", "safe")
    for table, kind, name in providers:
        (like,) = list(store.dns_providers)[:1]
        # Keys that other kinds have, with other values.
        config = {"providerType": kind, "apiKey": SECRET, "endpoint": 53, "token": ["a"]}
        own = {table.key: name, "name": name, "providerType": kind, "config": config, "assignments": []}
        table.insert({**like, **own})
    (like,) = store.destinations
    own = {"destinationId": "D1", "name": "vault-box", "destinationType": "sftp", "sftpPassword": SECRET, "bucket": ""}
    store.destinations.insert({**like, **own})
    (like,) = store.notifications
    own = {"gotifyId": None, "gotify": None, "matrixId": "M1", "matrix": {"matrixId": "M1", "token": SECRET}}
    store.notifications.insert({**like, **own, "notificationId": "N1", "name": "room", "notificationType": "matrix"})
    network = host.call("network.create", name="lan", driver="bridge")
    store.networks.rows[network["networkId"]]["driver"] = "macvlan"
    registry = host.call(
        "registry.create",
        registryName="ecr",
        registryUrl="ecr.example.com",
        username="AWS",
        password=SECRET,
        registryType="cloud",
        imagePrefix=None,
    )
    store.registries.rows[registry["registryId"]]["registryType"] = "awsEcr"
    host.call("gitea.create", name="forge", giteaUrl="https://codeberg.org", clientId="", clientSecret="")
    (git,) = store.git_providers
    git.update({"providerType": "codeberg", "gitea": None, "codeberg": {"codebergId": "C1", "token": SECRET}})
    (application,) = store.applications
    application.update(sourceType="ecr", buildType="bake")
    in_tree = project_router.in_tree
    monkeypatch.setattr(
        project_router,
        "in_tree",
        lambda ctx, row: {**in_tree(ctx, row), "clickhouse": [{"clickhouseId": "S1", "name": "stats"}]},
    )
    host.new_task()
    host.sim.reset_stats()
    return host


def shown(rows: list[Row]) -> list[tuple[str, str, str]]:
    return sorted((row["kind"], row["type"], row["path"]) for row in rows)


def everything(host: Host) -> dict[str, int]:
    """How many rows each table has."""
    store = host.sim.server.store
    tables = "destinations dns_providers vault_providers notifications networks registries git_providers projects"
    return {name: len(list(getattr(store, name))) for name in tables.split()}


def test_reading(fork: Host) -> None:
    """Each module lists them as far as it knows them, and nothing of what is in them."""
    info = fork.ok(INFO)
    assert info["version"] == "0.30.8-community.5" and SECRET not in str(info)
    unknown = next(row for row in info["dns_providers"] if row["name"] == "zones")
    assert (unknown["dns_provider_id"], unknown["type"]) == ("zones", "hetzner")
    named = {}
    for operation in {
        managed.info.name: managed.info for managed in MANAGED if managed.resource.scope in SCOPES
    }.values():
        fork.new_task()
        result = fork.ok(operation)
        assert SECRET not in str(result), operation.name
        rows = result.get(operation.resources[0].listing.results) or []
        named[operation.resources[0].name] = {row.get("name"): row for row in rows}
    assert named["notification"]["room"] == {"notification_id": "N1", "type": "matrix", "name": "room"}
    assert named["vault_provider"]["safe"] == {"vault_provider_id": "safe", "type": "onepassword", "name": "safe"}
    assert named["git_provider"]["forge"]["type"] == "codeberg" and named["git_provider"]["forge"]["git_provider_id"]
    assert named["network"]["lan"]["driver"] == "macvlan" and named["destination"]["vault-box"]["bucket"] == ""
    assert {"cloudflare", "zones"} == set(named["dns_provider"])


def test_the_lookup_and_the_inventory(fork: Host) -> None:
    plugin = LookupModule()
    stated = {**{name: spec.get("default") for name, spec in CONNECTION.items()}, "include_secrets": False}
    plugin.set_options = lambda **_given: None
    plugin.get_option = {**stated, **fork.connection}.__getitem__
    assert [row["name"] for row in plugin.run(["shop/production/web", "dns_provider://cloudflare"], {})] == [
        "web",
        "cloudflare",
    ]
    assert list(Inventory(fork, {}, {}, True).hosts) == ["shop.production.web"]


def test_a_plan_lists_them_and_prune_leaves_them_alone(fork: Host) -> None:
    before = everything(fork)
    planned = apply(fork, check=True)
    assert shown(planned["plan"]["unknown"]) == UNKNOWN and planned["plan"]["unmanaged"] == []
    assert "8 of kinds that the collection does not know:\n" in planned["plan"]["text"]
    assert "- dns_provider `zones` (hetzner)\n" in planned["plan"]["text"]
    less = {name: DOCUMENT[name] for name in ("tags", "dns_providers")}
    pruned = apply(fork, less, prune=list(KINDS), prune_limit="100%")
    assert "msg" not in pruned, pruned["msg"]
    removed = [(one["kind"], one["path"]) for one in pruned["plan"]["changes"]]
    # The project stays with the service in it.
    assert sorted(removed) == [("application", "shop/production/web"), ("destination", "s3"), ("notification", "ops")]
    assert everything(fork) == {**before, "destinations": 1, "notifications": 1}
    assert shown(pruned["plan"]["unknown"]) == UNKNOWN
    assert [one["path"] for one in pruned["plan"]["unmanaged"]] == ["shop"]


def test_an_entry_can_refer_to_them(fork: Host) -> None:
    web = {"name": "web", "registry": "ecr", "env": {"REGISTRY": reference("ecr:url", "registry")}}
    shop = {"name": "shop", "environments": [{"name": "production", "applications": [web]}]}
    result = apply(fork, {**DOCUMENT, "projects": [shop]})
    assert "msg" not in result and result["plan"]["counts"]["update"] == 1
    (row,) = fork.sim.server.store.applications
    assert row["env"] == "REGISTRY=ecr.example.com"


def test_an_export_says_what_it_leaves_out(fork: Host) -> None:
    before = everything(fork)
    result = fork.ok(EXPORT)
    reasons = {(one["kind"], one["path"]): one["reason"] for one in result["missing"]}
    for kind, type_, path in UNKNOWN:
        assert reasons[kind, path] == f"It is of the kind {type_!r}, which this collection does not know."
    assert not {name for _kind, _type, name in UNKNOWN} & {
        row.get("name") for rows in result["document"].values() if isinstance(rows, list) for row in rows
    }
    assert SECRET not in str(result)
    reasons = {(one["kind"], one["path"], one["option"]): one["reason"] for one in result["missing"]}
    assert (
        reasons["application", "shop/production/web", "source"] == "It is 'ecr', which this collection does not know."
    )
    assert "build.type is 'bake'" in reasons["application", "shop/production/web", "build.type"]
    dns = fork.ok(EXPORT, scope={"kinds": ["dns_provider"]})
    assert [one["path"] for one in dns["missing"] if "of the kind" in one["reason"]] == ["zones"]
    # The export names all that can be removed.
    stated = {**result["document"], "destinations": DOCUMENT["destinations"]}
    stated.update(dns_providers=DOCUMENT["dns_providers"], notifications=DOCUMENT["notifications"])
    again = apply(fork, {name: rows for name, rows in stated.items() if name != "settings"}, prune=list(KINDS))
    assert not again["changed"] and everything(fork) == before


def test_they_are_no_drift(fork: Host) -> None:
    report = drift_report(apply(fork, check=True))
    assert not report["drifted"] and report["summary"] == "No drift" and report_lines(report, unmanaged=True) == []
    assert shown(report["unknown"]) == UNKNOWN and report["counts"]["unknown"] == len(UNKNOWN)
    assert "- service `shop/production/stats` (clickhouse)\n" in drift_markdown(report)
    assert "clickhouse" in drift_page(report)
    left = drift_report(apply(fork, check=True), exclude=["network lan"])
    assert len(left["unknown"]) == len(UNKNOWN) - 1


def test_modules_refuse_to_change_them(fork: Host) -> None:
    message = "which this collection does not know"
    for state in ("present", "absent"):
        failed = fork.failed(DNS_PROVIDER, name="zones", cloudflare={"api_token": "t"}, state=state)
        assert f"the DNS provider 'zones' is of the kind 'hetzner', {message}" in failed["msg"]
    assert "'sftp'" in fork.failed(DESTINATION, name="vault-box", bucket="other")["msg"]
    assert not fork.ok(DESTINATION, name="vault-box")["changed"]
    failed = fork.failed(PROJECT, name="shop", state="absent", force=True)
    assert "has services of kinds that this collection does not know: clickhouse stats" in failed["msg"]
    assert fork.sim.calls("mutation") == []
    # What is asked for by its name is removed, where the module knows how.
    assert fork.ok(DESTINATION, name="vault-box", state="absent")["changed"]

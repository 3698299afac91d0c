# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the selected records of an export refer to comes with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from dokploy_simulator import Simulator
from tests.support.host import Host

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
BUCKET = {
    "bucket": "b",
    "access_key": "s3cret-access",
    "secret_access_key": "s3cret-key",
    "endpoint": "https://s3.test",
}


def document() -> dict[str, Any]:
    """Two projects, each with a destination and a registry of its own, and one server for the first."""
    projects = []
    for name in ("shop", "forum"):
        registry, bucket = f"registry-{name}", f"bucket-{name}"
        application = {
            "name": "web",
            "docker": {"image": "nginx"},
            "registry": registry,
            "mounts": [{"type": "volume", "name": f"{name}-files", "path": "/data"}],
            "volume_backups": [{"name": "nightly", "volume": f"{name}-files", "destination": bucket, "cron": "@daily"}],
        }
        stack = {
            "name": "stack",
            "raw": {"content": "services: {a: {image: nginx}}"},
            "service_networks": [{"service": "a", "networks": [f"network-{name}"]}],
        }
        inside = {"name": "production", "applications": [application], "compose": [stack]}
        projects.append({"name": name, "tags": [f"tag-{name}"], "environments": [inside]})
    names = ("shop", "forum", "other")
    return {
        "projects": projects,
        "tags": [{"name": f"tag-{name}"} for name in names],
        "networks": [{"name": f"network-{name}"} for name in names],
        "destinations": [{"name": f"bucket-{name}", **BUCKET} for name in names],
        "registries": [
            {"name": f"registry-{name}", "url": f"{name}.test", "username": "me", "password": "s3cret-registry"}
            for name in names
        ],
    }


@pytest.fixture
def full(host: Host) -> Host:
    host.sim.config(block_seconds=0.0)
    done = host.run(MANIFEST, deploy="never", **document())
    assert not done.get("failed"), done["msg"]
    return host


def export(host: Host, folder: Path, **scope: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result, and the document with its secrets."""
    host.new_task()
    file = folder / "secrets.json"
    file.unlink(missing_ok=True)
    result = host.ok(OPERATION, scope=scope, secrets_file=str(file))
    kept = json.loads(file.read_text())
    return result, with_secrets(kept["document"], kept["secrets"])


def named(exported: dict[str, Any]) -> dict[str, list[str]]:
    return {
        section: [entry["name"] for entry in entries]
        for section, entries in exported.items()
        if isinstance(entries, list)
    }


def test_what_a_project_needs_comes_with_it_and_nothing_else(full: Host, tmp_path: Path) -> None:
    _result, alone = export(full, tmp_path, projects=["shop"])
    assert named(alone) == {"projects": ["shop"]}
    _result, whole = export(full, tmp_path, projects=["shop"], references=True)
    assert named(whole) == {
        "projects": ["shop"],
        "tags": ["tag-shop"],
        "networks": ["network-shop"],
        "destinations": ["bucket-shop"],
        "registries": ["registry-shop"],
    }
    full.new_task()
    assert full.ok(MANIFEST, check=True, deploy="never", **whole)["plan"]["changes"] == []
    with Simulator(block_seconds=0.0) as sim:
        other = Host(sim)
        done = other.run(MANIFEST, deploy="never", **whole)
        assert not done.get("failed"), done["msg"]
        _result, same = export(other, tmp_path)
        assert named(same) == named(whole)
        other.close()


def test_of_one_service_only_what_it_uses(full: Host, tmp_path: Path) -> None:
    _result, part = export(full, tmp_path, services=["forum/*/stack"], references=True)
    assert named(part) == {"projects": ["forum"], "networks": ["network-forum"]}
    assert "tags" not in part["projects"][0]


@pytest.mark.parametrize("by_id", [False, True])
def test_where_the_archives_of_a_set_are_comes_with_it(by_id: bool, full: Host, tmp_path: Path) -> None:
    ids = {row["name"]: row["destinationId"] for row in full.session.client.query("destination.all")}
    wanted = ids["bucket-other"] if by_id else "bucket-other"
    _result, part = export(full, tmp_path, services=["forum/*/stack"], references=True, destination=wanted)
    assert named(part) == {"projects": ["forum"], "networks": ["network-forum"], "destinations": ["bucket-other"]}
    _result, whole = export(full, tmp_path, projects=["shop"], references=True, destination="bucket-shop")
    assert named(whole)["destinations"] == ["bucket-shop"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"references": True, "destination": "nowhere"}, "scope.destination: no destination is named 'nowhere'"),
        ({"destination": "bucket-other"}, "scope.destination needs scope.references"),
    ],
)
def test_a_destination_that_cannot_come_with_it_is_refused(full: Host, options: dict[str, Any], message: str) -> None:
    assert message in full.failed(OPERATION, scope={"projects": ["shop"], **options})["msg"]


def test_what_kinds_select_has_what_it_refers_to(full: Host, tmp_path: Path) -> None:
    _result, part = export(full, tmp_path, kinds=["tag"], references=True)
    assert named(part) == {"tags": ["tag-forum", "tag-other", "tag-shop"]}


def test_it_costs_no_further_requests(full: Host, tmp_path: Path) -> None:
    full.new_task()
    full.sim.reset_stats()
    export(full, tmp_path, projects=["shop"])
    without = len(full.sim.calls())
    full.sim.reset_stats()
    export(full, tmp_path, projects=["shop"], references=True)
    assert len(full.sim.calls()) <= without + 3

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that have their own name in Docker in their texts, such as the volumes of their backups.

Each kind with such a name is exported, applied to an empty server, and exported again."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION as EXPORT
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import parse_reference
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import all_sections
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator import Simulator
from tests.support.host import Host
from tests.support.snapshots import snapshot

NAMED = [
    resource
    for section in all_sections()
    for resource in section.operation.resources
    if any(field.api == "appName" for _path, field, _group in resource.fields())
]
LOGIN = {"databaseName": "shop", "databaseUser": "shop", "databasePassword": "x9Kq2LmZ7vR4tYp"}
CONTENT = "services: {db: {image: x}}\nvolumes: {data: {external: true, name: %s_data}}\n"


def own(name: str) -> str:
    """The reference of an entry to its own name."""
    return parse_reference(f"{name}:app_name").text


def created(host: Host, resource: Resource) -> dict[str, Any]:
    """A service of a kind, with its name in all that can have it. Returns its row."""
    environment = host.call("project.create", name="shop")["environment"]["environmentId"]
    kind, id_key = resource.listing.id_key[:-2], resource.listing.id_key
    more = {**LOGIN, "dockerImage": "x"} if resource.name == "database" else {}
    if kind == "libsql":
        more |= {"description": "", "serverId": None, "sqldNode": "primary", "sqldPrimaryUrl": None}
    host.call(f"{kind}.create", name="it", appName="it", environmentId=environment, **more)
    (service,) = host.read("environment.one", environmentId=environment)[
        "applications" if kind == "application" else kind
    ]
    own_id = {id_key: service[id_key]}
    name = host.read(f"{kind}.one", **own_id)["appName"]
    raw = {"sourceType": "raw", "composeFile": CONTENT % name} if kind == "compose" else {}
    host.call(f"{kind}.update", **own_id, env=f"SELF=http://{name}:80", description=f"is {name}", **raw)
    keys = {"provider": "", "accessKey": "k", "bucket": "b", "region": "", "endpoint": "e", "secretAccessKey": "s"}
    destination = host.call("destination.create", name="s3", **keys)["destinationId"]
    host.call(
        "volumeBackups.create",
        name="nightly",
        volumeName=f"{name}_data" if kind == "compose" else f"{name}-data",
        prefix=f"/of/{name}",
        cronExpression="0 2 * * *",
        destinationId=destination,
        serviceType=kind,
        enabled=True,
        **({"serviceName": "db"} if kind == "compose" else {}),
        **own_id,
    )
    if kind != "compose":
        mount = {"type": "volume", "serviceType": kind, "serviceId": service[id_key]}
        host.call("mounts.create", mountPath="/extra", volumeName=f"{name}_extra", **mount)
    return dict(host.read(f"{kind}.one", **own_id))


def exported(host: Host, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result, and the document with its secrets."""
    host.new_task()
    file = folder / "secrets.json"
    file.unlink(missing_ok=True)
    result = host.ok(EXPORT, secrets_file=str(file))
    kept = json.loads(file.read_text())
    return result, with_secrets(kept["document"], kept["secrets"])


def planned(host: Host, document: dict[str, Any], check: bool = True) -> dict[str, Any]:
    host.new_task()
    return host.ok(MANIFEST, check=check, deploy="never", **copy.deepcopy(document))


@pytest.mark.parametrize("resource", NAMED, ids=lambda resource: resource.kind or resource.name)
def test_a_service_on_another_server_has_its_own_name_there(resource: Resource, host: Host, tmp_path: Path) -> None:
    row = created(host, resource)
    result, document = exported(host, tmp_path)
    assert not any("no reference" in comment["text"] for comment in result["comments"])
    assert row["appName"] not in json.dumps([result, document])
    (environment,) = document["projects"][0]["environments"]
    (entry,) = next(value for key, value in environment.items() if key in ("applications", "compose", "databases"))
    separator = "_" if resource.name == "compose" else "-"
    assert entry["volume_backups"][0]["volume"] == f"{own('it')}{separator}data"
    assert entry["env"] == {"SELF": f"http://{own('it')}:80"}
    assert planned(host, document)["plan"]["changes"] == []
    with Simulator() as sim:
        other = Host(sim)
        before = snapshot(other.sim)
        foretold = planned(other, document)
        assert snapshot(other.sim).changes_since(before) == set()
        assert "\0" not in json.dumps(foretold)
        applied = planned(other, document, check=False)
        assert applied["plan"]["id"] == foretold["plan"]["id"]
        assert planned(other, document, check=False)["changed"] is False
        again, same = exported(other, tmp_path)
        assert same == document
        assert row["appName"] not in json.dumps(again)
        made = {record["path"]: record for record in applied["resources"]}["shop/production/it"]["app_name"]
        assert made != row["appName"]
        kind, id_key = resource.listing.id_key[:-2], resource.listing.id_key
        (project,) = other.read("project.all")
        inside = other.read("environment.one", environmentId=project["environments"][0]["environmentId"])
        (service,) = inside["applications" if kind == "application" else kind]
        there = other.read(f"{kind}.one", **{id_key: service[id_key]})
        assert there["appName"] == made
        assert f"SELF=http://{made}:80" in there["env"]
        assert there["description"] == f"is {made}"
        backups = other.read("volumeBackups.list", id=service[id_key], volumeBackupType=kind)
        assert [backup["volumeName"] for backup in backups] == [f"{made}{separator}data"]
        assert {mount["volumeName"] for mount in there["mounts"] if mount["mountPath"] == "/extra"} <= {f"{made}_extra"}
        if kind == "compose":
            assert there["composeFile"] == CONTENT % made
        other.close()


def test_an_entry_takes_nothing_else_of_itself(host: Host) -> None:
    service = {"name": "web", "env": {"KEY": parse_reference("web:status").text}}
    document = {"projects": [{"name": "shop", "environments": [{"name": "production", "applications": [service]}]}]}
    host.new_task()
    result = host.run(MANIFEST, **document)
    assert result["failed"]
    assert result["msg"] == (
        "projects[shop].environments[production].applications[web]: reference: application shop/production/web can take"
        " of itself only app_name and application_id, and not 'status'."
    )
    assert host.read("project.all") == []

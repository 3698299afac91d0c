# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References in an exported document, which is applied to another server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import (
    OPERATION as REGISTRY,
)
from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.support.host import Host

PASSWORD = "x9@Kq2LmZ7vR4tYp"
ENCODED = "x9%40Kq2LmZ7vR4tYp"
TOKEN = "ghp_9fK2lQ0aZx7Rt4Vb1Nm"
HOOK = "V1StGXR8_Z5jdHi6B-myT"


def filled(host: Host) -> dict[str, str]:
    """A server with services that have each other's addresses. Returns their C(appName)."""
    project = host.call("project.create", name="shop")
    environment = project["environment"]["environmentId"]
    inside = {"environmentId": environment}
    names = {}
    login = {"databaseName": "shop", "databaseUser": "shop", "databasePassword": PASSWORD}
    postgres = host.call("postgres.create", name="db", appName="db", **login, **inside)
    names["db"] = host.read("postgres.one", postgresId=postgres["postgresId"])["appName"]
    redis = host.call("redis.create", name="cache", appName="cache", databasePassword="admin", **inside)
    names["cache"] = host.read("redis.one", redisId=redis["redisId"])["appName"]
    ids = {}
    for name in ("web", "api"):
        made = host.call("application.create", name=name, **inside)
        ids[name], names[name] = made["applicationId"], made["appName"]
    urls = {
        "URL": f"postgresql://shop:{ENCODED}@{names['db']}:5432/shop?sslmode=disable",
        "OTHER": f"postgres://shop:{ENCODED}@{names['db']}/other",
        "CACHE": f"redis://default:admin@{names['cache']}:6379/1",
        "TOKEN": f"made-up-token-of@{names['db']}",
        "ADMIN": "admin",
        "API": f"http://{names['api']}:3000",
    }
    env = "\n".join(f"{key}={value}" for key, value in urls.items())
    host.call("application.update", applicationId=ids["web"], env=env, refreshToken=HOOK)
    own = f"WEB=http://{names['web']}\nSELF={names['api']}"
    host.call("application.update", applicationId=ids["api"], env=own)
    content = f"services:\n  a:\n    image: x\n    command: psql {urls['OTHER']}\n"
    host.call("compose.create", name="stack", composeFile=content, **inside)
    stack = host.read("project.one", projectId=project["project"]["projectId"])["environments"][0]["compose"][0]
    host.ok(REGISTRY, name="ghcr.io/acme", url="ghcr.io", username="acme", password=TOKEN)
    keys = {"HOOK": HOOK, "ID": ids["web"], "TOKEN": TOKEN, "DB": postgres["postgresId"]}
    env = "\n".join(f"{key}={value}" for key, value in keys.items())
    host.call("compose.update", composeId=stack["composeId"], sourceType="raw", env=env)
    return names


def exported(host: Host, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result, and what the action gets."""
    host.new_task()
    path.unlink(missing_ok=True)
    result = host.ok(OPERATION, secrets_file=str(path))
    return result, json.loads(path.read_text())


def test_what_is_exported_refers_to_what_another_server_has(host: Host, tmp_path: Path) -> None:
    names = filled(host)
    result, left = exported(host, tmp_path / "secrets.json")
    assert result.get("msg") is None
    shop = result["document"]["projects"][0]["environments"][0]
    api, web = (next(one for one in shop["applications"] if one["name"] == name) for name in ("api", "web"))
    assert web["env"] == {
        "URL": "{{ 'db:internal_url' | community.dokploy.reference }}?sslmode=disable",
        "OTHER": "postgres://shop:{{ 'db:urlencoded_password' | community.dokploy.reference }}"
        "@{{ 'db:internal_host' | community.dokploy.reference }}/other",
        "CACHE": "{{ 'cache:internal_url' | community.dokploy.reference }}/1",
        "TOKEN": "{{ vault_shop_production_web_env['TOKEN'] }}",
        "ADMIN": "{{ vault_shop_production_web_env['ADMIN'] }}",
        "API": "{{ vault_shop_production_web_env['API'] }}",
    }
    assert api["env"]["WEB"] == "http://{{ 'web:app_name' | community.dokploy.reference }}"
    secrets = left["secrets"]["vault_shop_production_web_env"]
    assert secrets["TOKEN"] == "made-up-token-of@\0reference\0|db:internal_host\0"
    assert (secrets["ADMIN"], secrets["API"]) == ("admin", f"http://{names['api']}:3000")
    assert "vault_shop_production_db_urlencoded_password" in shop["compose"][0]["raw"]["content"]
    assert shop["compose"][0]["env"] == {
        "HOOK": "{{ 'web:webhook_token' | community.dokploy.reference }}",
        "ID": "{{ 'web:application_id' | community.dokploy.reference }}",
        "TOKEN": "{{ 'ghcr.io/acme:password' | community.dokploy.reference(kind='registry') }}".replace("/", "\\/"),
        "DB": "{{ 'db:database_id' | community.dokploy.reference }}",
    }
    assert not any(one in json.dumps(result) for one in (PASSWORD, ENCODED, TOKEN))
    said = {"/".join(map(str, one["path"][4:])): one["text"] for one in result["comments"]}
    assert "needs this entry" in said["applications/1/env/API"]
    assert "applications/0/env/SELF" not in said
    assert api["env"]["SELF"] == "{{ 'api:app_name' | community.dokploy.reference }}"
    document = with_secrets(left["document"], left["secrets"])
    assert not apply(host, document)["changed"]
    with Simulator() as sim:
        other = Host(sim)
        done = apply(other, document)
        assert done.get("msg") is None
        assert not apply(other, document)["changed"]
        (project,) = other.read("project.all")
        (environment,) = project["environments"]
        ids = {one["name"]: one["applicationId"] for one in environment["applications"]}
        rows = {name: other.read("application.one", applicationId=one) for name, one in ids.items()}
        database = other.read("postgres.one", postgresId=environment["postgres"][0]["postgresId"])["appName"]
        assert database != names["db"]
        assert f"URL=postgresql://shop:{ENCODED}@{database}:5432/shop?sslmode=disable" in rows["web"]["env"]
        assert f"WEB=http://{rows['web']['appName']}" in rows["api"]["env"]
        assert f"SELF={rows['api']['appName']}" in rows["api"]["env"]
        stack = other.read("compose.one", composeId=environment["compose"][0]["composeId"])
        assert f"postgres://shop:{ENCODED}@{database}/other" in stack["composeFile"]
        keys = {"HOOK": rows["web"]["refreshToken"], "ID": ids["web"], "TOKEN": TOKEN}
        keys["DB"] = environment["postgres"][0]["postgresId"]
        assert dict(line.split("=") for line in stack["env"].splitlines()) == keys
        again, _left = exported(other, tmp_path / "other.json")
        assert again["document"] == result["document"]
        other.close()

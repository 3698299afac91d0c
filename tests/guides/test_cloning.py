# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook clone: production as staging, with its data masked, in check mode, again, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.guides import commands
from tools import workspace

SECRETS = {"password": "canary-of-the-database", "token": "canary-of-the-token", "hook": "canary-of-the-hook"}
S3 = {"access_key": "canary-access", "secret_access_key": "canary-secret", "endpoint": "https://s3.test"}
DOCUMENT: dict[str, Any] = {
    "destinations": [{"name": "offsite", "bucket": "b", **S3}],
    "projects": [
        {
            "name": "shop",
            "env": {"CURRENCY": "EUR"},
            "environments": [
                {
                    "name": "production",
                    "databases": [
                        {
                            "name": "db",
                            "type": "postgres",
                            "image": "postgres:17",
                            "database": "shop",
                            "user": "shop",
                            "password": SECRETS["password"],
                            "external_port": 5432,
                        }
                    ],
                    "applications": [
                        {
                            "name": "web",
                            "docker": {"image": "nginx:1.29"},
                            "env": {
                                "URL": "{{ 'db:internal_url' | community.dokploy.reference }}",
                                "PASSWORD": SECRETS["password"],
                                "TOKEN": SECRETS["token"],
                            },
                            "webhook_token": SECRETS["hook"],
                            "domains": [{"host": "shop.example.com"}],
                            "mounts": [{"type": "volume", "name": "uploads", "path": "/uploads"}],
                        }
                    ],
                }
            ],
        }
    ],
}
SET = {
    "scope": {"projects": ["shop"]},
    "data": "all",
    "destination": "offsite",
    "jobs": True,
    "stop": True,
    "checks": [
        {"name": "rows", "service": "shop/production/db", "script": "psql -At -c 'select count(*) from orders'"}
    ],
    "secrets": "file",
}
CLONE: dict[str, Any] = {
    "clone_from": "shop/production",
    "clone_to": "shop/staging",
    "clone_hosts": {"*.example.com": "{}.staging.example.com"},
    "clone_set": "set",
    "clone_secrets": "new",
    "clone_masks": [{"name": "orders", "service": "db", "sql_file": "mask.sql"}],
    "clone_reports": "clone.json,clone.md,clone.html",
}


class Place:
    """A folder in which playbooks run, against one simulator."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self.sim, self.folder, self.texts = sim, folder, list[str]()
        self.env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key, "PWD": str(folder)}

    def play(self, *words: str) -> tuple[int, str]:
        status, output = commands.run(["ansible-playbook", "-vvvv", *words], self.folder, self.env)
        self.texts.append(output)
        return status, output

    def clone(self, *words: str, **options: Any) -> tuple[int, str]:
        """Both the status and the output of a run."""
        (self.folder / "clone_options.json").write_text(json.dumps({**CLONE, **options}))
        self.sim.reset_stats()
        return self.play("community.dokploy.clone", "-e", "@clone_options.json", *words)

    def report(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads((self.folder / "clone.json").read_text())
        return made

    def written(self) -> list[str]:
        return list(self.sim.calls("mutation"))


@pytest.fixture
def place(tmp_path: Path) -> Any:
    """Production runs, with three orders and a file, and a set of it is made."""
    with Simulator() as sim:
        here = Place(sim, tmp_path)
        tasks = [
            {"community.dokploy.dokploy_manifest": {**DOCUMENT, "deploy": "changed", "verify_period": 0}},
            {"community.dokploy.dokploy_backup_set": {**SET, "dest": str(tmp_path / "set")}, "tags": ["set"]},
        ]
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
        (tmp_path / "production.json").write_text(json.dumps(play))
        (tmp_path / "mask.sql").write_text("update orders set customer = 'masked';\n")
        status, output = here.play("production.json", "--skip-tags", "set")
        assert status == 0, output
        sim.act(insert="db", table="orders", count=3)
        sim.act(write="uploads", path="cat.png", data="miaow")
        status, output = here.play("production.json", "--tags", "set")
        assert status == 0, output
        here.texts.clear()
        yield here


def test_production_becomes_staging(place: Place) -> None:
    sim = place.sim
    before = sim.data()
    status, output = place.clone("--check", "--diff")
    assert (status, place.written()) == (0, []), output
    planned = place.report()
    assert planned["headline"].startswith("To be cloned shop/staging: 3 changes, 2 deployments, the data of 2 archives")

    status, output = place.clone("--diff")
    assert status == 0, output
    report = place.report()
    assert report["changes"] == planned["changes"]
    assert [(mask["path"], mask["passed"]) for mask in report["masks"]] == [("shop/staging/db", True)]
    assert [check["passed"] for check in report["checks"]] == [True]
    assert {(secret["option"], secret["is"]) for secret in report["secrets"]} >= {
        ("password", "new"),
        ("env", "that of the original"),
    }
    assert sim.data()["uploads-shop-staging"]["files"] == {"cat.png": "miaow"}
    # Production is as it was.
    assert {name: volume for name, volume in sim.data().items() if name in before} == before

    status, output = place.clone()
    assert (status, "changed=0 " in output, place.written()) == (0, True, []), output
    secret = [text for text in place.texts for canary in SECRETS.values() if canary in text]
    assert secret == []
    files = "".join((place.folder / f"clone.{ending}").read_text() for ending in ("json", "md", "html"))
    assert "canary" not in files


def test_what_is_refused_writes_nothing(place: Place) -> None:
    for options, message in (
        ({"clone_hosts": {}}, "host shop.example.com is that of shop/production/web, too"),
        ({"clone_to": "shop/production"}, "Set clone_from and clone_to to two environments"),
        (
            {"clone_set": "", "clone_masks": [], "clone_overwrite": True},
            "clone_masks and clone_overwrite need clone_set",
        ),
        ({"clone_masks": [{"name": "x", "service": "db"}]}, "one of the following is required"),
        ({"clone_host": {}}, "clone_host"),
    ):
        status, output = place.clone(**options)
        assert status == 2 and message in " ".join(output.split()), (message, output[-3000:])
        assert place.written() == []
    secrets = place.folder / "own.json"
    secrets.write_text(json.dumps({"vault_shop_production_none": "x"}))
    status, output = place.clone(clone_secrets_file="own.json")
    assert status == 2 and "clone_secrets_file has vault_shop_production_none, which the original has not" in output
    assert place.written() == []
    secrets.write_text(json.dumps({"vault_shop_production_web_env": {"TOKEN": "of-staging"}}))
    status, output = place.clone(clone_secrets_file="own.json", clone_to="sandbox/staging")
    assert status == 0, output
    rows = [row for row in place.sim.server.store.applications.rows.values() if "of-staging" in str(row.get("env"))]
    assert len(rows) == 1 and SECRETS["token"] not in rows[0]["env"] and "PASSWORD=" in rows[0]["env"]

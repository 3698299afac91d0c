# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook clone: production as staging, with its data masked, in check mode, again, and what it refuses."""

from __future__ import annotations

import copy
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.guides import commands
from tests.support.effort import slow
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
DEPLOY = {"deploy": "changed", "verify_period": 0}
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

    def save(self, name: str) -> None:
        """Make a set of production in a folder of this name."""
        status, output = self.play("set.json", "-e", f"dest={self.folder / name}")
        assert status == 0, output
        self.texts.clear()

    def rows(self, kind: str, environment: str) -> list[dict[str, Any]]:
        """The rows of the services of a kind in an environment of the shop."""
        store = self.sim.server.store
        (home,) = [row["environmentId"] for row in store.environments if row["name"] == environment]
        return [row for row in store.services[kind] if row["environmentId"] == home]

    def production(self) -> Any:
        """All that there is of production: its services, what runs of them, and its data."""
        rows = [copy.deepcopy(row) for kind in ("application", "postgres") for row in self.rows(kind, "production")]
        names = [row["appName"] for row in rows]
        running = {name: service for name, service in self.sim.services().items() if name in names}
        volumes = ["uploads", *(f"{name}-data" for name in names)]
        return rows, running, {name: data for name, data in self.sim.data().items() if name in volumes}

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
        tasks = {
            "production": {"community.dokploy.dokploy_manifest": {**DOCUMENT, **DEPLOY}},
            "set": {"community.dokploy.dokploy_backup_set": {**SET, "dest": "{{ dest }}"}},
        }
        for name, task in tasks.items():
            play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
            (tmp_path / f"{name}.json").write_text(json.dumps(play))
        (tmp_path / "mask.sql").write_text("update orders set customer = 'masked';\n")
        status, output = here.play("production.json")
        assert status == 0, output
        sim.act(insert="db", table="orders", count=3)
        sim.act(write="uploads", path="cat.png", data="miaow")
        here.save("set")
        yield here


@slow
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

    # What a killed run has left goes, a day later.
    left = Path(place.env["ANSIBLE_HOME"], "dokploy-clone", place.folder.name)
    left.mkdir(mode=0o700)
    os.utime(left, (time.time() - 2 * 86400,) * 2)
    status, output = place.clone()
    assert (status, "changed=0 " in output, place.written()) == (0, True, []), output
    assert not left.exists()
    secret = [text for text in place.texts for canary in SECRETS.values() if canary in text]
    assert secret == []
    files = "".join((place.folder / f"clone.{ending}").read_text() for ending in ("json", "md", "html"))
    assert "canary" not in files


@slow
@pytest.mark.parametrize("path", ["in process", "packaged modules"])
def test_a_copy_gets_the_data_of_a_newer_set_on_request(place: Place, path: str) -> None:
    sim, own = place.sim, {"dokploy_in_process": path == "in process"}
    status, output = place.clone(**own)
    assert status == 0, output
    original, there = (place.rows("postgres", name)[0]["postgresId"] for name in ("production", "staging"))
    sim.act(insert=original, table="orders", count=2)
    sim.act(write="uploads", path="dog.png", data="wuff")
    sim.act(write="uploads-shop-staging", path="own.txt", data="of the copy")
    place.save("newer")
    before, options = place.production(), {"clone_set": "newer", **own}
    status, output = place.clone(**options)
    assert (status, "changed=0 " in output, place.written()) == (0, True, []), output
    assert {row["action"] for row in place.report()["archives"]} == {"none"}
    assert (sim.rows(there, "orders"), place.report()["replaced"]) == (["masked"] * 3, [])
    assert sorted(sim.data()["uploads-shop-staging"]["files"]) == ["cat.png", "own.txt"]

    status, output = place.clone("--check", "--diff", clone_overwrite=True, **options)
    assert (status, place.written()) == (0, []), output
    planned = place.report()
    assert planned["replaced"] == ["shop/staging/db", "shop/staging/web"]
    assert planned["headline"].endswith("the data of 2 services replaced")

    status, output = place.clone(clone_overwrite=True, **options)
    assert status == 0, output
    report = place.report()
    assert (report["replaced"], [mask["passed"] for mask in report["masks"]]) == (planned["replaced"], [True])
    assert sim.rows(there, "orders") == ["masked"] * 5
    assert sim.data()["uploads-shop-staging"]["files"] == {"cat.png": "miaow", "dog.png": "wuff"}
    # What may use the data is stopped first, and runs again after the last job.
    calls = place.written()
    restored = [number for number, name in enumerate(calls) if "restore" in name.lower()]
    jobs = [number for number, name in enumerate(calls) if name == "application.delete"]
    assert calls.index("application.stop") < min(restored)
    assert max(jobs) < len(calls) - 1 - calls[::-1].index("application.deploy")
    assert [row["applicationStatus"] for row in place.rows("application", "staging")] == ["done"]
    assert place.production() == before
    status, output = place.clone(clone_overwrite=True, **options)
    assert (status, "changed=0 " in output, place.written()) == (0, True, []), output
    assert [text for text in place.texts for canary in SECRETS.values() if canary in text] == []


@slow
def test_what_production_no_longer_has_goes_only_with_prune(place: Place) -> None:
    sim = place.sim
    status, output = place.clone(clone_set="", clone_masks=[])
    assert status == 0, output
    home = place.rows("application", "staging")[0]["environmentId"]
    sim.execute("application.create", name="debug", environmentId=home)
    sim.execute("compose.create", name="tools", environmentId=home)
    sim.execute("environment.create", name="other", projectId=sim.execute("project.all")[0]["projectId"])
    (web,) = place.rows("application", "production")
    sim.execute("application.delete", applicationId=web["applicationId"])
    before, options = place.production(), {"clone_set": "", "clone_masks": []}
    status, output = place.clone(**options)
    assert (status, "changed=0 " in output, place.written()) == (0, True, []), output

    status, output = place.clone(**options, clone_prune=["environment"])
    assert status == 2 and "would change what is not the copy: remove environment shop/other" in output, output
    status, output = place.clone(**options, clone_prune="application", clone_prune_limit=1)
    assert status == 2 and "more than clone_prune_limit: 1" in " ".join(output.split()), output
    status, output = place.clone("--check", "--diff", **options, clone_prune="application")
    assert (status, place.written()) == (0, []), output
    planned = place.report()["changes"]
    assert {(change["action"], change["path"]) for change in planned} == {
        ("remove", "shop/staging/debug"),
        ("remove", "shop/staging/web"),
    }
    status, output = place.clone(**options, clone_prune="application")
    assert (status, place.report()["changes"]) == (0, planned), output
    assert [row["name"] for row in place.rows("application", "staging")] == []
    assert [row["name"] for row in place.rows("compose", "staging")] == ["tools"]
    assert place.production() == before
    status, output = place.clone(**options, clone_prune="application")
    assert (status, "changed=0 " in output, place.written()) == (0, True, []), output


@slow
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
        ({"clone_prune": ["application"], "clone_project": True}, "clone_prune and clone_project exclude each other"),
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

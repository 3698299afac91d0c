# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service as of a moment comes back beside the living one, and nothing of that is touched."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dokploy_simulator import Simulator
from tests.guides import commands
from tests.guides.test_backups import DOCUMENT
from tests.support.effort import slow
from tools import workspace

ROWS = ["1", "2", "3"]


class Shop:
    """A shop on a simulated server, and the playbooks against it."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self.sim, self.folder = sim, folder
        task = {"community.dokploy.dokploy_manifest": self.document()}
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
        (folder / "shop.json").write_text(json.dumps(play))
        self.run("shop.json")

    def document(self) -> dict[str, Any]:
        """What the shop has."""
        document = copy.deepcopy(DOCUMENT)
        production = document["projects"][0]["environments"][0]
        for database in production["databases"]:
            database["password"] = "made-up-password"
        production["databases"][0]["external_port"] = 15432
        production["databases"].append({**production["databases"][0], "name": "other", "external_port": 15433})
        production["applications"][0]["domains"] = [{"host": "shop.example.com"}]
        return document

    def status(self, playbook: str, *words: str) -> tuple[int, str]:
        env = {**workspace.environment(), "DOKPLOY_URL": self.sim.url, "DOKPLOY_API_KEY": self.sim.key}
        env["PWD"] = str(self.folder)
        return commands.run(["ansible-playbook", playbook, *words], self.folder, env)

    def run(self, playbook: str, **options: str) -> str:
        words = [word for name, value in options.items() for word in ("-e", f"{name}={value}")]
        status, output = self.status(playbook, *words)
        assert status == 0, output
        return output

    def backup(self) -> dict[str, Any]:
        self.run("community.dokploy.backup", backup_dest="sets", backup_destination="offsite", backup_secrets="file")
        content: dict[str, Any] = yaml.safe_load((self.folder / "sets/newest/archives.yml").read_text())
        return content

    def beside(self, service: str, name: str, **options: str) -> str:
        path = f"shop/production/{service}"
        return self.run(
            "community.dokploy.recover", recover_set="sets/newest", recover_only=path, recover_beside=name, **options
        )

    def living(self) -> dict[str, Any]:
        """What a recovery beside it must not touch: all services and their data."""
        return {"services": self.sim.services(), "data": self.sim.data(), "tree": self.sim.execute("project.all")}


def database(sim: Simulator, name: str) -> str:
    """The ID of a database of the shop."""
    environment = sim.execute("project.all")[0]["environments"][0]["environmentId"]
    rows = sim.execute("environment.one", environmentId=environment)["postgres"]
    return next(str(row["postgresId"]) for row in rows if row["name"] == name)


def without(value: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The part of a mapping that was there before."""
    return {key: item for key, item in value.items() if key in before}


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    with Simulator() as sim:
        yield Shop(sim, tmp_path)


def test_rows_of_a_moment_come_back_beside_the_living_database(shop: Shop) -> None:
    sim = shop.sim
    sim.act(insert="db", table="orders", count=3)
    shop.backup()
    sim.act(insert="db", table="orders", count=2)
    (moment,) = (row["created_at"] for row in shop.backup()["archives"] if row["path"] == "shop/production/db")
    # What somebody has changed since the set stays, too.
    environment = sim.execute("project.all")[0]["environments"][0]["environmentId"]
    sim.execute("environment.update", environmentId=environment, env="CHANGED=since")
    before = shop.living()
    sim.reset_stats()

    output = shop.beside("db", "db-1042", recover_before=moment)
    assert sim.rows("db-1042", "orders") == ROWS
    assert sim.rows("db", "orders") == [*ROWS, "4", "5"]
    after = shop.living()
    assert without(after["services"], before["services"]) == before["services"]
    assert without(after["data"], before["data"]) == before["data"]
    assert sim.execute("environment.one", environmentId=environment)["env"] == "CHANGED=since"
    (row,) = (
        row for row in sim.execute("environment.one", environmentId=environment)["postgres"] if row["name"] == "db-1042"
    )
    made = sim.execute("postgres.one", postgresId=row["postgresId"])
    assert (made["externalPort"], made["backups"]) == (None, [])
    assert f"docker exec $(docker ps -qf label=com.docker.swarm.service.name={made['appName']}) psql" in output
    living = sim.execute("postgres.one", postgresId=database(sim, "db"))["appName"]
    assert f"docker exec -i $(docker ps -qf label=com.docker.swarm.service.name={living}) psql" in output

    sim.reset_stats()
    output = shop.beside("db", "db-1042", recover_before=moment)
    assert "changed=0 " in output and list(sim.calls("mutation")) == []
    assert "psql" in output


@slow
def test_files_come_back_beside_an_application_that_does_nothing(shop: Shop) -> None:
    sim = shop.sim
    sim.act(write="uploads", path="cat.png", data="miaow")
    sim.act(write="/srv/media", path="dog.png", data="bark")
    shop.backup()
    sim.act(write="uploads", path="cat.png", data="lost")
    before = shop.living()
    output = shop.beside("web", "web-1042")
    data = sim.data()
    assert data["uploads-web-1042"]["files"] == {"cat.png": "miaow"}
    # Nothing mounts the folder, so that it is seen in the root of the host.
    assert data[""]["files"]["srv/media-web-1042/dog.png"] == "bark"
    data.pop("")
    before["data"].pop("", None)
    assert without(data, before["data"]) == before["data"]
    assert "docker run --rm -v uploads-web-1042:/from:ro -v uploads:/to ubuntu cp -a /from/PATH /to/PATH" in output
    assert "cp -a /srv/media-web-1042/PATH /srv/media/PATH" in output
    # Nothing does the work of the living one a second time.
    assert without(sim.services(), before["services"]) == before["services"]
    (made,) = (
        row for row in sim.execute("project.all")[0]["environments"][0]["applications"] if row["name"] == "web-1042"
    )
    one = sim.execute("application.one", applicationId=made["applicationId"])
    assert (one["replicas"], one["domains"]) == (0, [])


@slow
def test_what_would_touch_the_living_one_is_refused(shop: Shop) -> None:
    shop.sim.act(insert="db", table="orders", count=3)
    shop.backup()
    shop.sim.reset_stats()
    recover = ["-e", "recover_set=sets/newest", "-e", "recover_only=shop/production/db"]
    for words, told in (
        (["-e", "recover_beside=other"], "exists, and is not what an earlier recovery has made of this archive"),
        (["-e", "recover_beside=forum"], "database shop/production/forum exists with the type mariadb"),
        (["-e", "recover_beside=db"], "recover_beside takes a name that the environment does not have"),
        (["-e", "recover_beside=x", "-e", "recover_overwrite=shop/production/db"], "are mutually exclusive"),
        (["-e", "recover_beside=x", "-e", "recover_only=shop/production/none"], "no archive of shop/production/none"),
        (["-e", "recover_beside=x", "-e", "recover_only=shop"], "recover_beside needs recover_only with one path"),
    ):
        status, output = shop.status("community.dokploy.recover", *recover, *words)
        assert status == 2 and told in " ".join(output.split()), output
        assert list(shop.sim.calls("mutation")) == []


def test_one_service_that_is_lost_comes_back_alone(shop: Shop) -> None:
    sim = shop.sim
    sim.act(insert="db", table="orders", count=3)
    shop.backup()
    sim.execute("postgres.remove", postgresId=database(sim, "db"))
    before = shop.living()
    shop.run("community.dokploy.recover", recover_set="sets/newest", recover_only="shop/production/db")
    assert sim.rows("db", "orders") == ROWS
    assert without(sim.services(), before["services"]) == before["services"]

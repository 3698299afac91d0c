# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to existing instances runs from top to bottom, on a server that was set up in the web interface."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dokploy_simulator import Simulator
from tests.guides.snippets import snippets
from tests.guides.test_manifest import Reader
from tests.support.effort import THOROUGH, slow
from tools.workspace import ROOT

GUIDE = ROOT / "docs/docsite/rst/adopting.rst"
MANIFEST, DRIFT_GUIDE = ROOT / "docs/docsite/rst/manifest.rst", ROOT / "docs/docsite/rst/drift.rst"
DRIFT = "ansible-playbook community.dokploy.drift -e setup_src=instance -e @secrets.yml"
TOKEN = "made-up-token-of-the-shop"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Simulator(build_seconds=0.01) as sim:
        set_up(sim)
        reader = Reader(sim, tmp_path)
        reader.promised.append("what Redis has not saved is lost")
        yield reader


def set_up(sim: Simulator) -> None:
    """Two projects with what runs, and what does not, as the web interface makes them."""
    docker = {"sourceType": "docker", "dockerImage": "docker.io/library/nginx:1"}
    inside = {"project": "shop", "environment": "production"}
    environment = sim.seed(applications=1, name="web", fields=docker, **inside)["environmentId"]
    sim.seed(applications=1, name="blog", project="blog", environment="production", fields=docker)
    redis = {"appName": "sessions", "databasePassword": "admin", "dockerImage": "docker.io/library/redis:7"}
    made = sim.execute("redis.create", name="sessions", environmentId=environment, **redis)
    host = sim.execute("redis.one", redisId=made["redisId"])["appName"]
    (web,) = sim.execute("environment.one", environmentId=environment)["applications"]
    own = {"applicationId": web["applicationId"]}
    sim.execute("application.update", **own, env=f"SESSIONS=redis://default:admin@{host}:6379/1\nTOKEN={TOKEN}")
    sim.execute("application.deploy", **own)
    sim.execute("redis.deploy", redisId=made["redisId"])
    deadline = time.monotonic() + 60
    while [one["status"] for one in sim.execute("deployment.all", **own)] != ["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@slow
def test_the_guide(reader: Reader) -> None:
    counts: dict[str, list[int]] = {}
    for snippet in snippets(GUIDE):
        if snippet.file is not None:
            reader.write(snippet.file, snippet.text)
        for command in snippet.commands:
            if command.startswith("git"):
                assert reader.run(command) == (0, "")
            elif not command.startswith("export"):
                counts.setdefault(command, []).append(reader.changes(command)["localhost"])
    vault = " --vault-password-file vault-password"
    export, site = "ansible-playbook community.dokploy.export", f"ansible-playbook site.yml{vault}"
    whole = f"{export} -e dokploy_export_dest=instance{vault}"
    merge = f"{export} -e dokploy_export_dest=instance -e dokploy_export_merge=true -e @secrets.yml"
    files = "-e dokploy_export_dest=shop.yml -e dokploy_export_secrets_dest=shop-secrets.yml"
    assert counts == {
        export: [0],
        whole: [1],
        # The server has none of these variables.
        f"{export} -e dokploy_export_dest=instance -e 'dokploy_export_plain_env=TZ,REGION,PUBLIC_*'{vault}": [0],
        # The deployments without a record, and none of them.
        f"{site} --check --diff": [1, 0],
        f"{site} -e deploy=adopt": [1],
        "ansible-playbook adopt.yml": [0],
        f"{DRIFT}{vault}": [0],
        f"{merge}{vault} --check --diff": [0],
        f"{merge}{vault}": [0],
        f"{export} -e dokploy_export_projects=shop {files}{vault}": [1],
        f"ansible-playbook team.yml{vault}": [1],
    }
    check_files(reader)
    if THOROUGH:
        check_pipelines(reader)
    # The tag of the owner is new.
    assert reader.changes(whole) == {"localhost": 1}
    assert reader.changes(whole) == {"localhost": 0}
    # The variables of the other project stay.
    assert reader.changes(whole.replace("dest=instance", "dest=instance -e dokploy_export_projects=shop")) == {
        "localhost": 0
    }
    with Simulator(build_seconds=0.01) as other:
        reader.env["DOKPLOY_URL"], reader.env["DOKPLOY_API_KEY"] = other.url, other.key
        assert reader.changes(site) == {"localhost": 1}
        assert reader.changes(site) == {"localhost": 0}
        assert variables_of(other) != variables_of(reader.sim)


@slow
def test_a_secret_that_has_changed_on_the_server_is_merged(reader: Reader) -> None:
    """Although the extra variable of the guide's command has the old one."""
    vault = " --vault-password-file vault-password"
    whole = f"ansible-playbook community.dokploy.export -e dokploy_export_dest=instance{vault}"
    merge = f"{whole} -e dokploy_export_merge=true -e @secrets.yml"
    assert reader.changes(whole) == {"localhost": 1}
    shop = next(project for project in reader.sim.execute("project.all") if project["name"] == "shop")
    (web,) = [row for environment in shop["environments"] for row in environment["applications"]]
    own = {"applicationId": web["applicationId"]}
    env = reader.sim.execute("application.one", **own)["env"]
    reader.sim.execute("application.update", **own, env=env.replace(TOKEN, "another-token-of-the-shop"))
    assert reader.changes(f"{merge} --check --diff") == {"localhost": 1}
    assert reader.changes(merge) == {"localhost": 1}
    assert reader.changes(merge) == {"localhost": 0}


def check_pipelines(reader: Reader) -> None:
    """Those of the other guides find the secrets of the export."""
    for guide, name in ((MANIFEST, "reviewed.yml"), (DRIFT_GUIDE, ".gitlab-ci.yml")):
        (text,) = [snippet.text for snippet in snippets(guide) if snippet.file == name]
        reader.write(name, text)
    vault = " --vault-password-file vault-password"
    found = reader.changes("ansible-playbook reviewed.yml --check" + vault)
    assert found == {"localhost": 1}, (reader.folder / "plan.md").read_text()
    assert "| application |" not in (reader.folder / "plan.md").read_text()
    (script,) = yaml.safe_load((reader.folder / ".gitlab-ci.yml").read_text())["drift"]["script"]
    assert script.startswith(DRIFT)
    status, said = reader.run(script + vault)
    assert "undefined" not in said and status == 0, said


def check_files(reader: Reader) -> None:
    shop = (reader.folder / "instance/projects/shop.yml").read_text()
    assert "{{ 'sessions:internal_url' | community.dokploy.reference }}/1" in shop
    assert "vault_shop_production_web_env['TOKEN']" in shop and TOKEN not in shop
    secrets = reader.folder / "secrets.yml"
    assert secrets.read_text().startswith("$ANSIBLE_VAULT;") and secrets.stat().st_mode & 0o777 == 0o600


def variables_of(sim: Simulator) -> dict[str, str]:
    """The variables of the application, in which only the address of its database is another one."""
    shop = next(one for one in sim.execute("project.all") if one["name"] == "shop")
    (environment,) = [one for one in shop["environments"] if one["applications"]]
    (web,) = environment["applications"]
    text = sim.execute("application.one", applicationId=web["applicationId"])["env"]
    found = dict(line.split("=", 1) for line in text.splitlines())
    (redis,) = environment["redis"]
    host = sim.execute("redis.one", redisId=redis["redisId"])["appName"]
    assert found == {"SESSIONS": f"redis://default:admin@{host}:6379/1", "TOKEN": TOKEN}
    return found

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to drift, on a server as its document describes it, and after others have changed it."""

from __future__ import annotations

import http.server
import json
import shlex
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import archives_content
from ansible_collections.community.dokploy.plugins.plugin_utils._sets.folder import SetFolder
from dokploy_simulator import Simulator
from tests.guides import commands
from tests.guides.snippets import snippets
from tests.support.effort import slow
from tests.unit.resources.test_archives_file import SET
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

GUIDE = ROOT / "docs/docsite/rst/drift.rst"
BEFORE, AFTER = "image is docker.io/traefik/whoami:v1 instead of docker.io/traefik/whoami:v1.10.3", "env.WHOAMI_NAME"
EVENTS = (
    "appDeploy appBuildError databaseBackup dokployBackup volumeBackup dokployRestart dockerCleanup serverThreshold"
)
PASSWORD = "a password of the tests"
SECRET = "a-value-that-nobody-may-see"


class Channel:
    """A chat that gets messages."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        channel = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                channel.messages.append(json.loads(self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_given: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/of-the-channel"


@pytest.fixture
def channel() -> Iterator[Channel]:
    found = Channel()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(build_seconds=0.01) as found:
        yield found


def run(command: str, folder: Path, sim: Simulator) -> tuple[int, str]:
    """The status of a command of the guide, and what it has printed, which has no secret."""
    env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key}
    sim.reset_stats()
    # The time for which a container has to stay up.
    extra = " -e setup_deploy_verify_period=0" if ".setup" in command else ""
    status, said = commands.run(shlex.split(command + extra), folder, env)
    assert ansible_warnings.unexpected(said) == [], command
    assert SECRET not in said and sim.key not in said
    assert ".setup" in command or sim.calls("mutation") == []
    return status, said


def change(sim: Simulator) -> None:
    """What others do to a server."""
    (project,) = sim.execute("project.all")
    web = next(one for part in project["environments"] for one in part["applications"] if one["name"] == "web")[
        "applicationId"
    ]
    sim.act(set=web, fields={"dockerImage": "docker.io/traefik/whoami:v1", "env": f"WHOAMI_NAME={SECRET}"})
    sim.seed(applications=1, name="try", project="shop", environment="production", fields={})
    sim.config(next_results=["error"])
    sim.act(deploy=web)
    sim.settle()


def test_the_guide(sim: Simulator, channel: Channel, tmp_path: Path) -> None:
    found = snippets(GUIDE)
    files = {one.file: one.text for one in found if one.file is not None}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.replace("vault_shop_token: ...", f"vault_shop_token: {SECRET}"))
    (tmp_path / "vault-password").write_text(PASSWORD)
    commands_of_guide = [command for block in found for command in block.commands if command.startswith("ansible-")]
    encrypt, set_up, compare, backups, fail, own, *_of_several = commands_of_guide
    assert run(encrypt, tmp_path, sim)[0] == 0
    assert run(set_up, tmp_path, sim)[0] == 0
    events = dict.fromkeys(EVENTS.split(), False)
    sim.execute("notification.createSlack", name="ops", webhookUrl=channel.url, channel="", **events)
    assert run(compare + " -e drift_fail=true", tmp_path, sim)[0] == 0
    assert json.loads((tmp_path / "drift.json").read_text())["summary"] == "1 not in the document"
    # Nothing of it has data.
    set_folder = tmp_path / "sets" / "2026-12-01T02-15-00Z"
    set_folder.mkdir(parents=True)
    SetFolder(str(set_folder), DataLoader()).write(archives_content(SET))
    # The server has no destination with the bucket of the set.
    status, said = run(backups + " -e drift_sets=sets", tmp_path, sim)
    assert status != 0 and "are not looked at" in said and "destination s3: backup sets" in said
    change(sim)
    status, said = run(fail, tmp_path, sim)
    assert status != 0
    for line in (BEFORE, AFTER, "application shop/production/try: not in the document"):
        assert line in said
    status, said = run(own, tmp_path, sim)
    assert status == 0 and channel.url not in said
    summary = "1 difference, 2 not in the document, 1 failed deployment"
    for ending in ("html", "md"):
        text = (tmp_path / f"drift.{ending}").read_text()
        assert summary in text and SECRET not in text
    (message,) = channel.messages
    assert message["text"].startswith(summary + "\napplication shop/production/web: ")
    check_pipelines(tmp_path, files, sim)


def check_pipelines(folder: Path, files: dict[str, str], sim: Simulator) -> None:
    """Both fail because of what differs, and keep the report all the same."""
    steps = yaml.safe_load(files[".github/workflows/drift.yml"])["jobs"]["drift"]["steps"]
    gitlab = yaml.safe_load(files[".gitlab-ci.yml"])["drift"]
    (script,) = gitlab["script"]
    assert steps[-3]["run"] == script
    # The vault password of a pipeline is that of a script.
    script += " --vault-password-file vault-password"
    (folder / "drift.html").unlink()
    assert run(script, folder, sim)[0] != 0
    assert steps[-2]["if"] == steps[-1]["if"] == "always()" and gitlab["artifacts"]["when"] == "always"
    assert [steps[-1]["with"]["path"]] == gitlab["artifacts"]["paths"] == ["drift.html"]
    assert (folder / "drift.html").exists()
    summary = {"GITHUB_STEP_SUMMARY": str(folder / "summary")}
    subprocess.run(
        ["bash", "-ec", steps[-2]["run"]], cwd=folder, env={**workspace.environment(), **summary}, check=True
    )
    assert (folder / "summary").read_text() == (folder / "drift.md").read_text()


SEVERAL = ("Several instances", "GitHub Actions")
DOCUMENT = "projects: [{name: shop, environments: [{name: production, applications: [{name: web, replicas: 2}]}]}]\n"


@pytest.fixture
def instances(sim: Simulator, tmp_path: Path) -> Iterator[tuple[Simulator, Simulator]]:
    """The servers of the guide: two, one of which differs, and one that does not answer."""
    with Simulator(build_seconds=0.01) as other:
        keys = {}
        (inventory,) = (block.text for block in snippets(GUIDE, *SEVERAL) if block.file == "inventory.yml")
        for name, server in (("berlin", sim), ("tokyo", other)):
            server.seed(
                applications=1,
                name="web",
                project="shop",
                environment="production",
                fields={"replicas": 2 if server is sim else 3, "env": f"TOKEN={SECRET}"},
            )
            inventory = inventory.replace(f"https://dokploy.{name}.example.com", server.url)
            keys[f"vault_{name}_api_key"] = server.key
        inventory = inventory.replace("https://dokploy.lima.example.com", "http://127.0.0.1:9")
        (tmp_path / "inventory.yml").write_text(inventory + "    dokploy_max_retries: 0\n")
        (tmp_path / "secrets.yml").write_text(yaml.safe_dump({**keys, "vault_lima_api_key": "of-lima"}))
        (tmp_path / "instance").mkdir()
        (tmp_path / "instance/shop.yml").write_text(DOCUMENT)
        yield sim, other


@slow
def test_several_instances(instances: tuple[Simulator, Simulator], tmp_path: Path) -> None:
    make, *commands_of_several = [command for block in snippets(GUIDE, *SEVERAL) for command in block.commands][1:]
    whole = next(command for block in snippets(GUIDE, *SEVERAL) for command in block.commands)
    europe, others, join = commands_of_several
    plain = " --vault-password-file vault-password"

    def ran(command: str, status: int, *words: str) -> str:
        for server in instances:
            server.reset_stats()
        code, said = run(command.replace(plain, "") + "".join(f" {word}" for word in words), tmp_path, instances[0])
        assert code == status, said
        assert instances[1].key not in said and instances[1].calls("mutation") == []
        return said

    # In check mode, too, since nothing is changed anyway. The one without an answer fails after the report is written.
    said = ran(whole, 2, "--check", "-e drift_fail=true")
    data = json.loads((tmp_path / "all.json").read_text())
    assert data["summary"] == "3 instances: 1 in sync, 1 with drift, 1 did not answer"
    assert [(instance["host"], instance["state"], instance["release"] != "") for instance in data["instances"]] == [
        ("berlin", "in_sync", True),
        ("tokyo", "drift", True),
        ("lima", "no_answer", False),
    ]
    assert "the connection is refused" in data["instances"][2]["msg"]
    assert "tokyo: application shop/production/web: replicas is 3 instead of 2" in said
    # The plan and the diff of a host name it.
    assert "tokyo:\n~ update application shop/production/web" in said
    assert "--- before: tokyo: application 'web' in shop/production" in said
    page, text = ((tmp_path / f"all.{ending}").read_text() for ending in ("html", "md"))
    for name in ("berlin", "tokyo", "lima"):
        assert f'data-instance="{name}"' in page and f"| {name} `" in text
        # One that was not compared has none of its own.
        assert (tmp_path / f"{name}.html").exists() == (name != "lima")
    assert SECRET not in page + text + json.dumps(data)
    subprocess.run(shlex.split(make), cwd=tmp_path, check=True)
    ran(europe, 0)
    assert "differences" in json.loads((tmp_path / "parts/europe.json").read_text())
    # The pipeline for the other hosts has written what the first one had of them.
    assert "dokploy_hosts=tokyo:lima" in others and "drift_reports=parts/others.json" in others
    of_others = {**data, "instances": data["instances"][1:]}
    (tmp_path / "parts/others.json").write_text(json.dumps(of_others))
    said = ran(join, 2)
    assert "tokyo: application shop/production/web: replicas is 3 instead of 2" in said
    joined = json.loads((tmp_path / "joined.json").read_text())
    assert joined["summary"] == data["summary"] and joined["counts"] == data["counts"]
    assert (tmp_path / "joined.html").read_text().count("data-instance=") == 3

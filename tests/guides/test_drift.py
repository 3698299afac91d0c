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

from dokploy_simulator import Simulator
from tests.guides import commands
from tests.guides.snippets import snippets
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
    encrypt, set_up, compare, fail, own = [
        command for block in found for command in block.commands if command.startswith("ansible-")
    ]
    assert run(encrypt, tmp_path, sim)[0] == 0
    assert run(set_up, tmp_path, sim)[0] == 0
    events = dict.fromkeys(EVENTS.split(), False)
    sim.execute("notification.createSlack", name="ops", webhookUrl=channel.url, channel="", **events)
    assert run(compare + " -e drift_fail=true", tmp_path, sim)[0] == 0
    assert json.loads((tmp_path / "drift.json").read_text())["summary"] == "1 not in the document"
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

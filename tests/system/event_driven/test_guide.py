# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to Event-Driven Ansible: its playbook and its rulebooks, run as a reader would."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dokploy_simulator import Simulator
from tests.support.simulator_client import Api
from tests.system.event_driven.conftest import Start, deploy, listens
from tests.system.event_driven.rulebook import SECONDS, guide
from tools import workspace

TOKEN = "canary-notification-token"


def file_of_guide(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_text(guide(name))
    return path


def test_notifications(rulebook: Start, api: Api, sim: Simulator, port: int, tmp_path: Path) -> None:
    variables = {"notification_port": port, "notification_token": TOKEN}
    playbook = file_of_guide("notification.yml", tmp_path)
    with rulebook(file_of_guide("notifications.yml", tmp_path), variables) as run:
        run.wait(lambda: listens(port))
        values = (f"notification_url=http://127.0.0.1:{port}/", f"notification_token={TOKEN}")
        env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key, "NO_PROXY": "127.0.0.1"}
        command = ["ansible-playbook", str(playbook), *(word for value in values for word in ("-e", value))]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stdout
        (custom,) = (row["custom"] for row in api.get("notification.all").json())
        api.post("notification.testCustomConnection", endpoint=custom["endpoint"], headers=custom["headers"])
        run.wait(lambda: "The test of the notification has arrived." in run.output)
        deploy(api, api.application(sourceType="docker", dockerImage="nginx:1"), "error")
        run.wait(lambda: run.recaps() >= 1)
        assert "web in shop/production, deployment of" in run.output
    assert "canary" not in run.output


def test_deployments(rulebook: Start, api: Api, tmp_path: Path) -> None:
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    deploy(api, application)
    deploy(api, application, "error")
    variables = {"deployment_interval": 0.2, "deployment_since": "1h"}
    with rulebook(file_of_guide("deployments.yml", tmp_path), variables) as run:
        run.wait(lambda: "web: Manual deployment is error" in run.output)
        assert "is done" not in run.output

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of ``ansible-playbook`` while a deployment is followed, with its callbacks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dokploy_simulator import Simulator
from tests.support.effort import sampled, slow
from tests.support.host import Host
from tools import ansible_warnings, workspace

PLAY = """
- name: Deploy
  hosts: all
  gather_facts: false
  tasks:
    - name: Deploy an application
      community.dokploy.dokploy_deployment:
        project: shop
        application: "{{ inventory_hostname }}"
        follow: "{{ follow }}"
        verify: false
"""
# Newer releases of ansible-core deprecate one of the outputs.
EXPECTED = ("oneline",)
SECRET = "s3cret-of-the-build"
MIDDLE = ["one of many", "\x1b[32mgreen\x1b[0m", "10%\r100%", f"token {SECRET}", "größer"]
LINES = ["one of many", "green", "100%", "token ********", "größer"]


@pytest.fixture
def shop(sim: Simulator) -> Host:
    """shop/production/web and api, whose builds log some lines."""
    host = Host(sim)
    fields = {"sourceType": "docker", "dockerImage": "nginx", "env": f"TOKEN={SECRET}"}
    for name in ("web", "api"):
        sim.seed(applications=1, name=name, project="shop", fields=fields)
    sim.config(builds=[{"image": "nginx", "log": MIDDLE, "seconds": 1.5}], concurrency=2)
    return host


def play(host: Host, folder: Path, follow: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "play.yml").write_text("---" + PLAY)
    (folder / "inventory").write_text("web ansible_connection=local\napi ansible_connection=local\n")
    done = subprocess.run(
        [
            workspace.VENV / "bin/ansible-playbook",
            "-i",
            "inventory",
            "-f",
            "2",
            "-e",
            json.dumps({"follow": follow}),
            "play.yml",
        ],
        cwd=folder,
        env={
            **workspace.environment(),
            "DOKPLOY_URL": host.sim.url,
            "DOKPLOY_API_KEY": host.sim.key,
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ansible_warnings.unexpected(done.stdout + done.stderr, EXPECTED) == []
    return done


OUTPUTS: dict[str, dict[str, str]] = {
    "default": {},
    "oneline": {"ANSIBLE_STDOUT_CALLBACK": "oneline"},
    "json": {"ANSIBLE_STDOUT_CALLBACK": "document", "ANSIBLE_CALLBACK_PLUGINS": "."},
}

# Writes one JSON document at the end, as ansible.posix.json does.
DOCUMENT = """
import json
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "document"

    def __init__(self):
        super().__init__()
        self.seen = []

    def v2_runner_on_ok(self, result):
        self.seen.append(result._host.get_name() if hasattr(result, "_host") else result.host.get_name())

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(self.seen))
"""


@pytest.mark.parametrize("output", sampled(list(OUTPUTS), 3))
def test_log_lines_are_told_live_beside_every_output(shop: Host, tmp_path: Path, output: str) -> None:
    (tmp_path / "document.py").write_text(DOCUMENT)
    done = play(shop, tmp_path, **OUTPUTS[output])
    told = done.stderr.splitlines()
    for name in ("web", "api"):
        prefix = f"{name} | shop/production/{name} | "
        own = [line.removeprefix(prefix) for line in told if line.startswith(prefix)]
        assert [line for line in own if line in LINES] == LINES
        assert own[0] == "Initializing deployment"
    # Two workers at once: no line is torn, and none is in what callbacks write.
    assert [line for line in told if "|" in line and not re.match(r"(web|api) \| shop/production/\1 \| ", line)] == []
    assert "Initializing deployment" not in done.stdout
    assert SECRET not in done.stdout + done.stderr
    if output == "json":
        assert sorted(json.loads(done.stdout)) == ["api", "web"]


def test_nothing_is_told_of_what_is_over_soon(shop: Host, tmp_path: Path) -> None:
    done = play(shop, tmp_path, follow=False)
    assert "shop/production" not in done.stderr
    assert "one of many" not in done.stdout + done.stderr


@slow
def test_the_packaged_module_has_nobody_to_tell(shop: Host, tmp_path: Path) -> None:
    (tmp_path / "host_vars").mkdir()
    for name in ("web", "api"):
        variables = {"dokploy_in_process": False, "ansible_python_interpreter": sys.executable}
        (tmp_path / f"host_vars/{name}.yml").write_text(json.dumps(variables))
    done = play(shop, tmp_path)
    assert "Initializing deployment" not in done.stdout + done.stderr
    assert "changed=1" in done.stdout

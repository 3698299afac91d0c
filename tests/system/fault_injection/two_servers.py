# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two simulated Dokploys that share a bucket, and the playbook move between them, which may be killed at a request."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import CACHE, DB, FORUM_FILE, S3, WEB
from tests.support.host import Host
from tests.system.fault_injection.playbooks import LIMIT, _descendants, _send
from tools import workspace
from tools.workspace import VENV

_CHANGED = re.compile(r"^localhost +: +ok=\d+ +changed=(\d+) ", re.M)
_STRANGE = re.compile(r"Traceback \(most recent call last\)|Unexpected (?:failure|Exception)|An exception occurred")
DEPLOY: dict[str, Any] = {"deploy": "changed", "verify_period": 0.0}
# Nothing but its own name is like this one.
PASSWORD = "canary-of-the-database"
SHOP: dict[str, Any] = {
    "destinations": [S3],
    "projects": [
        {
            "name": "shop",
            "environments": [
                {
                    "name": "production",
                    "applications": [{**WEB, "domains": [{"host": "shop.example.com"}]}],
                    "databases": [{**DB, "password": PASSWORD}, CACHE],
                    "compose": [{"name": "forum", "raw": {"definition": FORUM_FILE}, "env": {"COLOUR": "red"}}],
                }
            ],
        }
    ],
}


@dataclass
class Run:
    """One run of C(ansible-playbook)."""

    status: int
    text: str
    changed: int


class TwoServers:
    """A source with data, and an empty target.

    :param folder: of the tests, which gets the folder of the move.
    """

    def __init__(self, source: Simulator, target: Simulator, folder: Path) -> None:
        self.source, self.target, self.folder = source, target, folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tmp").mkdir(parents=True)
        for server in (source, target):
            server.reset(config=True)
        target.server.buckets.files = source.server.buckets.files
        made = apply(Host(source), SHOP, **DEPLOY)
        assert not made.get("failed"), made.get("msg")
        (stack,) = [row["app_name"] for row in made["resources"] if row["path"] == "shop/production/forum"]
        source.act(insert="db", table="orders", count=3)
        source.act(insert="cache", count=2)
        source.act(insert="forum", table="posts", count=3, service_name="db")
        source.act(write="uploads", path="cat.png", data="miaow")
        source.act(write=f"{stack}_files", path="f", data="text")
        for server in (source, target):
            server.reset_stats()

    def data(self, server: Simulator) -> list[Any]:
        """What the services have: the rows of the database, the keys of the cache, the posts, and the files."""
        files = server.data().get("uploads", {}).get("files")
        posts = server.rows("forum", "posts", service_name="db")
        return [server.rows("db", "orders"), server.rows("cache"), posts, files]

    def writes(self) -> list[int]:
        """How many writes each server has got since this was asked last."""
        counts = [len(server.calls("mutation")) for server in (self.source, self.target)]
        for server in (self.source, self.target):
            server.reset_stats()
        return counts

    def start(self, step: str, *words: str, **variables: Any) -> subprocess.Popen[str]:
        """Begin a step."""
        known = {
            "move_step": step,
            "move_projects": "shop",
            "move_dest": str(self.folder / "move"),
            "move_destination": "s3",
            "move_to_url": self.target.url,
            "move_to_api_key": self.target.key,
            "move_secrets": "file",
            "move_verify_period": 0,
            "move_silent": 0.1,
            "move_reports": [str(self.folder / "report.json")],
            **variables,
        }
        (self.folder / "variables.json").write_text(json.dumps(known))
        temporary = str(self.folder / "tmp")
        env = {
            **workspace.environment(),
            "ANSIBLE_LOCAL_TEMP": temporary,
            "ANSIBLE_REMOTE_TEMP": temporary,
            "TMPDIR": temporary,
            "NO_PROXY": "127.0.0.1",
            "DOKPLOY_URL": self.source.url,
            "DOKPLOY_API_KEY": self.source.key,
        }
        command = [str(VENV / "bin/ansible-playbook"), "community.dokploy.move", "-e", "@variables.json", *words]
        with (self.folder / "log").open("w") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def end(self, process: subprocess.Popen[str]) -> Run:
        """The end of a step, whose output has no secret and no traceback."""
        status = process.wait(LIMIT)
        text = (self.folder / "log").read_text(errors="replace")
        assert _STRANGE.search(text) is None, text[-3000:]
        for secret in (PASSWORD, self.target.key, self.source.key):
            assert secret not in text
        changed = _CHANGED.search(text)
        return Run(status, text, int(changed[1]) if changed else -1)

    def run(self, step: str, *words: str, **variables: Any) -> Run:
        return self.end(self.start(step, *words, **variables))

    def good(self, step: str, *words: str, **variables: Any) -> Run:
        """A step that succeeds."""
        run = self.run(step, *words, **variables)
        assert run.status == 0, run.text[-3000:]
        return run

    def refused(self, words: str, step: str, **variables: Any) -> Run:
        """A step that is refused, in these words."""
        run = self.run(step, **variables)
        assert run.status != 0
        assert words in run.text, run.text[-3000:]
        return run

    def killed(self, server: Simulator, request: int, step: str) -> bool:
        """Kill a step at a request that one of the servers gets; whether that came."""
        server.hold("*", nth=request, stage="before", until="told", seconds=LIMIT)
        process = self.start(step)
        came = _waited(server, process)
        for pid in [process.pid, *_descendants(process.pid)]:
            _send(pid, signal.SIGKILL)
        process.wait()
        for other in (self.source, self.target):
            other.reset(state=False, stats=False)
            other.settle()
        return came

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return report


def _waited(server: Simulator, process: subprocess.Popen[str]) -> bool:
    """Whether the request came, before the playbook had ended."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and process.poll() is None:
        if any(hold["waiting"] for hold in server.holds()):
            return True
        time.sleep(0.01)
    return False


def folder_of_tests() -> Path:
    """A folder with a short path, since sockets of Ansible are in it."""
    return workspace.CACHE / "moves" / str(os.getpid())

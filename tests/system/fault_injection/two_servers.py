# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two simulated Dokploys that share a bucket, and the playbook move between them, which may be killed at a request."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import CACHE, DB, FORUM_FILE, S3, WEB
from tests.support.host import Host
from tests.system.fault_injection.one_playbook import OnePlaybook

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


class TwoServers(OnePlaybook):
    """A source with data, and an empty target.

    :param folder: of the tests, which gets the folder of the move.
    """

    def __init__(self, source: Simulator, target: Simulator, folder: Path) -> None:
        super().__init__("move", (source, target), folder, (PASSWORD,))
        self.source, self.target = source, target
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

    def variables(self, **variables: Any) -> dict[str, Any]:
        return {
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

    def start(self, *words: str, **variables: Any) -> subprocess.Popen[str]:
        """Begin a step, which is the first of the words."""
        step, *others = words
        return super().start(*others, move_step=step, **variables)

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return report

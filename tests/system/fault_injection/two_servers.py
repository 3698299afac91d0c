# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two simulated Dokploys with one bucket, or one with another server, and the playbook move, killed at a request."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import CACHE, DB, FORUM_FILE, S3, WEB
from tests.support.host import Host
from tests.system.fault_injection.one_playbook import OnePlaybook

DEPLOY: dict[str, Any] = {"deploy": "changed", "verify_period": 0.0}
# Nothing but its own name is like this one.
PASSWORD = "canary-of-the-database"
SERVERS: dict[str, dict[str, Any]] = {"edge": {}, "builder": {"type": "build"}, "far": {"ip_address": "192.0.2.8"}}
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

    document: ClassVar[dict[str, Any]] = SHOP

    def __init__(self, source: Simulator, target: Simulator, folder: Path) -> None:
        super().__init__("move", (source, target), folder, (PASSWORD,))
        self.source, self.target = source, target
        target.server.buckets.files = source.server.buckets.files
        made = apply(Host(source), self.document, **DEPLOY)
        assert not made.get("failed"), made.get("msg")
        (stack,) = [row["app_name"] for row in made["resources"] if row["path"] == "shop/production/forum"]
        source.act(insert="db", table="orders", count=3)
        source.act(insert="cache", count=2)
        source.act(insert="forum", table="posts", count=3, service_name="db")
        source.act(write="uploads", path="cat.png", data="miaow")
        source.act(write=f"{stack}_files", path="f", data="text")
        for server in (source, target):
            server.reset_stats()

    @property
    def place(self) -> dict[str, Any]:
        """The variables that say where the services go."""
        return {"move_to_url": self.target.url, "move_to_api_key": self.target.key}

    def data(self, server: Simulator) -> list[Any]:
        """What the services have: the rows of the database, the keys of the cache, the posts, and the files."""
        return self.data_of(server, "")

    def data_of(self, server: Simulator, suffix: str) -> list[Any]:
        """The same of services with other names."""
        files = server.data().get("uploads", {}).get("files")
        posts = server.rows(f"forum{suffix}", "posts", service_name="db")
        return [server.rows(f"db{suffix}", "orders"), server.rows(f"cache{suffix}"), posts, files]

    def prepared(self, server: Simulator) -> list[tuple[str, int]]:
        """The status of what is deployed without containers first, and how many of it run: of the application, the
        Redis and the stack."""
        store, docker = server.server.store, server.server.docker
        (web,), (cache,), (forum,) = (store.services[kind] for kind in ("application", "redis", "compose"))
        counts = [len(docker.services[row["appName"]].running()) for row in (web, cache)]
        counts.append(len(docker.projects.of(forum["appName"])))
        statuses = (web["applicationStatus"], cache["applicationStatus"], forum["composeStatus"])
        return list(zip(statuses, counts, strict=True))

    def variables(self, **variables: Any) -> dict[str, Any]:
        return {
            "move_projects": "shop",
            "move_dest": str(self.folder / "move"),
            "move_destination": "s3",
            **self.place,
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


class OneDokploy(TwoServers):
    """A Dokploy with data on its own host, and with another server. Both have the same volumes and folders, since the
    simulated Docker of a server is that of its Dokploy."""

    document: ClassVar[dict[str, Any]] = {
        **SHOP,
        "ssh_keys": [{"name": "login", "generate": "ed25519"}],
        "servers": [
            {"name": name, "ip_address": "192.0.2.7", "ssh_key": "login", **more} for name, more in SERVERS.items()
        ],
    }

    def __init__(self, source: Simulator, folder: Path) -> None:
        super().__init__(source, source, folder)
        source.server.ssh_hosts.set_up.add("192.0.2.7:22")
        source.config(ssh_hosts={"192.0.2.8:22": []})

    @property
    def place(self) -> dict[str, Any]:
        return {"move_to_server": "edge"}

    def places(self) -> dict[str, str]:
        """The names of all services, each with that of its server."""
        store = self.source.server.store
        names = {row["serverId"]: row["name"] for row in store.servers}
        return {row["name"]: names.get(row["serverId"], "") for table in store.services.values() for row in table}

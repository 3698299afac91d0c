# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides to the inventory and to lookups and filters run from top to bottom, on a server with a project."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from dokploy_simulator import Simulator
from tests.guides import commands
from tests.guides.snippets import Snippet, section_text, snippets
from tests.support.host import Host
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

GUIDE = ROOT / "docs/docsite/rst/inventory.rst"
# What the guides take for granted.
GIVEN: list[tuple[Operation, dict[str, Any]]] = [
    (PROJECT, {"name": "shop"}),
    (
        APPLICATION,
        {
            "project": "shop",
            "name": "web",
            "docker": {"image": "docker.io/library/nginx:1"},
            "env": {"TOKEN": "s3cret-token"},
            "domains": [{"host": "shop.example.com"}],
        },
    ),
    (
        COMPOSE,
        {
            "project": "shop",
            "name": "forum",
            "raw": {
                "definition": {
                    "services": {"db": {"image": "docker.io/library/postgres:17"}, "web": {"image": "forum:1"}}
                }
            },
        },
    ),
    (
        DATABASE,
        {
            "project": "shop",
            "name": "db",
            "type": "postgres",
            "database": "shop",
            "user": "shop",
            "password": "s3cretpassword",
        },
    ),
]
SECRETS = ("s3cret-token", "s3cretpassword")


class Reader:
    """A reader who writes each file of a page, and runs each of its commands."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self.sim, self.folder = sim, folder
        self.env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key}
        #: What each command printed.
        self.said: dict[str, str] = {}
        self.warnings: list[str] = []

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        assert not path.exists(), f"{name} is shown twice"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def run(self, command: str) -> str:
        status, said = commands.run(shlex.split(command), self.folder, self.env)
        assert status == 0, f"{command}\n{said}"
        assert ansible_warnings.unexpected(said) == [], command
        assert [secret for secret in (*SECRETS, self.sim.key) if secret in said] == [], command
        self.said[command] = said
        return said

    def follow(self, page: list[Snippet]) -> None:
        for snippet in page:
            if snippet.file is not None:
                self.write(snippet.file, snippet.text)
            for command in snippet.commands:
                if not command.startswith("export "):
                    self.run(command)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Simulator(build_seconds=0.01) as sim:
        host = Host(sim)
        for operation, params in GIVEN:
            host.ok(operation, **params)
        host.close()
        yield Reader(sim, tmp_path)


def test_the_guide_to_the_inventory(reader: Reader) -> None:
    # What the guide shows as failed, and as running on a server.
    tree = reader.sim.execute("project.all")
    (environment,) = tree[0]["environments"]
    (web,) = environment["applications"]
    reader.sim.execute(
        "server.create",
        name="worker-1",
        description="",
        ipAddress="192.0.2.1",
        port=22,
        username="root",
        sshKeyId=None,
        serverType="deploy",
    )
    reader.sim.execute("application.update", applicationId=web["applicationId"], applicationStatus="error")
    reader.follow([snippet for snippet in snippets(GUIDE) if snippet.section == "inventory"])
    graph = reader.said["ansible-inventory -i dokploy.yml --graph"]
    shown = set(re.findall(r"--(@?[\w.-]+)", graph))
    text = section_text(GUIDE, "inventory")
    named = set(re.findall(r"``(shop\.production\.[\w.]+|worker-1|dokploy_(?:kind|project|environment)_\w+)``", text))
    assert named - {name.lstrip("@") for name in shown} == set()
    first, limited = (
        said for command, said in reader.said.items() if command.startswith("ansible-playbook -i dokploy.yml retry.yml")
    )
    assert re.search(r"shop\.production\.web +: ok=2 +changed=1 ", first)
    # The deployment of the first run succeeded.
    assert "no hosts matched" in limited
    assert "worker-1" in reader.said["ansible -i dokploy.yml dokploy_kind_server --list-hosts"]
    chosen = reader.said["ansible-inventory -i shop.dokploy.yml --graph --vars"]
    assert set(re.findall(r"--([\w.-]+)$", chosen, re.M)) == {"web-production", "db-production"}
    assert "{location = shop/production/web}" in chosen and "|--@image_docker_io_library_nginx_1:" in chosen


def test_the_guide_to_lookups_and_filters(reader: Reader) -> None:
    tasks = [snippet.text for snippet in snippets(GUIDE) if snippet.section == "lookup"]
    assert all(text.startswith("- name: ") for text in tasks)
    reader.sim.execute("tag.create", name="customer", color="#ff0000")
    reader.write("files/web.env", "MODE='a # b' # a comment\r\nMODE=live\r\n")
    head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
    reader.write("guide.yml", head + textwrap.indent("\n".join(tasks), "    "))
    said = reader.run("ansible-playbook guide.yml --diff")
    assert "The image is docker.io/library/nginx:1, and the database runs " in said
    assert '"msg": "http://shop.example.com/"' in said
    assert '"msg": "not deployed"' in said
    (environment,) = reader.sim.execute("project.all")[0]["environments"]
    (web,) = environment["applications"]
    row = reader.sim.execute("application.one", applicationId=web["applicationId"])
    assert yaml.safe_load("{%s}" % row["env"].replace("=", ": ").replace("\n", ", ")) == {
        "MODE": "live",
        "RELEASE": "1.4.0",
    }
    (stack,) = environment["compose"]
    (mount,) = reader.sim.execute("compose.one", composeId=stack["composeId"])["mounts"]
    assert mount["content"] == "HOST=mail.example.com\nGREETING='say \"hello\" # world'"

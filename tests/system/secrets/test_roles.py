# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles print no secret of their variables, nor does Ansible when it refuses these."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.system.secrets.canaries import MARKER_WORD, Canaries, forms_found, leaks
from tests.system.secrets.canary_options import cases
from tests.system.secrets.conftest import CanaryServer
from tests.system.secrets.playbook_runs import playbook

MARKER = Canaries(MARKER_WORD).plain("marker")
# Of the text for env that has no variable in it.
IDLE_LINE = "sets no variable, and Dokploy ignores it"


def application(server: CanaryServer) -> dict[str, Any]:
    """The options of an application, its secrets among them."""
    options = dict(next(cases(server.canaries, server.folder, ("dokploy_application",))).options)
    return {name: value for name, value in options.items() if name not in ("project", "environment", "name")}


def structure(server: CanaryServer, **more: Any) -> list[dict[str, Any]]:
    """What the role setup takes, with secrets on each level."""
    secret = server.canaries.rich
    options = {"name": "web", **application(server), "description": MARKER, **more}
    environment = {"name": "production", "env": {"E": secret("environment")}, "applications": [options]}
    return [{"name": "shop", "env": {"P": secret("project")}, "environments": [environment]}]


def wrong(server: CanaryServer) -> list[dict[str, Any]]:
    """Options of an application that Ansible refuses, or that are not what they should be.

    Not a list inside a list of mappings: Ansible checks a role's variables by itself, and quotes that one.
    """
    secret = server.canaries.rich
    return [
        {"basic_auth": [f"user:{secret('text for a user')}"]},
        {"basic_auth": secret("text for users")},
        {"mounts": {"content": secret("mapping for mounts")}},
        {"mounts": [{"path": "/a", "type": "file", "file_path": "a", "content": [secret("list for a text")]}]},
        {"docker": f"image=nginx password={secret('pairs')}"},
        {"docker": [secret("list for a mapping")]},
        {"docker": {"image": "nginx", "pasword": secret("misspelt")}},
        {"docker": {"image": "nginx", "password": {"value": secret("mapping for a text")}}},
        {"preview": {"env": [secret("list for variables")], "port": "none"}},
        {"env": f"KEY {secret('no variable')}"},
        {"env": [secret("list for variables")]},
        {"replicas": "many"},
        {"build_arguments": {"A": secret("misspelt option")}},
        {"http_check": {"url": f"HTTP://u:{server.canaries.plain('address')}@127.0.0.1:1/", "retries": 0}},
        {
            "http_check": {
                "url": f"http://127.0.0.1:1/?a=1&Api_Key={server.canaries.plain('parameter')}",
                "retries": 0,
            }
        },
        {
            "http_check": {
                "url": f"{server.sim.url}/?token={server.canaries.plain('parameter')}",
                "retries": 0,
                "status_codes": [299],
            }
        },
    ]


def role(name: str, variables: str) -> dict[str, Any]:
    """The role, whose failure is not the play's."""
    include = {"name": f"community.dokploy.{name}"}
    return {
        "name": f"Run {name} with {variables}",
        "block": [{"name": "Run it", "ansible.builtin.include_role": include, "vars": f"<{variables}>"}],
        "rescue": [{"name": "Go on", "ansible.builtin.debug": {"var": "ansible_failed_result"}}],
    }


class Story:
    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []
        self.variables: dict[str, Any] = {}

    def run(self, name: str, values: dict[str, Any]) -> None:
        """The role with these variables, which come from the file of secrets, one by one."""
        key = f"v{len(self.variables)}"
        self.variables[key] = values
        task = role(name, key)
        task["block"][0]["vars"] = {variable: f"{{{{ {key}.{variable} }}}}" for variable in values}
        self.tasks.append(task)


@pytest.mark.parametrize("host", ["in process", "as modules"])
def test_the_roles_print_no_secret(server: CanaryServer, tmp_path: Path, host: str, count: Callable[..., None]) -> None:
    server.build()
    story = Story()
    shared = {"setup_deploy_verify": False}
    story.run("setup", {"setup_projects": structure(server), **shared})
    story.run("setup", {"setup_projects": structure(server, deploy="always"), **shared})
    if host == "in process":
        for options in wrong(server):
            story.run("setup", {"setup_projects": structure(server, **options), **shared})
    fault = [{"kind": "echo", "procedure": "*.update*", "body": "plain", "first": MARKER, "times": -1}]
    url = {"url": f"{server.sim.url}/_sim/faults", "method": "POST", "body_format": "json", "body": fault}
    story.tasks.append({"name": "Let the server quote", "ansible.builtin.uri": url})
    story.run("setup", {"setup_projects": structure(server), **shared})
    variables = {**story.variables, **{key: server.connection[key] for key in ("dokploy_url", "dokploy_api_key")}}
    variables["dokploy_max_retries"] = 0
    ran = playbook(tmp_path / "run", [{"name": "Roles", "tasks": story.tasks}], variables, host, (IDLE_LINE,))
    channels = dict(ran.channels())
    found = leaks(channels.items())
    count(roles=len(story.tasks), channels=len(channels), leaks=len(found), characters=sum(map(len, channels.values())))
    assert ran.status == 0, ran.end()
    assert found == []
    assert all(forms_found(channels[channel]) for channel in ("stdout", "log", "dump", "junit"))

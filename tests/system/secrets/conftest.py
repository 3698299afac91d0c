# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server, with an application in it, to which the operations with their canaries go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from dokploy_simulator import Simulator
from tests.support.examples import create
from tests.support.host import Host
from tests.support.operations import MANAGED
from tests.system.secrets.canaries import Canaries


class CanaryServer:
    """The simulator, the canaries that went to it, and the connection options."""

    def __init__(self, sim: Simulator, canaries: Canaries, folder: Path) -> None:
        self.sim, self.canaries, self.folder = sim, canaries, folder
        self.connection: dict[str, Any] = {
            "dokploy_url": sim.url,
            "dokploy_api_key": sim.key,
            "max_retries": 0,
            "rate_limit_timeout": 0,
        }

    def build(self, name: str = "web") -> str:
        """A project with an application that has secrets in every column; its id. What was there is gone."""
        self.sim.reset(config=True)
        client = Client(ClientConfig(url=self.sim.url, api_key=self.sim.key, max_retries=0))
        try:
            project = client.mutate("project.create", {"name": "shop", "env": f"P={self.canaries.plain('project')}"})
            self.sim.act(destination="box")
            environment_id = project["environment"]["environmentId"]
            made = client.mutate("application.create", {"name": name, "environmentId": environment_id})
            resource_id = str(made["applicationId"])
            secret = self.canaries.plain
            client.mutate(
                "application.update",
                {
                    "applicationId": resource_id,
                    "sourceType": "docker",
                    "dockerImage": "nginx",
                    "env": f"A={secret('server env')}\nB='{self.several('server env')}'",
                    "buildArgs": f"A={secret('server build args')}",
                    "buildSecrets": f"A={secret('server build secrets')}",
                    "previewEnv": f"A={secret('server preview env')}",
                    "password": secret("server registry password"),
                    "customGitUrl": f"HTTPS://{secret('server git url')}@git.example.com/a.git",
                    "refreshToken": secret("server token"),
                },
            )
            host, homes = Host(self.sim), {"projectId": "", "environmentId": environment_id}
            for managed in MANAGED:
                if managed.resource.runs and managed.name != "application":
                    create(host, managed, name, homes)
            host.close()
            mount = {"type": "file", "mountPath": "/run/secrets/tls.key", "filePath": "tls.key"}
            content = f"-----BEGIN PRIVATE KEY-----\n{self.several('server mount')}\n-----END PRIVATE KEY-----\n"
            client.mutate(
                "mounts.create", {**mount, "content": content, "serviceId": resource_id, "serviceType": "application"}
            )
        finally:
            client.close()
        return resource_id

    def patch(self, resource_id: str) -> None:
        """Give the application a patch with canaries, which results may show and logs may not."""
        client = Client(ClientConfig(url=self.sim.url, api_key=self.sim.key, max_retries=0))
        patch = {"type": "update", "filePath": ".npmrc", "content": self.several("server patch")}
        try:
            client.mutate("patch.create", {**patch, "applicationId": resource_id})
        finally:
            client.close()

    def several(self, what: str) -> str:
        """A secret of several lines, each of them one."""
        return "\n".join(self.canaries.plain(f"{what}, line {number}") for number in (1, 2, 3))


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Remembers numbers for the sum at the end."""

    def remember(**numbers: int) -> None:
        record_property("counted", numbers)

    return remember


def pytest_terminal_summary(terminalreporter: Any) -> None:
    sums: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, numbers in getattr(report, "user_properties", ()):
                if name == "counted" and getattr(report, "when", "") == "call":
                    sums.update(numbers)
    if sums:
        terminalreporter.write_line("leaks: " + ", ".join(f"{number} {name}" for name, number in sums.items()))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryServer]:
    canaries = Canaries()
    with Simulator(api_key=canaries.plain("the key"), build_seconds=0.01) as sim:
        yield CanaryServer(sim, canaries, tmp_path_factory.mktemp("secrets"))

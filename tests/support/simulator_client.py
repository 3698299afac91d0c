# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain client of a simulator for tests: requests and nothing of the collection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests

from dokploy_simulator import Simulator
from tests.support.waiting import LIMIT, until


class BoundedSession(requests.Session):
    """A test whose request is never answered fails, and does not hang."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return super().send(request, **{**options, "timeout": options.get("timeout") or LIMIT})


class Api:
    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.session = BoundedSession()
        self.session.trust_env = False
        self.session.headers["x-api-key"] = sim.key

    def get(self, procedure: str, **params: str) -> requests.Response:
        return self.session.get(f"{self.sim.url}/api/{procedure}", params=params, allow_redirects=False)

    def post(self, procedure: str, **body: Any) -> requests.Response:
        return self.session.post(f"{self.sim.url}/api/{procedure}", json=body, allow_redirects=False)

    def batch(self, *calls: tuple[str, dict[str, Any]]) -> requests.Response:
        names = ",".join(name for name, _input in calls)
        inputs = {str(index): {"json": value} for index, (_name, value) in enumerate(calls)}
        params = {"batch": "1", "input": json.dumps(inputs)}
        return self.session.get(f"{self.sim.url}/api/trpc/{names}", params=params)

    def batch_of_writes(self, *calls: tuple[str, dict[str, Any]]) -> requests.Response:
        names = ",".join(name for name, _input in calls)
        body = {str(index): {"json": value} for index, (_name, value) in enumerate(calls)}
        return self.session.post(f"{self.sim.url}/api/trpc/{names}", params={"batch": "1"}, json=body)

    def application(self, **fields: Any) -> str:
        """A new application in a new project; returns its id."""
        environment = self.post("project.create", name="shop").json()["environment"]["environmentId"]
        made = self.post("application.create", name="web", environmentId=environment).json()
        if fields:
            assert self.post("application.update", applicationId=made["applicationId"], **fields).json() is True
        return str(made["applicationId"])

    def upload(self, application: str, archive: bytes, **fields: str) -> requests.Response:
        """A ZIP for a drop application, in the one form the server takes."""
        return self.session.post(
            f"{self.sim.url}/api/trpc/application.dropDeployment",
            data={"applicationId": application, **fields},
            files={"zip": ("code.zip", archive, "application/zip")},
        )

    def log(self, application: str, tail: int = 10_000) -> str:
        """The log of the newest deployment."""
        newest = self.deployments(application)[0]["deploymentId"]
        text: str = self.get("deployment.readLogs", deploymentId=newest, tail=str(tail)).json()
        return text

    def deployments(self, application: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get("deployment.all", applicationId=application).json()
        return rows

    @staticmethod
    def until(true: Callable[[], object]) -> None:
        """Wait for something that another thread brings about."""
        until(true)

    def idle(self) -> None:
        """Wait until every build has ended, its last write included."""
        until(lambda: self.get("deployment.queueList").json() == [])

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a test of a playbook asks a simulated server: the connection, what there is, and which requests came."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ..http.overview import overview
from ..routers.procedures import UNDEFINED, WithDates
from .runner import Simulator, environment


class TestedServer:
    """One simulated server. ``simulator`` has all else: faults, holds, settings, what other users do."""

    __test__ = False

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    @property
    def url(self) -> str:
        return self.simulator.url

    @property
    def api_key(self) -> str:
        return self.simulator.key

    @property
    def env(self) -> dict[str, str]:
        """The environment for ``ansible-playbook``: that of this process, with this server in place of any other.

        There is no key of a fresh server."""
        return environment(self.url, None if self.simulator.server.config.fresh else self.api_key)

    def reset(self) -> None:
        """A server without projects, on which nothing was called."""
        self.simulator.config(seeded=False)
        self.simulator.reset()

    def seed(self) -> None:
        """A server with examples: registries, keys, servers, providers, two projects (``examples.py``)."""
        self.simulator.config(seeded=True)
        self.simulator.reset()

    def settle(self) -> None:
        """Let all builds come to their end."""
        self.simulator.settle()

    def state(self) -> dict[str, Any]:
        """All that there is, without secrets (``overview.py``): ``projects``, ``deployments``, ``resources``."""
        return self.simulator.apart(lambda: overview(self.simulator.server))

    def services(self) -> dict[str, str]:
        """The status of each service by its place: ``{"shop/production/web": "done"}``."""
        return {place: service["status"] for place, service in self._services().items()}

    def service(self, place: str) -> dict[str, Any]:
        """A service as Dokploy's API shows it, secrets included.

        :param place: ``PROJECT/ENVIRONMENT/SERVICE``; raises ``KeyError`` when there is no such service.
        """
        key = self._id(place)
        kind = self._services()[place]["kind"]
        row: dict[str, Any] = self.call(f"{kind}.one", **{f"{kind}Id": key})
        return row

    def insert(self, place: str, count: int = 1, table: str = "rows", service: str | None = None) -> list[str]:
        """Add numbered rows to a database, as a client of it does, and return the numbers that it has acknowledged.

        :param place: ``PROJECT/ENVIRONMENT/DATABASE``, or that of a stack. :param service: which of its services.
        """
        event = {"insert": self._id(place), "table": table, "count": count, "service_name": service}
        numbers: list[str] = self.simulator.act(**event)["rows"]
        return numbers

    def rows(self, place: str, table: str = "rows", service: str | None = None) -> list[str]:
        """The rows of a table of a database, or of one that is a service of a stack."""
        return self.simulator.rows(self._id(place), table, service)

    def write_file(self, volume: str, path: str, content: str) -> None:
        """Write a file into a volume, by its name, or into a folder of the host, by its path."""
        self.simulator.act(write=volume, path=path, data=content)

    def files(self, volume: str) -> dict[str, str]:
        """The files in a volume, or in a folder of the host: path -> content."""
        files: dict[str, str] = self.simulator.data().get(volume, {}).get("files", {})
        return files

    def _id(self, place: str) -> str:
        services = self._services()
        if place not in services:
            raise KeyError(f"there is no service {place}; there are: {', '.join(services) or 'none'}")
        return str(services[place]["id"])

    def _services(self) -> dict[str, dict[str, Any]]:
        return {
            f"{project['name']}/{environment['name']}/{service['name']}": service
            for project in self.state()["projects"]
            for environment in project["environments"]
            for service in environment["services"]
        }

    def call(self, procedure: str, /, **input: Any) -> Any:
        """The value of a procedure of Dokploy's API, called by the administrator; it is not among the requests."""
        answer = self.simulator.execute(procedure, **input)
        answer = answer.value if isinstance(answer, WithDates) else answer
        return None if answer is UNDEFINED else deepcopy(answer)

    def requests(self) -> list[dict[str, Any]]:
        """The procedures called since the last ``forget_requests``, in order: ``procedure``, ``kind`` (``query``,
        ``mutation``, ``subscription``), ``status`` of the answer and the names of the ``fields`` that were sent."""
        journal: list[dict[str, Any]] = self.simulator.stats()["journal"]
        return journal

    def changes(self) -> list[str]:
        """The names of those procedures that change something. Empty after a playbook that had nothing to do."""
        return self.simulator.calls("mutation")

    def forget_requests(self) -> None:
        self.simulator.reset_stats()

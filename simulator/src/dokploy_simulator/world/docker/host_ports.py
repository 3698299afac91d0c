# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dokploy's check whether a port of the host is free."""

from __future__ import annotations

from collections.abc import Iterable

from .docker import Docker
from .docker_views import slot_name


def user_of(docker: Docker, port: int) -> str | None:
    """Who uses a port; None: it is free. It looks for ``:PORT`` in the published ports of the running containers, so
    a port that only begins so is taken, too, and so is one's own."""

    def fits(ports: Iterable[int]) -> bool:
        return any(str(number).startswith(str(port)) for number in ports)

    beside = set(docker.config.host_ports)
    for service in docker.services.values():
        if fits(service.host_ports()):
            for task in service.running():
                return f'container "{slot_name(service, task)}.{task.id}"'
        published = service.spec.get("EndpointSpec", {}).get("Ports") or ()
        beside |= {entry["PublishedPort"] for entry in published} - service.host_ports()
    for item in docker.projects.containers.values():
        if item.state == "running" and fits(item.ports):
            return f'container "{item.name}"'
    return "a host-level service" if port in beside else None

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator that every example starts from in the same state: one of each resource, and its neighbours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from dokploy_simulator import Simulator
from tests.support.builders import REFERENCE_NAMES, create_references
from tests.support.examples import create, example_of, named
from tests.support.host import Host
from tests.support.operations import MANAGED, ManagedResource
from tests.support.snapshots import Snapshot, restore_store, save_store, snapshot

# Where names and ids of what an option refers to are listed.
_LISTS: dict[str, tuple[str, str, str]] = {
    **{
        f"{kind} provider": ("gitProvider.getAll", f"{kind.lower()}Id", "name")
        for kind in ("GitHub", "GitLab", "Bitbucket", "Gitea")
    },
    "server": ("server.all", "serverId", "name"),
    "build server": ("server.all", "serverId", "name"),
    "registry": ("registry.all", "registryId", "registryName"),
    "destination": ("destination.all", "destinationId", "name"),
    "network": ("network.all", "networkId", "name"),
    "tag": ("tag.all", "tagId", "name"),
    "SSH key": ("sshKey.all", "sshKeyId", "name"),
    "project": ("project.all", "projectId", "name"),
    "organization": ("organization.all", "id", "name"),
}


def name_of(managed: ManagedResource, name: str) -> str:
    """A name that no other kind has, where the name alone tells the kind."""
    return f"{managed.resource.kind}-{name}" if managed.resource.by_suboption else name


class ResettableServer:
    """Tests manage the project shop, its environment staging, and ``web`` of each other resource; the rest must not
    change.

    :ivar own: the ID of the one of each resource.
    :ivar reference_ids: ids by kind and name of all that options can refer to.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        create_references(host)
        seed = host.sim.seed
        self.ids = {"project_id": seed(project="shop")["projectId"]}
        made = seed(project="shop", applications=1, name="web")
        self.ids |= {"environment_id": made["environmentId"], "application_id": made["applicationIds"][0]}
        # Neighbours: another application with children, one of the same name elsewhere, another project.
        seed(project="shop", applications=1, name="api", domains=1, mounts=1)
        self.ids["staging_id"] = seed(project="shop", environment="staging", applications=1, name="web")[
            "environmentId"
        ]
        seed(project="other", applications=1, name="web", domains=1)
        homes = {"projectId": self.ids["project_id"], "environmentId": self.ids["environment_id"]}
        known = {"project": "project_id", "environment": "staging_id", "application": "application_id"}
        self.own = {
            str(one): self.ids[known[str(one)]] if str(one) in known else self._neighboured(one, homes)
            for one in MANAGED
        }
        self.reference_ids = {kind: self._listed(kind) for kind in REFERENCE_NAMES if kind in _LISTS}
        self._kept = save_store(host.sim)

    def _neighboured(self, managed: ManagedResource, homes: Mapping[str, str]) -> str:
        create(self.host, managed, name_of(managed, "api"), homes)
        return create(self.host, managed, name_of(managed, "web"), homes)

    def _listed(self, kind: str) -> dict[str, str]:
        procedure, id_key, name_key = _LISTS[kind]
        found = {}
        for row in self.host.read(procedure):
            part = row.get(id_key.removesuffix("Id")) if procedure == "gitProvider.getAll" else row
            if part and row[name_key] in REFERENCE_NAMES[kind]:
                found[row[name_key]] = part[id_key]
        return found

    def reset(self) -> None:
        """Restore the state at the start."""
        restore_store(self.host.sim, self._kept)
        self.host.new_task()

    def now(self) -> Snapshot:
        return snapshot(self.host.sim)

    def refused_files(self) -> list[str]:
        """The Traefik files that Traefik refuses."""
        return self.host.sim.refused_files(now=True)

    def addresses(self, managed: ManagedResource) -> list[dict[str, str]]:
        """The ways to address the one of a resource."""
        ids, own = self.ids, {managed.resource.id_option: self.own[str(managed)]}
        name = {"project": "shop", "environment": "staging"}.get(managed.name, name_of(managed, "web"))
        alone = named(managed.resource, name)
        ways = {
            "instance": [alone, own],
            "server": [alone, own],
            "project": [
                {"project": "shop", "name": name},
                own,
                {"project": ids["project_id"], "name": name},
            ],
            "environment": [
                {"project": "shop", "name": name},
                {"project": "shop", "environment": "production", "name": name},
                own,
                {"project": ids["project_id"], "environment": ids["environment_id"], "name": name},
            ],
        }[managed.resource.scope]
        return [{**address, **managed.kind} for address in ways]

    def new(self, managed: ManagedResource) -> list[dict[str, Any]]:
        """What creates another one: its address, and what it needs."""
        alone = named(managed.resource, "new")
        ways: list[dict[str, Any]] = {
            "instance": [alone],
            "server": [alone],
            "project": [{"project": "shop", "name": "new"}],
            "environment": [
                {"project": "shop", "name": " größer #1 "},
                {"project": "shop", "environment": "staging", "name": "api"},
            ],
        }[managed.resource.scope]
        return [{**address, **managed.kind, **example_of(managed.resource).item} for address in ways]


@contextlib.contextmanager
def resettable_server(**config: Any) -> Iterator[ResettableServer]:
    with Simulator(**config) as sim:
        host = Host(sim)
        try:
            yield ResettableServer(host)
        finally:
            host.close()

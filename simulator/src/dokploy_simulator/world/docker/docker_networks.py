# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's own networks."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from ...api.errors import bad_request
from ...store.store import Row, now, task_id
from .service_spec import DockerError

RESERVED_NETWORKS = ("bridge", "host", "none", "ingress", "docker_gwbridge", "dokploy-network")


def defaults() -> Row:
    """What nothing is said about."""
    return {
        "driver": "bridge",
        "internal": False,
        "attachable": False,
        "enableIPv4": True,
        "enableIPv6": False,
        "mtu": None,
        "ipam": {},
    }


COLUMNS = ("name", *defaults())


def subnets(row: Row) -> list[IPv4Network | IPv6Network]:
    """Raises the daemon's refusal for one that is none."""
    networks = []
    for entry in (row.get("ipam") or {}).get("config") or ():
        if entry.get("subnet"):
            try:
                networks.append(ip_network(entry["subnet"], strict=False))
            except ValueError:
                problem = f"invalid network config:\ninvalid subnet {entry['subnet']}: invalid CIDR block notation "
                raise bad_request(f"(HTTP code 400) unexpected - {problem}") from None
    return networks


class Networks:
    """By name; a row has the names of Dokploy's columns, and Docker's ``id``."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        # Names of those that a container is attached to which no service has started.
        self.attached: set[str] = set()
        # Names of those that go with the last container of a stack that was removed.
        self.ending: set[str] = set()
        for name in RESERVED_NETWORKS:
            self.create({"name": name, "driver": "bridge"})

    def create(self, values: Row) -> None:
        """Raises the daemon's refusal in a 400."""
        name = values["name"]
        if name in self.rows:
            raise bad_request(f"(HTTP code 409) unexpected - network with name {name} already exists ")
        taken = [subnet for row in self.rows.values() for subnet in subnets(row)]
        if any(own.version == other.version and own.overlaps(other) for own in subnets(values) for other in taken):
            raise bad_request("(HTTP code 403) unexpected - Pool overlaps with other one on this address space ")
        row = defaults() | {column: values[column] for column in COLUMNS if column in values}
        self.rows[name] = {**row, "id": task_id(), "created": now(), "labels": values.get("labels", {})}

    def check_free(self, name: str) -> None:
        """Raises the daemon's refusal while a container is attached that no service has started."""
        if name in self.attached:
            raise bad_request(
                f"(HTTP code 403) unexpected - error while removing network: network {name} id "
                f"{self.rows[name]['id']} has active endpoints "
            )

    def remove(self, name: str, user: str | None) -> None:
        """One that is not there is removed already; one that a service (``user``, its id) runs in is refused."""
        if user is not None:
            raise bad_request(
                "(HTTP code 400) unexpected - rpc error: code = FailedPrecondition desc = network "
                f"{self.rows[name]['id']} is in use by service {user} "
            )
        self.rows.pop(name, None)

    def end(self, name: str) -> None:
        """It is gone with the containers in it."""
        self.ending.discard(name)
        self.rows.pop(name, None)

    def resolve(self, entries: list[Row]) -> list[Row]:
        """Targets by Docker's id. Raises ``DockerError`` for a network that is not there."""
        ids = {row["id"] for row in self.rows.values()}
        result = []
        for entry in entries:
            target = entry["Target"]
            if target not in ids:
                if target not in self.rows:
                    raise DockerError(f"(HTTP code 500) server error - network {target} not found ")
                target = self.rows[target]["id"]
            result.append({**entry, "Target": target})
        return result

    def inspect(self, name: str) -> Row:
        """``docker network inspect``. Raises the daemon's 404 in a 400."""
        row = self.rows.get(name)
        if row is None:
            raise bad_request(f"(HTTP code 404) no such network - network {name} not found ")
        names = (("subnet", "Subnet"), ("gateway", "Gateway"), ("ipRange", "IPRange"))
        entries = (row["ipam"] or {}).get("config") or ()
        return {
            "Name": name,
            "Id": row["id"],
            "Created": row["created"],
            "Scope": "swarm" if row["driver"] == "overlay" else "local",
            "Driver": row["driver"],
            "EnableIPv6": row["enableIPv6"],
            "IPAM": {
                "Driver": (row["ipam"] or {}).get("driver") or "default",
                "Options": None,
                "Config": [{theirs: entry[ours] for ours, theirs in names if entry.get(ours)} for entry in entries],
            },
            "Internal": row["internal"],
            "Attachable": row["attachable"],
            "Ingress": False,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": False,
            "Containers": {},
            "Options": {"com.docker.network.driver.mtu": str(row["mtu"])} if row["mtu"] else None,
            "Labels": row["labels"],
        }

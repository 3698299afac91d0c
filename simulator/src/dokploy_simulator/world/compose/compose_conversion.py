# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Dokploy makes of a compose file before it is deployed: suffixes, networks and the labels of the domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from ...store.store import Row

File = dict[str, Any]
SHARED = "dokploy-network"


class ConversionError(Exception):
    """A domain without a service of the file."""


def converted(file: File | None, row: Row, domains: list[Row], networks: Iterable[Row]) -> File | None:
    """The file that a deployment writes; None without one. ``row``: the compose, ``networks``: all that there are.

    Raises ``ConversionError``."""
    if not isinstance(file, dict):
        return file
    file = deepcopy(file)
    if row["isolatedDeployment"]:
        file = isolated(file, row["suffix"] or row["appName"], row["isolatedDeploymentsVolume"])
    elif row["randomize"]:
        file = suffixed(file, row["suffix"])
    for domain in domains:
        if domain["enabled"]:
            _add_domain(file, row, domain)
    names = _add_networks(file, row, {network["networkId"]: network["name"] for network in networks})
    if not row["isolatedDeployment"]:
        for name in (SHARED, *names):
            if any(name in (service.get("networks") or ()) for service in services(file).values()):
                file["networks"] = {**(file.get("networks") or {}), name: {"external": True}}
    return file


def services(file: File) -> dict[str, dict[str, Any]]:
    items = file.get("services") if isinstance(file, dict) else None
    return {name: item for name, item in items.items() if isinstance(item, dict)} if isinstance(items, dict) else {}


# --- suffixes --------------------------------------------------------------------------------------------------------


def isolated(file: File, name: str, volumes: bool) -> File:
    """All services in one network of that name."""
    file["networks"] = {**(file.get("networks") or {}), name: {"name": name, "external": True}}
    for service in services(file).values():
        own = service.get("networks")
        if isinstance(own, dict):
            own[name] = {}
        else:
            service["networks"] = [*(own or ()), *([] if own and name in own else [name])]
    return _suffix_volumes(file, name) if volumes else file


def suffixed(file: File, suffix: str) -> File:
    """Services, volumes, networks, configs and secrets with the suffix behind their names; none changes nothing."""
    if not suffix:
        return file
    if services(file):
        renamed = {name: _suffix_service(service, suffix) for name, service in services(file).items()}
        file["services"] = {f"{name}-{suffix}": service for name, service in renamed.items()}
    _suffix_volumes(file, suffix)
    for key in ("networks", "configs", "secrets"):
        keep = SHARED if key == "networks" else ""
        rename = _renaming(suffix, keep)
        if file.get(key):
            file[key] = {rename(name): item for name, item in file[key].items()}
        for service in services(file).values():
            if service.get(key):
                service[key] = _references(service[key], rename)
    return file


def _renaming(suffix: str, keep: str = "") -> Callable[[str], str]:
    return lambda name: name if name == keep else f"{name}-{suffix}"


def _references(value: Any, rename: Callable[[str], str]) -> Any:
    """A list of names or of mappings with a ``source``, or a mapping by name."""
    if isinstance(value, dict):
        return {rename(name): item for name, item in value.items()}
    return [
        {**item, "source": rename(item["source"])} if isinstance(item, dict) else rename(str(item)) for item in value
    ]


def _suffix_service(service: dict[str, Any], suffix: str) -> dict[str, Any]:
    rename = _renaming(suffix)
    for key in ("depends_on", "links", "volumes_from"):
        if service.get(key):
            service[key] = _references(service[key], rename)
    if service.get("container_name"):
        service["container_name"] = rename(service["container_name"])
    return service


def _suffix_volumes(file: File, suffix: str) -> File:
    if file.get("volumes"):
        file["volumes"] = {f"{name}-{suffix}": item for name, item in file["volumes"].items()}
    for service in services(file).values():
        if service.get("volumes"):
            service["volumes"] = [_suffix_volume(volume, suffix) for volume in service["volumes"]]
    return file


def _suffix_volume(volume: Any, suffix: str) -> Any:
    if isinstance(volume, dict):
        named = volume.get("type") == "volume" and volume.get("source")
        return {**volume, "source": f"{volume['source']}-{suffix}"} if named else volume
    name, _colon, rest = str(volume).partition(":")
    if not rest or name[:1] in (".", "/", "$", ""):
        return volume
    base, slash, below = name.partition("/")
    return f"{base}-{suffix}{slash}{below}:{rest}"


# --- networks --------------------------------------------------------------------------------------------------------


def _add_network(service: dict[str, Any], *names: str) -> None:
    own = service.get("networks") or []
    if isinstance(own, dict):
        service["networks"] = {**own, **{name: {} for name in names if name not in own}}
    else:
        service["networks"] = [*own, *(name for name in names if name not in own)]


def _add_networks(file: File, row: Row, known: dict[str, str]) -> list[str]:
    """Those of ``serviceNetworks``; unknown services and IDs are skipped. The names of the networks that were added."""
    added: list[str] = []
    for wanted in row["serviceNetworks"] or ():
        service = services(file).get(wanted["serviceName"])
        if service is None:
            continue
        for network_id in wanted["networkIds"]:
            if network_id in known:
                _add_network(service, known[network_id], "default")
                added.append(known[network_id])
        if wanted["detachDokployNetwork"]:
            _detach(service)
    return added


def _detach(service: dict[str, Any]) -> None:
    own = service.get("networks")
    if isinstance(own, dict):
        service["networks"] = {name: item for name, item in own.items() if name not in (SHARED, "default")}
    elif own:
        service["networks"] = [name for name in own if name not in (SHARED, "default")]
    lost = (f"traefik.docker.network={SHARED}", f"traefik.swarm.network={SHARED}")
    for place in (service, service.get("deploy") or {}):
        if isinstance(place.get("labels"), list):
            place["labels"] = [label for label in place["labels"] if label not in lost]


# --- domains ---------------------------------------------------------------------------------------------------------


def _add_domain(file: File, row: Row, domain: Row) -> None:
    name, stack = domain["serviceName"], row["composeType"] == "stack"
    if not name:
        raise ConversionError(f'Domain "{domain["host"]}" is missing a service name')
    service = services(file).get(name)
    if service is None:
        raise ConversionError(
            f'Domain "{domain["host"]}" is attached to service "{name}" which does not exist in the compose'
        )
    labels = domain_labels(row["appName"], domain, domain["customEntrypoint"] or "web")
    if domain["https"] and not domain["customEntrypoint"]:
        labels += domain_labels(row["appName"], domain, "websecure")
    if stack:
        service["deploy"] = service.get("deploy") or {}
    place = service["deploy"] if stack else service
    network = (row["suffix"] or row["appName"]) if row["isolatedDeployment"] else SHARED
    where = f"traefik.{'swarm' if stack else 'docker'}.network={network}"
    own = place.get("labels") or []
    if isinstance(own, dict):
        place["labels"] = {**own, **dict(label.split("=", 1) for label in ("traefik.enable=true", where, *labels))}
    else:
        enable = [] if "traefik.enable=true" in own else ["traefik.enable=true"]
        place["labels"] = [*([] if where in own else [where]), *labels, *enable, *own]
    if not row["isolatedDeployment"]:
        _add_network(service, SHARED, "default")


def domain_labels(app: str, domain: Row, entrypoint: str) -> list[str]:
    """Traefik's labels for one entry point."""
    number, path, custom = domain["uniqueConfigKey"], domain["path"], domain["customEntrypoint"]
    router = f"{app}-{number}-{entrypoint}"
    prefix = f" && PathPrefix(`{path}`)" if path and path != "/" else ""
    labels = [
        f"traefik.http.routers.{router}.rule=Host(`{domain['host']}`){prefix}",
        f"traefik.http.routers.{router}.entrypoints={entrypoint}",
        f"traefik.http.services.{router}.loadbalancer.server.port={domain['port']}",
        f"traefik.http.routers.{router}.service={router}",
    ]
    redirects = entrypoint == "web" and domain["https"] and not custom
    middlewares = ["redirect-to-https@file"] if redirects else []
    own = []
    if domain["stripPath"] and prefix:
        own.append(("stripprefix", f"stripprefix.prefixes={path}"))
    if (domain["internalPath"] or "/")[:1] == "/" and domain["internalPath"] not in (None, "/"):
        own.append(("addprefix", f"addprefix.prefix={domain['internalPath']}"))
    for kind, setting in own:
        if entrypoint == "web" or custom:
            labels.append(f"traefik.http.middlewares.{kind}-{app}-{number}.{setting}")
    if not redirects:
        middlewares += [f"{kind}-{app}-{number}" for kind, _setting in own] + list(domain["middlewares"] or ())
    if middlewares:
        labels.append(f"traefik.http.routers.{router}.middlewares={','.join(middlewares)}")
    if entrypoint == "websecure" or (custom and domain["https"]):
        resolver = {"letsencrypt": "letsencrypt", "custom": domain["customCertResolver"]}.get(domain["certificateType"])
        if resolver:
            labels.append(f"traefik.http.routers.{router}.tls.certresolver={resolver}")
        elif domain["certificateType"] == "none":
            labels.append(f"traefik.http.routers.{router}.tls=true")
    return labels

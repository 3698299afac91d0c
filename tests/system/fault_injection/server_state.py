# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a simulated server, so that two runs can be compared: without ids, dates and random suffixes."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import yaml

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose_file import (
    DATA_MARK,
    EARLIER,
    FINGERPRINT,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import DATA_LABEL, OWN_LABELS
from dokploy_simulator import Simulator
from dokploy_simulator.api.services import SERVICES
from dokploy_simulator.http.server import Server
from dokploy_simulator.store.store import Store

# What no two runs have in common, and what hangs on the order of writes alone.
_DROPPED = frozenset(
    "createdAt startedAt finishedAt updatedAt refreshToken logPath uniqueConfigKey deploymentId rollbackId".split()
)
# Tables that are compared, with the columns that name a row; the others hang on them.
_NAMED = {
    "projects": ("name",),
    "environments": ("projectId", "name"),
    "applications": ("environmentId", "name"),
    "destinations": ("name",),
    "git_providers": ("name",),
    "registries": ("registryName",),
    "ssh_keys": ("name",),
    "networks": ("name",),
    "notifications": ("name",),
}
_ROWS = (
    *"domains mounts ports redirects security schedules backups volume_backups patches previews deployments".split(),
)
_SERVICES = tuple(kind for kind in SERVICES if kind != "application")
_PAST = ("error", "cancelled")
# What the server makes up for a domain.
_MADE_UP = re.compile(r"[a-z0-9]{16}")
_RANDOM_HOST = re.compile(r"[\w-]+-[0-9a-f]{6}(?:-\d+){4}\.sslip\.io")


class Snapshot:
    """A server's whole state, to begin again from it."""

    def __init__(self, server: Server) -> None:
        docker = server.docker
        self._kept = deepcopy((server.store, docker.services, docker.networks, docker.remote_networks))
        self._containers, self._files = deepcopy((docker.projects.containers, server.buckets.files))

    def restore(self, server: Server) -> None:
        server.reset_state()
        store, services, networks, remote_networks = deepcopy(self._kept)
        # Docker, the servers and the queue work on these rows, too.
        server.work_on(store)
        docker = server.docker
        docker.services, docker.networks, docker.remote_networks = services, networks, remote_networks
        # Containers of a compose know the services of the swarm, whose ports they cannot have.
        docker.projects.services = services
        docker.projects.containers, server.buckets.files = deepcopy((self._containers, self._files))


def state_of(sim: Simulator, *, past: bool = True) -> dict[str, Any]:
    """What the server has, comparable.

    :param past: with the deployments that failed or were cancelled.
    """
    return sim.apart(lambda: _state(sim.server, past))


def _state(server: Server, past: bool) -> dict[str, Any]:
    store = server.store
    words = _words(store)
    found: dict[str, Any] = {}
    for name in (*_NAMED, *_ROWS):
        rows = [_plain(row, words, store) for row in getattr(store, name)]
        if name == "deployments" and not past:
            rows = [row for row in rows if row["status"] not in _PAST]
        found[name] = sorted(rows, key=_text)
    for name in _SERVICES:
        found[name] = sorted((_plain(row, words, store) for row in store.services[name]), key=_text)
    files = {_said(name, words): _routes(text, words) for name, text in store.traefik.items()}
    # One without routers stays, or does not, by the order in which children went.
    found["traefik"] = {name: file for name, file in files.items() if not isinstance(file, dict) or _routed(file)}
    found["middlewares"] = _plain(store.middlewares, words, store)
    found["files"] = {_said(name, words): text for name, text in store.files.items()}
    found["uploads"] = {words.get(resource_id, resource_id): row["files"] for resource_id, row in store.uploads.items()}
    found["code"] = {words.get(name, name): what for name, what in store.code.items()}
    found["data"] = {
        _said(name, words): {what: value for what, value in volume.as_dict().items() if what != "text"}
        for name, volume in {**store.volumes, **store.host_folders}.items()
    }
    found["running"] = {
        words.get(name, name): {
            "replicas": service.replicas,
            "running": len(service.running()),
            "container": _plain(service.spec["TaskTemplate"]["ContainerSpec"], words, store),
        }
        for name, service in server.docker.services.items()
    }
    result: dict[str, Any] = json.loads(_text(found))
    return result


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _words(store: Store) -> dict[str, str]:
    """Words for ids and generated names; of two things with one name both keep their number, in order of creation."""
    words: dict[str, str] = {}
    for name, columns in _NAMED.items():
        seen: dict[str, int] = {}
        table = getattr(store, name)
        for row in sorted(table, key=lambda one: str(one.get("createdAt"))):
            label = "/".join(words.get(str(row[column]), str(row[column])) for column in columns)
            seen[label] = seen.get(label, 0) + 1
            words[row[table.key]] = label if seen[label] == 1 else f"{label}#{seen[label]}"
            if row.get("appName"):
                words[row["appName"]] = f"app:{words[row[table.key]]}"
            for kind in ("github", "gitlab"):
                if isinstance(row.get(kind), dict):
                    words[row[kind][f"{kind}Id"]] = label
    for name in _SERVICES:
        for row in store.services[name]:
            label = f"app:{name}:{words.get(str(row['environmentId']))}:{row['name']}"
            words[row["appName"]] = label
            # Those that Dokploy has made up.
            made_up = (row.get(column) for column in ("databasePassword", "databaseRootPassword"))
            words.update({text: f"password of {label}" for text in made_up if text and _MADE_UP.fullmatch(text)})
    keys = {"domains": "host", "redirects": "regex", "previews": "pullRequestNumber"}
    for name, column in keys.items():
        for row in getattr(store, name):
            if row.get("uniqueConfigKey") is not None:
                words[f"#{row['uniqueConfigKey']}"] = _RANDOM_HOST.sub("random.sslip.io", f"{name}:{row[column]}")
            if row.get("appName"):
                words[row["appName"]] = f"app:{name}:{row[column]}"
    return words


def _said(text: str, words: dict[str, str]) -> str:
    """A text with the names of applications and the numbers of domains in words."""
    for name in sorted((one for one in words if not one.startswith("#")), key=len, reverse=True):
        if name in text:
            text = text.replace(name, words[name])
    text = _RANDOM_HOST.sub("random.sslip.io", text)
    return re.sub(r"-(\d+)\b", lambda found: "-" + words.get(f"#{found[1]}", found[1]), text)


def _plain(value: Any, words: dict[str, str], store: Store, column: str = "") -> Any:
    if isinstance(value, dict):
        plain = {}
        for key, item in value.items():
            if key in _DROPPED or (key.endswith("Id") and isinstance(item, str) and item not in words):
                continue
            if key in ("labelsSwarm", "Labels") and isinstance(item, dict):
                # Those of a container have the mark of its data as it was at its deployment.
                names = [name for name in item if (key, name) != ("Labels", DATA_LABEL)]
                item = {name: _mark(item[name]) if name in OWN_LABELS else item[name] for name in names}
            if key == "appName" and item not in words:
                continue
            plain[_said(key, words) if column == "" else key] = _plain(item, words, store, key)
        return plain
    if isinstance(value, list):
        return sorted((_plain(item, words, store, column) for item in value), key=_text)
    if isinstance(value, str):
        for own in (FINGERPRINT, DATA_MARK, EARLIER):
            if own.get(value):
                value = own.put(value, " ".join(_mark(own.get(value))))
        # Of a new thing an empty option is sent as it is; to one that has null there it is nothing new.
        return words.get(value) or (_said(value, words) if len(value) < 500 else value) or None
    return value


def _mark(text: str) -> list[str]:
    """The parts of a fingerprint, or of a mark of data; hashes and paths depend on IDs, names and times."""
    return [part.partition("=")[0] for part in text.split() if not part.startswith(("after=", "bad="))]


def _routes(text: str, words: dict[str, str]) -> Any:
    """A file of Traefik's; the order of middlewares is that in which they were made."""
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    for router in ((parsed.get("http") or {}).get("routers") or {}).values():
        own = sorted(router.get("middlewares") or [])
        # What comes behind that is never reached, and there or not by the order in which things were made.
        router["middlewares"] = ["redirect-to-https"] if "redirect-to-https" in own else own
    return _worded(parsed, words)


def _worded(value: Any, words: dict[str, str]) -> Any:
    """C(_said) of all the texts in it."""
    if isinstance(value, dict):
        return {_said(str(key), words): _worded(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_worded(item, words) for item in value]
    return _said(value, words) if isinstance(value, str) else value


def _routed(file: Any) -> bool:
    http = file.get("http") or {}
    return bool(http.get("routers") or http.get("services")) or not set(file) <= {"http"}


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two states differ, in words, at most a handful."""
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for key in sorted({*one, *other}):
            if key not in one or key not in other:
                found.append(f"{path}.{key}: {'missing' if key not in one else 'too much'}")
            else:
                found += differences(one[key], other[key], f"{path}.{key}")
        return found[:5]
    if isinstance(one, list) and isinstance(other, list):
        ours, theirs = [[_text(item) for item in rows] for rows in (one, other)]
        more = [f"{path}: too much: {item[:300]}" for item in ours if ours.count(item) > theirs.count(item)]
        less = [f"{path}: missing: {item[:300]}" for item in theirs if theirs.count(item) > ours.count(item)]
        return (more[:2] + less[:2]) or [f"{path}: another order"]
    return [f"{path}: {_text(one)[:100]} instead of {_text(other)[:100]}"]

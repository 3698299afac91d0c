# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the server itself: one row, Traefik's files beside those of applications, and Traefik's container.

Traefik's container is made again in the background when its environment or ports change, and a further change during
that time is lost without a word (measured).
"""

from __future__ import annotations

import posixpath
import time
import uuid
from copy import deepcopy
from typing import Any

import yaml

from ..api.errors import internal
from ..store.store import Row, Store, now
from . import traefik

FOLDER = "/etc/dokploy/traefik"
DYNAMIC = f"{FOLDER}/dynamic"
MAIN = f"{FOLDER}/traefik.yml"
FOLDERS = (FOLDER, DYNAMIC, f"{DYNAMIC}/certificates")
ADDRESS = "http://dokploy:3000"
PAGES = (
    "appName docsUrl logoUrl customCss metaTitle faviconUrl footerText supportUrl loginLogoUrl appDescription "
    "errorPageTitle errorPageDescription"
).split()
ACCESS_LOG = {"filePath": f"{DYNAMIC}/access.log", "format": "json", "bufferingSize": 100}
DASHBOARD = {"targetPort": 8080, "publishedPort": 8080, "protocol": "tcp"}

MAIN_FILE: Row = {
    "global": {"sendAnonymousUsage": False},
    "providers": {
        "swarm": {"exposedByDefault": False, "watch": True},
        "docker": {"exposedByDefault": False, "watch": True, "network": "dokploy-network"},
        "file": {"directory": DYNAMIC, "watch": True},
    },
    "entryPoints": {
        "web": {"address": ":80"},
        "websecure": {
            "address": ":443",
            "http3": {"advertisedPort": 443},
            "http": {"tls": {"certResolver": "letsencrypt"}},
        },
    },
    "api": {"insecure": True},
    "certificatesResolvers": {
        "letsencrypt": {
            "acme": {
                "email": "test@localhost.com",
                "storage": f"{DYNAMIC}/acme.json",
                "httpChallenge": {"entryPoint": "web"},
            }
        }
    },
}


def settings_row() -> Row:
    metrics = {
        "server": {"port": 4500, "type": "Dokploy", "token": "", "cronJob": "", "thresholds": {"cpu": 0, "memory": 0}}
        | {"refreshRate": 60, "urlCallback": "", "retentionDays": 2},
        "containers": {"services": {"exclude": [], "include": []}, "refreshRate": 60},
    }
    return {
        "id": str(uuid.uuid4()),
        "serverIp": "",
        "certificateType": "none",
        "https": False,
        "host": None,
        "letsEncryptEmail": None,
        "sshPrivateKey": None,
        "enableDockerCleanup": True,
        "logCleanupCron": "0 0 * * *",
        "metricsConfig": metrics,
        "whitelabelingConfig": dict.fromkeys(PAGES),
        "remoteServersOnly": False,
        "buildsConcurrency": 1,
        "enforceSSO": False,
        "cleanupCacheApplications": False,
        "cleanupCacheOnPreviews": False,
        "cleanupCacheOnCompose": False,
        "createdAt": now(),
        "updatedAt": now(),
    }


def install(store: Store) -> None:
    """What the installation leaves."""
    store.settings = settings_row()
    store.main_file = traefik.dump(MAIN_FILE)
    store.middlewares.update(deepcopy(traefik.INITIAL))
    router = {
        "rule": "Host(`dokploy.docker.localhost`) && PathPrefix(`/`)",
        "service": "dokploy-service-app",
        "entryPoints": ["web"],
    }
    traefik.save(store, "dokploy", {"http": {"routers": {"dokploy-router-app": router}, "services": _service()}})
    store.traefik_environment, store.traefik_ports = "PATH=/bin", []


def update(store: Store, values: Row) -> Row:
    store.settings.update({**values, "updatedAt": now()})
    return dict(store.settings)


# --- the domain of the server --------------------------------------------------------------------------------------


def _service() -> Row:
    return {"dokploy-service-app": {"loadBalancer": {"servers": [{"url": ADDRESS}], "passHostHeader": True}}}


def write_domain(store: Store) -> None:
    """The router of the domain that is set, and the one for HTTPS beside it; without a domain the file goes."""
    settings = store.settings
    host, https = settings["host"], settings["https"]
    if not host:
        store.traefik.pop("dokploy", None)
        return
    config = traefik.load(store, "dokploy")
    http = config["http"] = config.get("http") or {}
    routers = http["routers"] = http.get("routers") or {}
    router = routers.setdefault(
        "dokploy-router-app", {"rule": "", "service": "dokploy-service-app", "entryPoints": ["web"]}
    )
    router["rule"] = f"Host(`{host}`)"
    router["middlewares"] = ["redirect-to-https"] if https else []
    routers.pop("dokploy-router-app-secure", None)
    if https:
        secure = {"rule": f"Host(`{host}`)", "service": "dokploy-service-app", "entryPoints": ["websecure"]}
        resolver = {"tls": {"certResolver": "letsencrypt"}} if settings["certificateType"] == "letsencrypt" else {}
        routers["dokploy-router-app-secure"] = {**secure, **resolver}
    http["services"] = {**(http.get("services") or {}), **_service()}
    traefik.save(store, "dokploy", config)


def main_config(store: Store) -> Row:
    """The main file as an object. Raises INTERNAL_SERVER_ERROR for broken YAML."""
    try:
        parsed = yaml.safe_load(store.main_file)
    except yaml.YAMLError as error:
        raise internal(f"{str(error).splitlines()[0]}\n") from None
    return parsed if isinstance(parsed, dict) else {}


def write_email(store: Store, email: str) -> None:
    config = deepcopy(main_config(store))
    acme = ((config.get("certificatesResolvers") or {}).get("letsencrypt") or {}).get("acme")
    if acme is None:
        raise internal("Invalid Let's Encrypt configuration structure.")
    acme["email"] = email
    store.main_file = traefik.dump(config)


def log_requests(store: Store, enable: bool) -> None:
    config = main_config(store)
    config.pop("accessLog", None)
    store.main_file = traefik.dump({**config, **({"accessLog": ACCESS_LOG} if enable else {})})


# --- files by path -------------------------------------------------------------------------------------------------


def remote_middlewares_file(store: Store, server_id: str) -> str:
    return traefik.dump({"http": {"middlewares": traefik.middlewares_of(store, server_id)}})


def write_remote_middlewares(store: Store, server_id: str, text: str) -> None:
    store.remote_middlewares[server_id] = yaml.safe_load(text)["http"]["middlewares"]


def middlewares_file(store: Store) -> str:
    broken = store.traefik.get("middlewares")
    if broken is not None:
        return broken
    beside = store.beside_middlewares
    return traefik.dump({**beside, "http": {**beside.get("http", {}), "middlewares": store.middlewares}})


def write_middlewares(store: Store, text: str) -> None:
    """Text that is no such file stays as it is."""
    store.traefik.pop("middlewares", None)
    try:
        content = yaml.safe_load(text)
        store.middlewares = dict(content["http"].pop("middlewares"))
        store.beside_middlewares = dict(content)
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
        store.traefik["middlewares"] = text


def read_file(store: Store, path: str) -> str | None:
    folder, name = posixpath.split(path)
    if path == MAIN:
        return store.main_file
    if path == f"{DYNAMIC}/middlewares.yml":
        return middlewares_file(store)
    if folder == DYNAMIC and name.removesuffix(".yml") in store.traefik and name.endswith(".yml"):
        return store.traefik[name.removesuffix(".yml")]
    return certificate_file(store, path, None) or store.traefik_files.get(path)


def certificate_file(store: Store, path: str, server_id: str | None) -> str | None:
    """The file of Traefik for a certificate, on a server or on Dokploy's own host."""
    folder, name = posixpath.split(path)
    for row in store.certificates:
        if name == "certificate.yml" and folder == f"{DYNAMIC}/certificates/{row['certificatePath']}":
            files = {"certFile": f"{folder}/chain.crt", "keyFile": f"{folder}/privkey.key"}
            return traefik.dump({"tls": {"certificates": [files]}}) if row["serverId"] == server_id else None
    return None


def write_file(store: Store, path: str, text: str) -> None:
    """In a folder that does not exist nothing is written, and no one is told."""
    folder, name = posixpath.split(path)
    if path == MAIN:
        store.main_file = text
    elif path == f"{DYNAMIC}/middlewares.yml":
        write_middlewares(store, text)
    elif folder == DYNAMIC and name.endswith(".yml"):
        store.traefik[name.removesuffix(".yml")] = text
    elif folder in FOLDERS:
        store.traefik_files[path] = text


def tree(store: Store) -> list[Row]:
    """The folder of Traefik's files; an ID is a path."""

    def file(path: str) -> Row:
        return {"id": path, "name": posixpath.basename(path), "type": "file"}

    def in_folder(folder: str) -> list[Row]:
        return [file(path) for path in sorted(paths) if posixpath.dirname(path) == folder]

    def directory(path: str, children: list[Row]) -> Row:
        return {"id": path, "name": posixpath.basename(path), "type": "directory", "children": children}

    dynamic = {f"{DYNAMIC}/{name}.yml" for name in (*store.traefik, "middlewares")}
    paths = {*dynamic, *store.traefik_files, MAIN}
    certificates = directory(FOLDERS[2], in_folder(FOLDERS[2]))
    return [directory(DYNAMIC, [certificates, *in_folder(DYNAMIC)]), *in_folder(FOLDER)]


# --- Traefik's container -------------------------------------------------------------------------------------------


def recreate(store: Store, seconds: float, environment: str, ports: list[Any]) -> None:
    settle(store)
    if store.traefik_pending is None:
        store.traefik_pending = (time.monotonic() + seconds, environment, ports)
        settle(store)


def settle(store: Store) -> None:
    """Take over what the container was made with, once it runs."""
    if store.traefik_pending is not None and time.monotonic() >= store.traefik_pending[0]:
        _moment, store.traefik_environment, store.traefik_ports = store.traefik_pending
        store.traefik_pending = None

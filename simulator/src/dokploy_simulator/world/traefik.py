# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traefik's dynamic files: one of each application, changed in place, and one of the middlewares of each server.

Measured on Dokploy 0.30.2: every change reads the file, changes the routers it is about and rewrites the file, so
that what another user wrote stays (without its comments) and a broken file makes the call fail after the row has
changed. On a real server two changes at once lose one of them; here they do so with the setting C(traefik_seconds).
On a server that is reached by SSH, which takes so long on a real one, nothing waits for a new redirect either: its
creation is answered before it is in a file.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import yaml

from ..api.errors import internal
from ..store.store import Row, Store

# Ten times as fast, where PyYAML was built with it.
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What the setup of a server writes.
INITIAL: dict[str, Row] = {"redirect-to-https": {"redirectScheme": {"scheme": "https", "permanent": True}}}
# As bcrypt makes it of a password.
HASH = "$2b$10$"
_BACKGROUND: set[asyncio.Task[Any]] = set()

# --- YAML as Dokploy writes it --------------------------------------------------------------------------------------


def dump(value: Any) -> str:
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            below = _lines(item)
            if isinstance(item, (dict, list)) and item:
                lines += [f"{_scalar(str(key))}:", *(f"  {line}" for line in below)]
            else:
                lines.append(f"{_scalar(str(key))}: {below[0]}")
        return lines
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            first, *rest = _lines(item)
            lines += [f"- {first}", *(f"  {line}" for line in rest)]
        return lines
    return [_scalar(value)]


def _scalar(value: Any) -> str:
    return _text(value) if isinstance(value, str) else _other(value)


@functools.lru_cache(maxsize=10_000)
def _text(value: str) -> str:
    """Looked up, since every write of a file spells all of it again."""
    if "\n" not in value:
        try:
            if yaml.safe_load(f"k: {value}") == {"k": value}:
                return value
        except yaml.YAMLError:
            pass
    return str(yaml.safe_dump(value, default_style='"', width=10_000).strip())


def _other(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return str(yaml.safe_dump(value).splitlines()[0])


# --- files ----------------------------------------------------------------------------------------------------------


def _parsed(text: str) -> Any:
    try:
        return yaml.load(text, Loader=FAST)
    except yaml.YAMLError:
        # In the words of the other one.
        return yaml.safe_load(text)


def load(store: Store, name: str) -> Row:
    """The file as an object. Raises INTERNAL_SERVER_ERROR for text that is no YAML, or no mapping."""
    read = store.traefik if store.traefik_read is None else store.traefik_read
    text = read.get(name)
    try:
        parsed = _parsed(text) if text is not None else None
    except yaml.YAMLError as error:
        raise internal(f"{str(error).splitlines()[0]}\n") from None
    if parsed is None:
        return {"http": {"routers": {}, "services": {}}}
    if not isinstance(parsed, dict):
        raise internal(f"Cannot create property 'http' on {type(parsed).__name__} '{parsed}'")
    return parsed


def save(store: Store, name: str, config: Row) -> None:
    store.traefik[name] = dump(config)


def middlewares_of(store: Store, server_id: str | None) -> dict[str, Row]:
    """Those of a server, or of Dokploy's own host."""
    if not server_id:
        return store.middlewares
    return store.remote_middlewares.setdefault(server_id, deepcopy(INITIAL))


def rewritten(store: Store, server_id: str | None) -> dict[str, Row]:
    """Those of a server, whose file is about to be written whole."""
    if store.rewritten is not None:
        store.rewritten.add(server_id or None)
    return middlewares_of(store, server_id)


def write_domain(store: Store, app: Row, domain: Row) -> None:
    """The routers and the service of one domain; a disabled one loses them. ``app``: an application or preview by its
    appName, with its ``serverId``, its ``redirects`` and ``security``."""
    name, key = app["appName"], domain["uniqueConfigKey"]
    if not domain["enabled"]:
        remove_domain(store, app, key)
        return
    config = load(store, name)
    http = config["http"] = config.get("http") or {}
    routers = http["routers"] = http.get("routers") or {}
    services = http["services"] = http.get("services") or {}
    routers[f"{name}-router-{key}"] = router(app, domain, domain["customEntrypoint"] or "web")
    if domain["https"] and not domain["customEntrypoint"]:
        routers[f"{name}-router-websecure-{key}"] = router(app, domain, "websecure")
    else:
        routers.pop(f"{name}-router-websecure-{key}", None)
    address = {"url": f"http://{name}:{domain['port'] or 80}"}
    services[f"{name}-service-{key}"] = {"loadBalancer": {"servers": [address], "passHostHeader": True}}
    _paths(store, app, domain)
    save(store, name, config)


def router(app: Row, domain: Row, entry_point: str) -> Row:
    path, custom = domain["path"], domain["customEntrypoint"]
    rule = f"Host(`{domain['host']}`)" + (f" && PathPrefix(`{path}`)" if path is not None and path != "/" else "")
    result: Row = {"rule": rule, "service": f"{app['appName']}-service-{domain['uniqueConfigKey']}"}
    redirects = entry_point == "web" and domain["https"] and not custom
    result["middlewares"] = ["redirect-to-https"] if redirects else middlewares(app, domain)
    result["entryPoints"] = [entry_point]
    resolvers = {"letsencrypt": "letsencrypt", "custom": domain["customCertResolver"]}
    resolver = resolvers.get(domain["certificateType"])
    if resolver and (entry_point == "websecure" or (custom and domain["https"])):
        result["tls"] = {"certResolver": resolver}
    return result


def strips(domain: Row) -> bool:
    return bool(domain["stripPath"] and domain["path"] and domain["path"] != "/")


def prefixes(domain: Row) -> bool:
    return bool(domain["internalPath"]) and domain["internalPath"] not in ("/", domain["path"])


def middlewares(app: Row, domain: Row) -> list[str]:
    name, key = app["appName"], domain["uniqueConfigKey"]
    names = [f"stripprefix-{name}-{key}"] if strips(domain) else []
    names += [f"addprefix-{name}-{key}"] if prefixes(domain) else []
    if domain["domainType"] != "preview":
        names += [f"redirect-{name}-{row['uniqueConfigKey']}" for row in app["redirects"]]
    if app["security"]:
        # A preview shares the users of its application: preview-<appName>-<6 characters>.
        owner = name.removeprefix("preview-").rpartition("-")[0] if domain["domainType"] == "preview" else name
        names.append(f"auth-{owner}")
    if domain["forwardAuthEnabled"]:
        names += [f"forward-auth-{name}-{key}-errors", f"forward-auth-{name}-{key}"]
    return names + list(domain["middlewares"] or ())


def remove_domain(store: Store, app: Row, key: int) -> None:
    """The file goes with its last router."""
    name = app["appName"]
    config = load(store, name)
    http = config.get("http") or {}
    for table, entry in (("routers", "router"), ("routers", "router-websecure"), ("services", "service")):
        (http.get(table) or {}).pop(f"{name}-{entry}-{key}", None)
    shared = rewritten(store, app["serverId"])
    shared.pop(f"stripprefix-{name}-{key}", None)
    shared.pop(f"addprefix-{name}-{key}", None)
    if http.get("routers") == {}:
        store.traefik.pop(name, None)
    else:
        save(store, name, config)


def _paths(store: Store, app: Row, domain: Row) -> None:
    place, server = f"{app['appName']}-{domain['uniqueConfigKey']}", app["serverId"]
    if strips(domain):
        rewritten(store, server)[f"stripprefix-{place}"] = {"stripPrefix": {"prefixes": [domain["path"]]}}
    if prefixes(domain):
        rewritten(store, server)[f"addprefix-{place}"] = {"addPrefix": {"prefix": domain["internalPath"]}}


# --- what Traefik refuses -------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=10_000)
def refusal(text: str) -> str | None:
    """Why Traefik refuses a file, and with it every later change of all of them (measured with Traefik 3.7.15)."""
    try:
        content = _parsed(text)
    except yaml.YAMLError as error:
        return str(error).splitlines()[0]
    if content is None:
        return None
    if not isinstance(content, dict):
        return f"cannot unmarshal {type(content).__name__}"
    for section in ("http", "tcp", "udp", "tls"):
        tables = content.get(section)
        if section not in content or tables is None:
            continue
        if not isinstance(tables, dict) or all(table is None for table in tables.values()):
            return f"{section} cannot be a standalone element"
        # A list is one of certificates, or is refused as well.
        for name, table in tables.items():
            if table == {} or (table == [] and section != "tls"):
                return f"{name} cannot be a standalone element"
    return None


def refused(store: Store, before: dict[str, str] | None = None) -> dict[str, str]:
    """The files that Traefik refuses, and why; with ``before`` only those that have changed since."""
    reasons = {name: refusal(text) for name, text in store.traefik.items() if text != (before or {}).get(name)}
    return {name: reason for name, reason in reasons.items() if reason is not None}


# --- several changes at once ----------------------------------------------------------------------------------------


def writes(procedure: str) -> bool:
    """Whether it reads Traefik's files, changes and writes them."""
    return procedure == "application.delete" or procedure.partition(".")[0] in ("domain", "redirects", "security")


async def with_old_files(store: Store, seconds: float, change: Callable[[], Any]) -> Any:
    """Make a change on the files as they are now, so much later: they lose what others have written meanwhile."""
    files, known = dict(store.traefik), (deepcopy(store.middlewares), deepcopy(store.remote_middlewares))
    await asyncio.sleep(seconds)
    # A file of middlewares is written whole by who changes any of it, each application's only by who changes that.
    now = store.middlewares, store.remote_middlewares
    servers: set[str | None] = set()
    store.rewritten = servers
    store.traefik_read, (store.middlewares, store.remote_middlewares) = files, known
    try:
        return change()
    finally:
        store.traefik_read = store.rewritten = None
        written = {server: table for server, table in store.remote_middlewares.items() if server in servers}
        store.middlewares = store.middlewares if None in servers else now[0]
        store.remote_middlewares = {**now[1], **written}


def in_background(store: Store, seconds: float, change: Callable[[], Any]) -> None:
    """The same after the answer."""
    task = asyncio.get_running_loop().create_task(with_old_files(store, seconds, change))
    _BACKGROUND.add(task)
    task.add_done_callback(_BACKGROUND.discard)


# --- redirects and users: middlewares of all routers of an application ----------------------------------------------


def _routers(config: Row) -> list[Row]:
    return [router for router in ((config.get("http") or {}).get("routers") or {}).values() if router]


def add_middleware(store: Store, name: str, middleware: str) -> None:
    """Behind those that each router has, the ones that only redirect to https included; a file is made for it."""
    config = load(store, name)
    for entry in _routers(config):
        known = entry.setdefault("middlewares", [])
        if middleware not in known:
            known.append(middleware)
    save(store, name, config)


def delete_middleware(store: Store, name: str, middleware: str) -> None:
    config = load(store, name)
    for entry in _routers(config):
        if entry.get("middlewares"):
            entry["middlewares"] = [known for known in entry["middlewares"] if known != middleware]
    save(store, name, config)


def write_redirect(store: Store, app: Row, row: Row, create: bool = False) -> None:
    """The redirect itself, in the file of all middlewares; a change of one that is not there is lost."""
    name, shared = f"redirect-{app['appName']}-{row['uniqueConfigKey']}", rewritten(store, app["serverId"])
    if create or name in shared:
        shared[name] = {"redirectRegex": {column: row[column] for column in ("regex", "replacement", "permanent")}}


def remove_redirect(store: Store, app: Row, row: Row) -> None:
    name = f"redirect-{app['appName']}-{row['uniqueConfigKey']}"
    rewritten(store, app["serverId"]).pop(name, None)
    delete_middleware(store, app["appName"], name)


def add_user(store: Store, app: Row, username: str) -> None:
    name = f"auth-{app['appName']}"
    shared = rewritten(store, app["serverId"]).setdefault(name, {"basicAuth": {"removeHeader": True, "users": []}})
    shared["basicAuth"]["users"].append(f"{username}:{HASH}")
    add_middleware(store, app["appName"], name)


def remove_user(store: Store, app: Row, username: str) -> None:
    """The middleware leaves the routers with its last user."""
    name, table = f"auth-{app['appName']}", rewritten(store, app["serverId"])
    shared = table.get(name)
    if shared is None:
        return
    users = [user for user in shared["basicAuth"]["users"] if user.partition(":")[0] != username]
    shared["basicAuth"]["users"] = users
    if not users:
        del table[name]
        delete_middleware(store, app["appName"], name)


def remove_application(store: Store, app: Row, redirects: list[Row]) -> None:
    """Its file, its redirects and its users; what strips or adds paths stays (source)."""
    shared = rewritten(store, app["serverId"])
    shared.pop(f"auth-{app['appName']}", None)
    for row in redirects:
        shared.pop(f"redirect-{app['appName']}-{row['uniqueConfigKey']}", None)
    store.traefik.pop(app["appName"], None)

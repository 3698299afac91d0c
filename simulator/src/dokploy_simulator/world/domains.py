# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains: their rows, and the Traefik file that a domain of an application is written into at once."""

from __future__ import annotations

from ..api.errors import ProcedureError
from ..store.store import Row, Store, new_id, now
from . import traefik

DEFAULTS: Row = {
    "domainId": None,
    "host": None,
    "https": False,
    "port": 3000,
    "customEntrypoint": None,
    "path": "/",
    "serviceName": None,
    "domainType": "application",
    "uniqueConfigKey": None,
    "createdAt": None,
    "composeId": None,
    "customCertResolver": None,
    "applicationId": None,
    "previewDeploymentId": None,
    "certificateType": "none",
    "internalPath": "/",
    "stripPath": False,
    "middlewares": [],
    "forwardAuthEnabled": False,
    "enabled": True,
}


def routed(store: Store, domain: Row) -> Row | None:
    """What a domain leads to, if it stands in a Traefik file: an application, or a preview under its own name."""
    preview = store.previews.get(domain["previewDeploymentId"] or "")
    key = preview["applicationId"] if preview else domain["applicationId"]
    app = store.applications.get(key or "")
    if app is None:
        return None
    name = preview["appName"] if preview else app["appName"]
    children = {"redirects": store.redirects, "security": store.security}
    return {
        "appName": name,
        "serverId": app["serverId"],
        **{column: table.of("applicationId", key) for column, table in children.items()},
    }


def write_traefik(store: Store, domain: Row) -> None:
    app = routed(store, domain)
    if app is not None:
        traefik.write_domain(store, app, domain)


def insert_domain(store: Store, values: Row) -> Row:
    row = {
        **DEFAULTS,
        "middlewares": [],
        "domainId": new_id(),
        "uniqueConfigKey": store.count("domain"),
        "createdAt": now(),
        **values,
    }
    store.domains.insert(row)
    try:
        write_traefik(store, row)
    except ProcedureError:
        # In one transaction: the row goes with the file that could not be read.
        store.domains.delete(row)
        raise
    return row

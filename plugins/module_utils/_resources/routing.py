# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Routing by Traefik: domains, redirects and basic-auth users.

Dokploy writes them at once, and without a deployment, into one Traefik file for each application. Measured on Dokploy
0.30.2 with Traefik 3.7: a redirect or a user that is written or removed while no domain is enabled leaves empty tables
of routers and services. Traefik refuses that file, and with it every later change of all files. The removal of the last
domain removes the file. A file that contains C({}) stays as it is until a domain is added.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import (
    Child,
    Everywhere,
    Generated,
    ServerFile,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, INTEGER, WORDS
from ansible_collections.community.dokploy.plugins.module_utils._values.names import HOST

TRAEFIK_FILE = ServerFile(
    entries="domains",
    switch="enabled",
    read="application.readTraefikConfig",
    write="application.updateTraefikConfig",
    key="traefikConfig",
    invalid=r"http:(\{\}|((routers|services|middlewares):\{\})+)",
    valid="{}\n",
    effect="Traefik refuses the file and ignores every later change of a route on this server",
)

_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# The server's own rule since 0.29.9; Let's Encrypt gives no certificate for anything else.
_HOST_NAME = (
    r"(?:%s\.)*%s\Z" % (_LABEL, _LABEL),
    "is not a valid host name: use labels of letters, digits and hyphens, separated by dots (xn--... for others)",
)
ABSOLUTE = (r"/", "must begin with /")


def certificate_without_https(certificate: str, https: str) -> Callable[[Mapping[str, Any]], Optional[str]]:
    """Why a certificate has no effect: Dokploy stores it, but does not write it to Traefik's file.

    :param certificate: a key of the API, as C(https) is.
    """

    def no_effect(row: Mapping[str, Any]) -> Optional[str]:
        if row.get(certificate) in (None, "none") or row.get(https):
            return None
        return "https is not true, so Traefik serves no certificate"

    return no_effect


DOMAINS = Child(
    option="domains",
    singular="domain",
    embedded="domains",
    id_key="domainId",
    fields=(
        Field("host", "host", HOST, key=True, needed=True, pattern=_HOST_NAME),
        Field("path", "path", key=True, default="/", pattern=ABSOLUTE),
        Field("port", "port", INTEGER, limits=(1, 65535)),
        Field("https", "https", BOOLEAN),
        Field(
            "certificate",
            "certificateType",
            choices=("none", "letsencrypt", "custom"),
            no_effect=certificate_without_https("certificateType", "https"),
        ),
        Field("certificate_resolver", "customCertResolver", needed=("certificate", "custom")),
        Field("internal_path", "internalPath", pattern=ABSOLUTE),
        Field("strip_path", "stripPath", BOOLEAN),
        Field("entrypoint", "customEntrypoint", since=(0, 29, 0)),
        Field("middlewares", "middlewares", WORDS, since=(0, 29, 0)),
        Field("forward_auth", "forwardAuthEnabled", BOOLEAN, since=(0, 29, 8)),
        Field("enabled", "enabled", BOOLEAN, since=(0, 30, 0)),
    ),
    create="domain.create",
    update="domain.update",
    remove="domain.delete",
    parent={"applicationId": "$parent", "domainType": "application"},
    # domain.update requires the host.
    always_sent=("host",),
    create_ignores={"enabled": True},
    applies_immediately=True,
    exclusive=True,
    everywhere=Everywhere(
        listing="domain.byApplicationId",
        # A disabled domain has no router.
        claims=lambda row: row.get("enabled") is not False,
        effect="On one server, Traefik serves only one of them.",
    ),
    file=TRAEFIK_FILE,
    generates=Generated(
        field="host",
        procedure="domain.generateDomain",
        body={"appName": "appName", "serverId": "serverId"},
        # Before sslip.io the server used traefik.me.
        pattern=r"%s-[0-9a-f]{6}-[0-9a-f-]+\.(?:sslip\.io|traefik\.me)\Z",
        prefix="appName",
        longest=40,
        label="generated.sslip.io",
    ),
)

REDIRECTS = Child(
    option="redirects",
    singular="redirect",
    embedded="redirects",
    id_key="redirectId",
    fields=(
        Field("regex", "regex", key=True, needed=True, limits=(1, 8192)),
        Field("replacement", "replacement", needed=True, limits=(1, 8192)),
        Field("permanent", "permanent", BOOLEAN),
    ),
    create="redirects.create",
    update="redirects.update",
    remove="redirects.delete",
    parent={"applicationId": "$parent", "permanent": False},
    always_sent=("regex", "replacement", "permanent"),
    applies_immediately=True,
    exclusive=True,
    file=TRAEFIK_FILE,
)

# RFC 7617: a colon ends the user name.
_USERNAME = (r"[^:\s]+\Z", "is not a valid user name")

# What the API calls security.
BASIC_AUTH = Child(
    option="basic_auth",
    singular="basic_auth",
    embedded="security",
    id_key="securityId",
    fields=(
        Field("username", "username", key=True, needed=True, limits=(1, 255), pattern=_USERNAME),
        Field("password", "password", secret=True, needed=True, limits=(1, 1024)),
    ),
    create="security.create",
    update="security.update",
    remove="security.delete",
    parent={"applicationId": "$parent"},
    always_sent=("username", "password"),
    applies_immediately=True,
    exclusive=True,
    file=TRAEFIK_FILE,
)

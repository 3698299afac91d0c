# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Domain of an application: a router in Traefik's file, written at once and without a deployment."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import (
    Child,
    Everywhere,
    Generated,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.traefik_file import TRAEFIK_FILE
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, INTEGER, WORDS
from ansible_collections.community.dokploy.plugins.module_utils._values.names import HOST

_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# The server's own rule since 0.29.9; Let's Encrypt gives no certificate for anything else.
_HOST_NAME = (
    r"(?:%s\.)*%s\Z" % (_LABEL, _LABEL),
    "is no host name: labels of letters, digits and hyphens with dots between (a name in other letters is written as"
    " xn--...)",
)
_ABSOLUTE = (r"/", "must begin with /")


def certificate_without_https(certificate: str, https: str) -> Callable[[Mapping[str, Any]], Optional[str]]:
    """Why a certificate has no effect. The parameters are keys of the API.

    Dokploy stores the certificate, and writes nothing of it into Traefik's file.
    """

    def idle(row: Mapping[str, Any]) -> Optional[str]:
        if row.get(certificate) in (None, "none") or row.get(https):
            return None
        return "https is not true, and without it Traefik serves no certificate"

    return idle


DOMAINS = Child(
    option="domains",
    singular="domain",
    embedded="domains",
    id_key="domainId",
    fields=(
        Field("host", "host", HOST, key=True, needed=True, pattern=_HOST_NAME),
        Field("path", "path", key=True, default="/", pattern=_ABSOLUTE),
        Field("port", "port", INTEGER, limits=(1, 65535)),
        Field("https", "https", BOOLEAN),
        Field(
            "certificate",
            "certificateType",
            choices=("none", "letsencrypt", "custom"),
            idle=certificate_without_https("certificateType", "https"),
        ),
        Field("certificate_resolver", "customCertResolver", needed=("certificate", "custom")),
        Field("internal_path", "internalPath", pattern=_ABSOLUTE),
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
    # domain.update wants the host each time.
    resend=("host",),
    create_lacks={"enabled": True},
    live=True,
    alone=True,
    everywhere=Everywhere(
        listing="domain.byApplicationId",
        # One that is not enabled has no router.
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
        words="generated.sslip.io",
    ),
)

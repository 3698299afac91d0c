# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Traefik file of an application, which domains, redirects and basic-auth users change.

Measured on Dokploy 0.30.2 with Traefik 3.7: a redirect or a user that is written or removed where no domain is enabled
leaves empty tables of routers and services. Traefik refuses that file, and with it every later change of all files.
The last domain takes the file with it. A file that holds C({}) stays as it is until there is a domain.
"""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._model.resource import ServerFile

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

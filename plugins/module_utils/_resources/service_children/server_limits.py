# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How many of some writes a server takes at once, by their procedures.

Dokploy has ten connections to its database. C(domain.create) of an application, C(redirects.create),
C(security.create), C(security.update) and C(mounts.update) open a transaction on one of them, and read over another one
before it ends. Measured on 0.30.2: ten of these at once wait for each other, and the whole server with them, for 35 s,
and then all ten fail. The source of older and newer releases has the same transactions, except that C(security.update)
has none before 0.28.0.

Dokploy changes Traefik's files by reading and writing them whole: one file for each application, and one for the
middlewares of a server. Of changes at the same time the files keep only the last, although all rows are stored.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

#: For what reads inside a transaction: fewer than the connections, so that a run leaves some to others.
IN_TRANSACTION = 4

LIMITS: Dict[str, int] = {
    "mounts.update": IN_TRANSACTION,
    # These change Traefik's files.
    **dict.fromkeys(
        "application.updateTraefikConfig domain.create domain.delete domain.toggleEnable domain.update"
        " redirects.create redirects.delete redirects.update security.create security.delete security.update".split(),
        1,
    ),
}
# Domains of a stack have no file.
STACK_LIMITS = {"domain.create": IN_TRANSACTION}


def domains_in_batch(procedure: str, body: Mapping[str, Any]) -> int:
    """How many writes of domains of different applications share a request, whose places exclude all others.

    Of a domain without a path or an authentication of its own, Dokploy writes the file of the application only (source
    of 0.30.2).
    """
    paths = {body.get("path"), body.get("internalPath")} - {None, "", "/"}
    alone = procedure != "domain.create" or paths or body.get("stripPath") or body.get("forwardAuthEnabled")
    return 1 if alone else IN_TRANSACTION

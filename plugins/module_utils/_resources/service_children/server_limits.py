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
middlewares of a server. Of changes at the same time the files keep only the last, although all rows are stored. On its
own host it does so at once. On a server that it reaches by SSH others come between, so that all that change a file of
middlewares go one after another: also the removal of an application, which takes its redirects and users out of it,
and what copies a project (source of 0.25.0 to 0.30.2).

So these do not share a request with others: redirects and users, which are middlewares, and the removal of a domain and
its switching off, which write that file even when nothing of it changes. Neither does what runs a command on the server
of a service, since over SSH that may block: the removal of mounts and of schedules (source of 0.25.0 to 0.30.2).
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..._engine.plan import MANY

#: For what reads inside a transaction: fewer than the connections, so that a run leaves some to others.
IN_TRANSACTION = 4

LIMITS: Dict[str, int] = {
    "mounts.update": IN_TRANSACTION,
    # These change Traefik's files.
    **dict.fromkeys(
        "application.delete application.updateTraefikConfig domain.create domain.delete domain.toggleEnable"
        " domain.update forwardAuth.disable forwardAuth.enable project.duplicate redirects.create redirects.delete"
        " redirects.update security.create security.delete security.update settings.updateMiddlewareTraefikConfig"
        " settings.updateTraefikFile".split(),
        1,
    ),
}
REMOVAL_LIMITS = {procedure: limit for procedure, limit in LIMITS.items() if procedure == "application.delete"}
# Domains of a stack have no file.
STACK_LIMITS = {"domain.create": IN_TRANSACTION}


def domains_in_batch(procedure: str, row: Mapping[str, Any]) -> int:
    """How many writes of domains of different applications share a request, whose places exclude all others.

    Of an enabled domain without a path or an authentication of its own, Dokploy writes the file of the application only
    (source of 0.25.0 to 0.30.2).
    """
    paths = {row.get("path"), row.get("internalPath")} - {None, "", "/"}
    alone = paths or row.get("stripPath") or row.get("forwardAuthEnabled") or row.get("enabled") is False
    return IN_TRANSACTION if procedure in ("domain.create", "domain.update") and not alone else 1


def removed_alone(procedure: str, _row: Mapping[str, Any]) -> int:
    """How many writes share a request of what the removal runs a command for."""
    return 1 if procedure.endswith((".delete", ".remove")) else LIMITS.get(procedure, MANY)

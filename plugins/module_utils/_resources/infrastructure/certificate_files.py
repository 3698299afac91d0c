# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files of a certificate, which Traefik reads only when a file changes that it watches.

Dokploy writes them to a folder of their own below C(dynamic/certificates). Traefik watches no folder in another one: a
new certificate is not served, and after a change or a removal the old one still is, until any file right in C(dynamic)
is written. Writing one of these again as it is suffices (measured on 0.30.2: served within a second).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional

from ..._engine.concurrency import in_flight
from ..._engine.execute import Executor
from ..._engine.plan import SELF, Outcome, Step, Write
from ..._errors import NotApplied, PermissionDenied, ServerError
from ..._values.schema import TEXT, Shape
from ..service_children.server_limits import LIMITS

READ, WRITE = "settings.readTraefikFile", "settings.updateTraefikFile"
ANSWERS: Mapping[str, Shape] = {READ: TEXT}
DYNAMIC = "/etc/dokploy/traefik/dynamic"
# That of Dokploy's own domain changes least. A remote server has none.
WATCHED = ("dokploy.yml", "middlewares.yml")
# Seconds until the files are on a remote server: Dokploy answers before it has written them.
FILES_TIMEOUT = 30.0
_AGAIN = "Remove the certificate and create it again."
_UNREACHABLE = "Look with state=validated of dokploy_server whether Dokploy reaches the server. %s" % _AGAIN


@dataclass(frozen=True)
class ServeCertificate(Step):
    """Let Traefik read what is written of a certificate, after it was written.

    :param server: the ID of its server; empty for Dokploy's own host.
    :param row: the certificate, if it is not created in this run.
    :param there: whether it has files, and was not removed.
    """

    server: Any
    row: Optional[Mapping[str, Any]] = None
    there: bool = True

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises NotApplied: its files are not on the server in time."""
        own = {"serverId": outcome.value(self.server)} if self.server else {}
        try:
            if own and self.there:
                self._wait(executor, outcome, own)
            for name in WATCHED[1:] if own else WATCHED:
                if self._wrote_again({"path": "%s/%s" % (DYNAMIC, name), **own}, executor, outcome):
                    return
        except PermissionDenied:
            executor.warnings.append(
                "The API key may not write files of Traefik, which therefore serves the certificate as it was before "
                "until one of its files changes."
            )
        except ServerError as error:
            raise NotApplied(
                "certificate %r: it is stored, and Dokploy cannot reach the files of Traefik: %s"
                % (self._name(outcome), error.message),
                hint=_UNREACHABLE if own else _AGAIN,
                procedure=error.procedure,
                status=error.status,
                server_message=error.server_message,
            ) from None

    def _wrote_again(self, place: Mapping[str, Any], executor: Executor, outcome: Outcome) -> bool:
        """Whether there is such a file, which was written as it is. Nothing else writes it meanwhile."""
        with in_flight(executor.client.base_url, LIMITS[WRITE]):
            text = executor.client.query(READ, place, lasting=True)
            if text:
                executor.write(Write(WRITE, {**place, "traefikConfig": text}), outcome)
            return bool(text)

    def _name(self, outcome: Outcome) -> str:
        return str((self.row or outcome.rows[SELF])["name"])

    def _wait(self, executor: Executor, outcome: Outcome, own: Mapping[str, Any]) -> None:
        row = self.row or outcome.rows[SELF]
        place = {"path": "%s/certificates/%s/certificate.yml" % (DYNAMIC, row["certificatePath"]), **own}

        def look(_passed: float) -> Optional[bool]:
            return True if executor.client.query(READ, place, lasting=True) else None

        def late() -> NotApplied:
            text = "certificate %r: it is stored, and its files are not on the server after %g s"
            return NotApplied(text % (row["name"], FILES_TIMEOUT), hint=_UNREACHABLE)

        executor.waiter.until(FILES_TIMEOUT, look, late)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Masks: what changes data which is back, such as the names of customers, before an application runs. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Mapping, Optional

from ..._model.argspec import Spec

#: What a mask is, for options.
SPEC: Spec = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "service": {"type": "str", "required": True},
        "script": {"type": "str"},
        "sql": {"type": "str"},
        "image": {"type": "str"},
    },
    "mutually_exclusive": [["script", "sql"]],
    "required_one_of": [["script", "sql"]],
}
_MYSQL = '%s -h "$DB_HOST" -P "$DB_PORT" -u "$DB_USER" "$DB_NAME"'
# The client of each kind of database that takes SQL: an error ends it. PostgreSQL carries out all or nothing.
_CLIENTS: Mapping[str, str] = {
    "postgres": "psql -X -q -1 -v ON_ERROR_STOP=1",
    "mysql": _MYSQL % "mysql",
    "mariadb": _MYSQL % "mariadb",
}


@dataclass(frozen=True)
class Mask:
    """A script, or SQL, that changes data. :param service: the path of the service in the document."""

    name: str
    service: str
    script: Optional[str] = None
    sql: Optional[str] = None
    image: Optional[str] = None

    def why_not(self, kind: str, has_image: bool) -> Optional[str]:
        """Why it cannot run, as the end of a sentence.

        :param kind: of the database; empty for another service. :param has_image: the service has one of its own.
        """
        if self.sql is not None and kind not in _CLIENTS:
            return "takes sql only of a database of the type %s" % ", ".join(_CLIENTS)
        if self.image is None and not (kind or has_image):
            return "needs image, in which its script runs"
        return None

    def script_for(self, kind: str) -> str:
        """What C(/bin/sh -e) runs."""
        if self.sql is None:
            return str(self.script)
        return "printf '%%s\\n' %s | %s" % (shlex.quote(self.sql), _CLIENTS[kind])

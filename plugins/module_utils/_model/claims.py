# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a service takes of its server, which another one should not take as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Hashable

VOLUME, FOLDER, HOST, PORT = "volume", "folder", "host", "port"


@dataclass(frozen=True)
class Claim:
    """A volume, a folder of the host, a host name or a published port of a service.

    :param option: the one that states it. :param kind: C(VOLUME), C(FOLDER), C(HOST) or C(PORT).
    :param thing: what tells it from others of its kind. :param name: what users call it.
    :param single: the server refuses it to a second service.
    """

    option: str
    kind: str
    thing: Hashable
    name: str
    single: bool = False

    @property
    def text(self) -> str:
        return "%s %s" % (self.kind, self.name)

    @property
    def key(self) -> Any:
        """Two claims of one server with the same key are of the same thing."""
        return self.kind, self.thing

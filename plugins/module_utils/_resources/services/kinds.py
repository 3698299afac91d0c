# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The kinds of services, as far as others need them that remove services or read their deployments."""

from __future__ import annotations

from typing import Any, Mapping

from ..._model.deployable import Deployable
from ..._model.procedures import Removal
from ..._model.resource import SERVICES, ServiceKind
from ..service_children.server_limits import REMOVAL_LIMITS


def _kind(name: str, removal: Removal, **procedures: Any) -> ServiceKind:
    return ServiceKind(SERVICES[name], removal, Deployable(**procedures))


_QUEUE = {"history": "deployment.all", "clean_queue": "application.cleanQueues"}
_COMPOSE_QUEUE = {"history": "deployment.allByCompose", "clean_queue": "compose.cleanQueues"}
KINDS: Mapping[str, ServiceKind] = {
    **{name: _kind(name, Removal("%s.remove" % name)) for name in SERVICES},
    "application": _kind("application", Removal("application.delete", in_flight=REMOVAL_LIMITS), **_QUEUE),
    # The data of a stack is kept.
    "compose": _kind("compose", Removal("compose.delete", body={"deleteVolumes": False}), **_COMPOSE_QUEUE),
}
#: Those that Dokploy builds.
BUILT: Mapping[str, ServiceKind] = {name: kind for name, kind in KINDS.items() if kind.deployable.history}

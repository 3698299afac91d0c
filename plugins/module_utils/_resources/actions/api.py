# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Any procedure by its name, for resources that have no module."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Mapping

from ..._engine.plan import SELF, Plan, Write
from ..._engine.runner import Context, Operation
from ..._errors import OptionError, kind_of
from ..._secrets.masking import HIDDEN, hide_credentials, is_secret, names_a_secret
from ..._values.codec import is_empty
from ..service_children.server_limits import LIMITS

_PROCEDURE = re.compile(r"[A-Za-z][A-Za-z0-9]*\.[A-Za-z][A-Za-z0-9]*\Z")

# The queries in the OpenAPI document of Dokploy 0.30.2, and those that are known of later releases. A wrong guess is
# harmless: the server only knows a procedure by its method, so it answers 404 and writes nothing.
_QUERY = re.compile(
    r"(?!ai\.saveCustomProviders\Z|settings\.getUpdateData\Z)\w+\."
    r"(one|all\w*|by[A-Z]\w*|get|list\w*|search|\w+Providers|count|(get|read|is|have|can|has|load|check)[A-Z]\w*)\Z"
)
_QUERIES: FrozenSet[str] = frozenset(
    "cluster.addManager cluster.addWorker compose.templates customRole.membersByRole deployment.queueList"
    " forwardAuth.serverStatus forwardAuth.status network.inspect network.networksToSync organization.active"
    " overview.backups overview.domains overview.services project.homeStats project.onboardingStatus"
    " server.buildServers server.publicIp server.security server.validate server.withSSHKey settings.health"
    " sso.enforceSSO sso.showSignInWithSSO user.session".split()
)
# The logs of what does not run are a 500 each time (measured on 0.30.2).
_LASTING = re.compile(r"\w+\.readLogs\Z")


def is_query(procedure: str) -> bool:
    """Whether a procedure reads, by its name."""
    return procedure in _QUERIES or bool(_QUERY.match(procedure))


def without_secrets(value: Any) -> Any:
    """An answer without the values of keys with the names of secrets, and without credentials in URLs."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN
            if is_secret(str(key)) and not is_empty(item) and not isinstance(item, bool)
            else without_secrets(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return hide_credentials(value) if isinstance(value, str) else value


def _perform(context: Context) -> Dict[str, Any]:
    params = context.params
    procedure, body = params["procedure"], params["input"] or {}
    if not _PROCEDURE.match(procedure):
        raise OptionError("procedure: %r is not the name of a procedure, such as application.one" % procedure)
    query = is_query(procedure) if params["method"] == "auto" else params["method"] == "query"
    if query:
        for name, value in body.items():
            if isinstance(value, (dict, list)):
                raise OptionError("input.%s: a query takes single values, not %s" % (name, kind_of(value)))
        lasting = bool(_LASTING.match(procedure))
        answer = context.client.query(procedure, body, timeout=params["timeout"], lasting=lasting)
    else:
        write = Write(procedure, body, saves=SELF, timeout=params["timeout"], once=True, in_flight=LIMITS)
        answer = context.executor.run(Plan((write,))).rows.get(SELF)
    return {
        "changed": not query,
        "method": "query" if query else "mutation",
        "response": answer if params["include_secrets"] else without_secrets(answer),
    }


OPERATION = Operation(
    name="dokploy_api",
    options={
        "procedure": {"type": "str", "required": True},
        "input": {"type": "dict", "default": {}, "no_log": True},
        "method": {"type": "str", "choices": ["auto", "query", "mutation"], "default": "auto"},
        "timeout": {"type": "float"},
        "include_secrets": {"type": "bool", "default": False, "no_log": False},
    },
    perform=_perform,
    secret_results=names_a_secret,
)

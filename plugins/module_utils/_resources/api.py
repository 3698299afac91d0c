# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Any procedure by its name, for what has no module yet."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Mapping

from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import SELF, Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, Operation
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import (
    HIDDEN,
    hide_credentials,
    is_secret,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty

_PROCEDURE = re.compile(r"[A-Za-z][A-Za-z0-9]*\.[A-Za-z][A-Za-z0-9]*\Z")

# How queries are called in Dokploy 0.30.2's OpenAPI document. A wrong guess is harmless: the server knows the procedure
# only by its own method, so the answer is a 404 and nothing is written.
_QUERY = re.compile(
    r"\.(one|all\w*|by[A-Z]\w*|get|get[A-Z]\w*|list\w*|read[A-Z]\w*|search|\w+Providers|count|is[A-Z]\w*|have[A-Z]\w*"
    r"|can[A-Z]\w*|has[A-Z]\w*|load[A-Z]\w*|check[A-Z]\w*)\Z"
)
_QUERIES_BY_NAME: FrozenSet[str] = frozenset(
    "cluster.addManager cluster.addWorker compose.templates customRole.membersByRole deployment.queueList"
    " forwardAuth.serverStatus forwardAuth.status network.inspect network.networksToSync organization.active"
    " overview.backups overview.domains overview.services project.homeStats server.buildServers server.publicIp"
    " server.security server.validate server.withSSHKey settings.health sso.enforceSSO sso.showSignInWithSSO"
    " user.session".split()
)
_MUTATIONS_BY_NAME: FrozenSet[str] = frozenset("ai.saveCustomProviders settings.getUpdateData".split())


def is_query(procedure: str) -> bool:
    """Whether a procedure reads, judged by its name."""
    if procedure in _MUTATIONS_BY_NAME:
        return False
    return procedure in _QUERIES_BY_NAME or bool(_QUERY.search(procedure))


def without_secrets(value: Any) -> Any:
    """An answer with the values under the keys of secrets hidden, and without the credentials in addresses."""
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
        raise OptionError("procedure: %r is no procedure; it looks like application.one" % procedure)
    query = is_query(procedure) if params["method"] == "auto" else params["method"] == "query"
    if query:
        nested = [name for name, value in body.items() if isinstance(value, (dict, list))]
        if nested:
            raise OptionError(
                "input.%s: a query takes single values, not a %s" % (nested[0], type(body[nested[0]]).__name__)
            )
        answer = context.client.query(procedure, body, timeout=params["timeout"])
    else:
        outcome = context.executor.run(
            Plan((Write(procedure, body, saves=SELF, timeout=params["timeout"], once=True),))
        )
        answer = outcome.rows.get(SELF)
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
)

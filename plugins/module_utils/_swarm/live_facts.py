# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Facts about a service that Dokploy does not store: its tasks, its log, its load, its Traefik configuration."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import valid
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    OptionError,
    PermissionDenied,
    Refused,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._secrets.traefik import masked as masked_config
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import (
    MAX_LINES,
    nothing_there,
    patches_call,
    shown,
    with_patches,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    Row,
    Service,
    mode_of,
    running_facts,
    tasks_call,
)

Params = Mapping[str, Any]

_SINCE = re.compile(r"all\Z|[0-9]+[smhd]\Z")
_SEARCH = re.compile(r"[a-zA-Z0-9 ._-]{1,500}\Z")


def live_facts(resource: Resource, names: Sequence[str], rows: Sequence[Row], context: Context) -> List[Dict[str, Any]]:
    """The facts C(names) of each service, all read in as few requests as possible.

    :param names: keys of C(LIVE_FACTS). :param rows: answers of the resource's read.
    :raises OptionError: C(log_lines), C(log_since) or C(log_search) is invalid.
    :raises Refused: the server is too old for C(logs).
    """
    params, services = context.params, [Service(resource, row) for row in rows]
    if "logs" in names:
        _check_log_options(params)
    calls = [LIVE_FACTS[name][0](service, params) for service in services for name in names]
    # What is masked in the logs.
    patches = [patches_call(resource, service.id) for service in services if "logs" in names]
    answers = context.client.call_many([*calls, *patches]) if calls else []
    if patches:
        rows = [with_patches(row, answer) for row, answer in zip(rows, answers[len(calls) :])]
    wanted = [(row, name) for row in rows for name in names]
    found = iter([LIVE_FACTS[name][1](answer, row, params) for (row, name), answer in zip(wanted, answers)])
    return [{name: next(found) for name in names} for _row in rows]


def _check_log_options(params: Params) -> None:
    if not 1 <= params["log_lines"] <= MAX_LINES:
        raise OptionError("log_lines is %d; it must be 1 to %d" % (params["log_lines"], MAX_LINES))
    if params["log_since"] is not None and not _SINCE.match(params["log_since"]):
        raise OptionError("log_since is %r; it must be all, or a number followed by s, m, h or d" % params["log_since"])
    if params["log_search"] is not None and not _SEARCH.match(params["log_search"]):
        raise OptionError(
            "log_search may hold only letters, digits, blanks, '.', '_' and '-', and 500 characters at most"
        )


def _logs_call(service: Service, params: Params) -> Call:
    filters = {key: params["log_%s" % key] for key in ("since", "search") if params["log_%s" % key] is not None}
    return Call(service.resource.deployable.logs, service.input(tail=params["log_lines"], **filters))


def _logs(answer: Any, row: Row, params: Params) -> List[str]:
    if isinstance(answer, UnknownProcedure):
        raise Refused("include=logs needs Dokploy 0.29.0 or newer", hint="Leave it out, or update the server.")
    if isinstance(answer, ServerError) and nothing_there(answer, params["log_search"]):
        return []
    return shown(valid(answer), row, params["log_lines"])


def _monitoring_call(service: Service, _params: Params) -> Call:
    return Call(service.resource.deployable.monitoring, {"appName": service.row.get("appName")})


def _monitoring(answer: Any, _row: Row, _params: Params) -> Any:
    # Dokploy Cloud refuses it to everyone, as a missing right.
    return None if isinstance(answer, PermissionDenied) and "cloud" in str(answer) else valid(answer)


def _traefik_call(service: Service, _params: Params) -> Call:
    return Call(service.resource.deployable.traefik_config, service.input())


def _traefik(answer: Any, _row: Row, params: Params) -> Any:
    text = valid(answer)
    return text if text is None or params["include_secrets"] else masked_config(str(text))


# The query for each fact, and the fact of its answer, which may be the error of this one query.
LIVE_FACTS: Mapping[str, Tuple[Callable[[Service, Params], Call], Callable[[Any, Row, Params], Any]]] = {
    "logs": (_logs_call, _logs),
    "monitoring": (_monitoring_call, _monitoring),
    "running": (
        lambda service, _params: tasks_call(service.row),
        lambda answer, row, _params: running_facts(mode_of(row), valid(answer) or []),
    ),
    "traefik_config": (_traefik_call, _traefik),
}

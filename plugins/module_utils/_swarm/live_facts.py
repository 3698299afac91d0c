# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Facts about a service that Dokploy does not store: its tasks, its log, its load, its Traefik configuration."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Sequence

from .._api.client import Call
from .._engine.reads import valid
from .._engine.runner import Context
from .._errors import OptionError, PermissionDenied, Refused, ServerError, UnknownProcedure
from .._model.resource import Resource
from .._secrets.traefik import masked as masked_config
from .logs import check_lines, nothing_there, patches_call, shown, with_patches
from .tasks import Row, Service, mode_of, running_facts, tasks_call

Params = Mapping[str, Any]

_SINCE = re.compile(r"all\Z|[0-9]+[smhd]\Z")
_SEARCH = re.compile(r"[a-zA-Z0-9 ._-]{1,500}\Z")

LIVE_FACTS = ("logs", "monitoring", "running", "traefik_config")


def live_facts(resource: Resource, names: Sequence[str], rows: Sequence[Row], context: Context) -> List[Dict[str, Any]]:
    """The facts C(names) of each service, all read in as few requests as possible.

    :param names: some of C(LIVE_FACTS). :param rows: answers of the resource's read.
    :raises OptionError: C(log_lines), C(log_since) or C(log_search) is invalid.
    :raises Refused: the server is too old for C(logs).
    """
    params, services = context.params, [Service(resource, row) for row in rows]
    if "logs" in names:
        _check_log_options(params)
    calls = [_call(name, service, params) for service in services for name in names]
    # What is masked in the logs.
    patches = [patches_call(resource, service.id) for service in services if "logs" in names]
    answers = context.client.call_many([*calls, *patches]) if calls else []
    if patches:
        rows = [with_patches(row, answer) for row, answer in zip(rows, answers[len(calls) :])]
    left = iter(answers)
    return [{name: _fact(name, next(left), row, params) for name in names} for row in rows]


def _check_log_options(params: Params) -> None:
    check_lines(params["log_lines"], least=1)
    if params["log_since"] is not None and not _SINCE.match(params["log_since"]):
        raise OptionError("log_since is %r; it must be all, or a number followed by s, m, h or d" % params["log_since"])
    if params["log_search"] is not None and not _SEARCH.match(params["log_search"]):
        raise OptionError(
            "log_search may hold only letters, digits, blanks, '.', '_' and '-', and 500 characters at most"
        )


def _call(name: str, service: Service, params: Params) -> Call:
    deployable, app_name = service.resource.deployable, service.row.get("appName")
    if name == "running":
        return tasks_call(service.row)
    if name == "monitoring":
        return Call(deployable.monitoring, {"appName": app_name})
    if name == "traefik_config":
        return Call(deployable.traefik_config, service.input())
    filters = {key: params["log_%s" % key] for key in ("since", "search") if params["log_%s" % key] is not None}
    return Call(deployable.logs, service.input(tail=params["log_lines"], **filters))


def _fact(name: str, answer: Any, row: Row, params: Params) -> Any:
    """The fact of an answer, which may be the error of this one query."""
    if name == "logs" and isinstance(answer, UnknownProcedure):
        raise Refused("include=logs needs Dokploy 0.29.0 or newer", hint="Leave it out, or update the server.")
    if name == "logs" and isinstance(answer, ServerError) and nothing_there(answer, params["log_search"]):
        return []
    if name == "monitoring" and isinstance(answer, PermissionDenied) and "cloud" in str(answer):
        # Dokploy Cloud refuses it to everyone, as a missing right.
        return None
    valid(answer)
    if name == "logs":
        return shown(answer, row, params["log_lines"])
    if name == "running":
        return running_facts(mode_of(row), answer or [])
    if name == "traefik_config" and answer is not None and not params["include_secrets"]:
        return masked_config(str(answer))
    return answer

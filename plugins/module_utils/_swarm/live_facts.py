# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What of an application is not stored but found out: its tasks, its containers' log, its load, its Traefik file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    OptionError,
    PermissionDenied,
    Refused,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._secrets.traefik import masked as masked_config
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import (
    in_time,
    last_lines,
    listed,
    masked,
    nothing_there,
    patches_call,
    with_patches,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import running_facts, tasks_call, wanted_of

Row = Mapping[str, Any]
Params = Mapping[str, Any]

_SINCE = re.compile(r"all\Z|[0-9]+[smhd]\Z")
_SEARCH = re.compile(r"[a-zA-Z0-9 ._-]{1,500}\Z")
_MOST_LINES = 10000


@dataclass(frozen=True)
class LiveQuery:
    """One thing to find out of an application: the query, and what its answer comes to.

    :param shown: the answer, or the error of this one query, in our words.
    """

    call: Callable[[Row, Params], Call]
    shown: Callable[[Any, Row, Params], Any]


def look_at_all(names: Sequence[str], rows: Sequence[Row], context: Context) -> List[Dict[str, Any]]:
    """For each row of C(application.one) what C(names) ask for, all in as few requests as can be.

    :param names: keys of C(LOOKS).
    :raises OptionError: C(log_lines), C(log_since) or C(log_search) cannot be.
    :raises Refused: the server is too old for C(logs).
    """
    params = context.params
    if "logs" in names:
        _check_log_options(params)
    calls = [LOOKS[name].call(row, params) for row in rows for name in names]
    # What is masked in the logs.
    patches = [patches_call(str(row.get("applicationId"))) for row in rows if "logs" in names]
    answers = context.client.call_many([*calls, *patches]) if calls else []
    if patches:
        rows = [with_patches(row, answer) for row, answer in zip(rows, answers[len(calls) :])]
    wanted = [(row, name) for row in rows for name in names]
    found = iter([LOOKS[name].shown(answer, row, params) for (row, name), answer in zip(wanted, answers)])
    return [{name: next(found) for name in names} for _row in rows]


def _check_log_options(params: Params) -> None:
    if not 1 <= params["log_lines"] <= _MOST_LINES:
        raise OptionError("log_lines is %d; it must be 1 to %d" % (params["log_lines"], _MOST_LINES))
    if params["log_since"] is not None and not _SINCE.match(params["log_since"]):
        raise OptionError("log_since is %r; it must be all, or a number followed by s, m, h or d" % params["log_since"])
    if params["log_search"] is not None and not _SEARCH.match(params["log_search"]):
        raise OptionError(
            "log_search may hold only letters, digits, blanks, '.', '_' and '-', and 500 characters at most"
        )


def _value(answer: Any) -> Any:
    if isinstance(answer, DokployError):
        raise answer
    return answer


# --- the looks -------------------------------------------------------------------------------------------------------


def _by_id(procedure: str) -> Callable[[Row, Params], Call]:
    return lambda row, params: Call(procedure, {"applicationId": row.get("applicationId")})


def _logs_call(row: Row, params: Params) -> Call:
    input: Dict[str, Any] = {"applicationId": row.get("applicationId"), "tail": params["log_lines"]}
    for key in ("since", "search"):
        if params["log_%s" % key] is not None:
            input[key] = params["log_%s" % key]
    return Call("application.readLogs", input)


def _logs(answer: Any, row: Row, params: Params) -> List[str]:
    if isinstance(answer, UnknownProcedure):
        raise Refused("include=logs needs Dokploy 0.29.0 or newer", hint="Leave it out, or update the server.")
    if isinstance(answer, ServerError) and nothing_there(answer, params["log_search"]):
        return []
    return listed(masked(last_lines(in_time(_value(answer)), params["log_lines"]), row))


def _monitoring(answer: Any, _row: Row, _params: Params) -> Any:
    # Dokploy Cloud refuses it to everybody, in the form of a missing right.
    if isinstance(answer, PermissionDenied) and "cloud" in str(answer):
        return None
    return _value(answer)


def _running(answer: Any, row: Row, _params: Params) -> Dict[str, Any]:
    return running_facts(wanted_of(row), _value(answer) or [])


def _traefik(answer: Any, _row: Row, params: Params) -> Any:
    text = _value(answer)
    return text if text is None or params["include_secrets"] else masked_config(str(text))


LOOKS: Mapping[str, LiveQuery] = {
    "logs": LiveQuery(_logs_call, _logs),
    "monitoring": LiveQuery(
        lambda row, params: Call("application.readAppMonitoring", {"appName": row.get("appName")}), _monitoring
    ),
    "running": LiveQuery(lambda row, params: tasks_call(row), _running),
    "traefik_config": LiveQuery(_by_id("application.readTraefikConfig"), _traefik),
}

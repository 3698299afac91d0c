# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What results show of a service on request, beside what Dokploy stores: logs, tasks, and facts of some services."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence

from ..._api.client import Call
from ..._deployment.state import commit_facts
from ..._engine.runner import Context
from ..._errors import OptionError
from ..._model.resource import Resource
from ..._reads.rows import valid
from ..._swarm.images import image_facts, running_images
from ..._swarm.logs import check_lines, log_in, patches_call, shown_lines, with_patches
from ..._swarm.tasks import Row, Service, running_facts, tasks_call, tasks_in

_SINCE = re.compile(r"all\Z|[0-9]+[smhd]\Z")
_SEARCH = re.compile(r"[a-zA-Z0-9 ._-]{1,500}\Z")


class LiveFact(NamedTuple):
    """A fact of some services: the query for it, and what results show of the answer, from that and the parameters."""

    call: Callable[[Service], Call]
    shown: Callable[[Any, Mapping[str, Any]], Any]


def live_facts(
    resource: Resource,
    names: Sequence[str],
    rows: Sequence[Row],
    context: Context,
    own: Mapping[str, LiveFact] = MappingProxyType({}),
) -> List[Dict[str, Any]]:
    """Some of C(logs), C(running) and its C(own) facts for each service, all read in as few requests as possible.

    C(images) stands for C(running) with the images that run.

    :raises OptionError: C(log_lines), C(log_since) or C(log_search) is invalid.
    :raises Refused: the server is too old for C(logs).
    """
    params, services = context.params, [Service(resource, row) for row in rows]
    asked, names = names, [*dict.fromkeys("running" if name == "images" else name for name in names)]
    if "logs" in names:
        check_log_options(params, "log_")
    calls = [_call(name, service, params, own) for service in services for name in names]
    # What is masked in the logs, of a service that has patches.
    patched = "logs" in names and any(child.option == "patches" for child in resource.children)
    patches = [patches_call(resource, service.id) for service in services if patched]
    answers = context.client.call_many([*calls, *patches]) if calls else []
    if patches:
        rows = [with_patches(row, answer) for row, answer in zip(rows, answers[len(calls) :])]
        services = [Service(resource, row) for row in rows]
    left = iter(answers)
    facts = [{name: _fact(name, next(left), service, params, own) for name in names} for service in services]
    return _with_images(facts, names, services, answers, context) if "images" in asked else facts


def _with_images(
    facts: List[Dict[str, Any]],
    names: Sequence[str],
    services: Sequence[Service],
    answers: Sequence[Any],
    context: Context,
) -> List[Dict[str, Any]]:
    """The facts, those of what runs with its images. :param answers: those of all names of each."""
    at = list(names).index("running")
    tasks = [tasks_in(valid(answers[number * len(names) + at])) for number in range(len(services))]
    images = image_facts(running_images(services, context.client, tasks))
    return [{**known, "running": {**known["running"], "images": own}} for known, own in zip(facts, images)]


def check_log_options(params: Mapping[str, Any], prefix: str) -> None:
    """:raises OptionError: one of the options C(lines), C(since) and C(search), whose names begin so, is invalid."""
    lines, since, search = (params[prefix + name] for name in ("lines", "since", "search"))
    check_lines(lines, 1, prefix + "lines")
    if since is not None and not _SINCE.match(since):
        message = "%ssince is %r; it must be all, or a number followed by s, m, h or d"
        raise OptionError(message % (prefix, since))
    if search is not None and not _SEARCH.match(search):
        message = "%ssearch may hold only letters, digits, blanks, '.', '_' and '-', at most 500 characters"
        raise OptionError(message % prefix)


def _call(name: str, service: Service, params: Mapping[str, Any], own: Mapping[str, LiveFact]) -> Call:
    if name in own:
        return own[name].call(service)
    if name == "running":
        return tasks_call(service)
    filters = {key: params["log_%s" % key] for key in ("since", "search") if params["log_%s" % key] is not None}
    return Call(service.resource.deployable.logs, service.input(tail=params["log_lines"], **filters))


def _fact(name: str, answer: Any, service: Service, params: Mapping[str, Any], own: Mapping[str, LiveFact]) -> Any:
    """The fact of an answer, which may be the error of this one query."""
    if name in own:
        return own[name].shown(answer, params)
    if name == "logs":
        text = log_in(answer, params["log_search"], "include=logs", "Leave it out, or update the server.")
        return shown_lines(text, service.row, params["log_lines"])
    return {**running_facts(service.mode, tasks_in(valid(answer))), **commit_facts(service)}

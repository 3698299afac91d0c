# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Logs of builds and of containers, which Dokploy reads on request, without the secrets of their services."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._errors import (
    DokployError,
    NotFoundError,
    OptionError,
    ProtocolError,
    Refused,
    ServerError,
    UnknownProcedure,
)
from .._http.websocket import listen
from .._model.resource import Resource
from .._reads.rows import read_call, row_in, valid
from .._secrets.masking import SHORTEST, Scrubber, credentials_in, hide_credentials, secret_lines, worth_hiding
from .._values import dotenv
from .tasks import Row, Service, inspect

# The most lines that the server gives of a log.
MAX_LINES = 10000

# The columns of a service whose values may show up in the logs of its builds, its previews and its containers.
_VARIABLES = ("env", "buildArgs", "buildSecrets", "previewEnv", "previewBuildArgs", "previewBuildSecrets")
_SECRETS = ("password", "refreshToken", "databasePassword", "databaseRootPassword")
# Those that may hold an address with credentials in it.
_ADDRESSES = ("customGitUrl", "registryUrl")

# The sequences with which programs colour their output and move the cursor, and the other control characters.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\-~])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# What Docker puts before each line, always of the same length.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")

# The server's 500 for a service without a container and without a service in Docker.
_NOTHING_RUNS = "No container or service found"


def check_lines(lines: int, least: int = 0, option: str = "log_lines") -> None:
    """:raises OptionError: the number of lines is out of range."""
    if not least <= lines <= MAX_LINES:
        raise OptionError("%s is %d; it must be %d to %d" % (option, lines, least, MAX_LINES))


def masked_text(text: str, row: Row) -> str:
    """The text without the secrets of a service: the values of its variables and of those of its environment and
    project, its passwords, and the text of its file mounts and patches, which C(with_patches) adds to its row."""
    return masker(row)(text)


def masker(row: Row) -> Callable[[str], str]:
    """What masks texts about one service, for many of them."""
    # A rollback runs a copy of the configuration.
    scrubber, rows = Scrubber(), (row, row.get("fullContext") or {})
    for secret in (secret for configured in rows for secret in _secrets(configured)):
        # A log may hold a part of a secret of several lines.
        scrubber.add(*(part for part in (secret, *secret_lines(secret, SHORTEST)) if worth_hiding(part)))
    # Of a file only the longer lines count, which the scrubber finds itself: a script has many lines such as "done".
    files = (
        item.get("content")
        for configured in rows
        for key in ("mounts", "patches")
        for item in configured.get(key) or ()
    )
    scrubber.add(*(text for text in files if text and worth_hiding(text)))
    return lambda text: hide_credentials(scrubber.mask(text))


def _secrets(row: Row) -> Iterator[str]:
    environment = row.get("environment") or {}
    texts = [row.get(column) for column in _VARIABLES]
    for text in (*texts, environment.get("env"), (environment.get("project") or {}).get("env")):
        # The text itself is no secret: it is made of names and values.
        yield from dotenv.parse(text).values()
    for record in (row, *(row.get("security") or ())):
        yield from (str(record[column]) for column in _SECRETS if record.get(column))
    for column in _ADDRESSES:
        yield from credentials_in(str(row.get(column) or ""))


def patches_call(resource: Resource, resource_id: str) -> Call:
    """The query for the patches of a service; its answer is for C(with_patches)."""
    return Call("patch.byEntityId", {"id": resource_id, "type": resource.name})


def with_patches(row: Row, answer: Any) -> Dict[str, Any]:
    """The row with its patches, for C(masker); without where they cannot be read, since they are no secrets."""
    return {**row, "patches": answer} if isinstance(answer, list) else dict(row)


def last_lines(text: Any, lines: int) -> str:
    """The last C(lines) lines, without blank ones at both ends."""
    if lines <= 0:
        return ""
    return "\n".join(clean(line) for line in str(text or "").strip().split("\n")[-lines:])


def in_time(text: Any) -> str:
    """The log of containers in the order of its times.

    When none of them runs, the server gives the last lines of each that has run, in no order (measured on 0.30.2).
    """
    lines = str(text or "").strip("\n").split("\n")
    if all(_TIME.match(line) for line in lines):
        lines = sorted(lines, key=lambda line: line.partition(" ")[0])
    return "\n".join(lines)


def shown_lines(text: Any, row: Row, lines: int) -> List[str]:
    """The last lines of a log of containers, masked."""
    return listed(masked_text(last_lines(in_time(text), lines), row))


def listed(text: Optional[str]) -> List[str]:
    """The lines of a text, of which only a line feed ends one."""
    return text.split("\n") if text else []


def clean(line: str) -> str:
    """A line as a terminal shows it in the end: without colours, and without what a carriage return overwrote.

    The time before it stays, which Docker has put there.
    """
    line = _ESCAPES.sub("", line).rstrip("\r")
    time = _TIME.match(line)
    begin = time.end() if time else 0
    return _CONTROLS.sub("", line[:begin] + line[begin:].rpartition("\r")[2])


def build_logs(client: Client, deployments: Sequence[Tuple[Resource, str, str]], lines: int) -> List[Optional[str]]:
    """The last lines of build logs, masked, since builds print variables; all are read in one batch.

    Each is C(None) where the server cannot read logs (before 0.29.5), and empty where the log or its service is gone.

    :param deployments: the description and the ID of the service, and the ID of its deployment.
    """
    if not deployments or lines <= 0:
        return [""] * len(deployments)
    calls: List[Call] = []
    for resource, resource_id, deployment_id in deployments:
        calls.append(Call("deployment.readLogs", {"deploymentId": deployment_id, "tail": lines}))
        calls += [read_call(resource, resource_id), patches_call(resource, resource_id)]
    answers = iter(client.call_many(calls))
    return [
        _build_log(text, _row(resource, answer, resource_id), patches, lines)
        for (resource, resource_id, _id), text, answer, patches in zip(deployments, answers, answers, answers)
    ]


def _row(resource: Resource, answer: Any, resource_id: str) -> Any:
    """The row of a service, or the error of its read."""
    return answer if isinstance(answer, DokployError) else row_in(resource, answer, resource_id) or {}


def _build_log(text: Any, row: Any, patches: Any, lines: int) -> Optional[str]:
    for answer in (text, row):
        if isinstance(answer, (NotFoundError, UnknownProcedure)):
            return "" if isinstance(answer, NotFoundError) else None
        valid(answer)
    return masked_text(last_lines(text, lines), with_patches(row, patches))


def query_log(client: Client, service: Service, **input: Any) -> Any:
    """The answer of the query for the log of containers, which is a 500 each time nothing runs (measured on 0.30.2)."""
    return client.query(service.resource.deployable.logs, service.input(**input), lasting=True)


def container_log(client: Client, service: Service, lines: int) -> List[str]:
    """The last lines that the containers of a service wrote, masked; none when nothing runs.

    :raises UnknownProcedure: the server is older than 0.29.0. :raises ProtocolError: the answer is no log.
    """
    try:
        text = query_log(client, service, tail=lines)
    except ServerError as error:
        if not nothing_there(error):
            raise
        return []
    if not isinstance(text, str):
        procedure = service.resource.deployable.logs
        message = "%s of %s answered no log" % (procedure, service.label)
        raise ProtocolError(message, hint="Run the task again.", procedure=procedure)
    return shown_lines(text, service.row, lines)


def task_log(client: Client, service: Service, task_id: str, lines: int) -> Optional[List[str]]:
    """The last lines that the container of one task wrote, masked; C(None) where they cannot be read.

    Where the query for a log takes no container, it gives the log of any that runs. The WebSocket behind the page of
    logs tells them apart, and has those of ended ones as well (measured on 0.30.2).

    :raises UnknownProcedure: the server is older than 0.29.0.
    """
    if service.resource.deployable.containers is not None:
        (task,) = inspect(client, service.row, [task_id])
        container = ((task.get("Status") or {}).get("ContainerStatus") or {}).get("ContainerID") or task_id
        return _own(query_log(client, service, containerId=container, tail=lines), service, lines)
    params = {"containerId": task_id, "runType": "swarm", "tail": str(lines), "since": "all", "search": ""}
    # From 0.30 on everyone who may see the service may read its log.
    params["serviceId"] = service.id
    if service.row.get("serverId"):
        params["serverId"] = str(service.row["serverId"])
    written = listen(client.base_url[: -len("api")] + "docker-container-logs", params, client.config)
    return None if written is None else _own(written, service, lines)


def log_of_task(client: Client, service: Service, task_id: str, lines: int) -> Tuple[List[str], bool]:
    """The last lines of a task, masked, and whether they are its own: where it has none, those of any container.

    What has failed matters more than its log, so that an error is a line in its place.
    """
    try:
        log = task_log(client, service, task_id, lines)
        if log is not None or service.resource.deployable.containers is not None:
            return log or [], True
        return container_log(client, service, lines), False
    except DokployError as error:
        return ["(the log cannot be read: %s)" % error], False


def _own(text: Any, service: Service, lines: int) -> Optional[List[str]]:
    """The last lines with a time; C(None) for an error of the server's in the place of the log, which has none."""
    own = timed(text)
    return None if str(text or "").strip("\n") and not own else shown_lines("\n".join(own), service.row, lines)


def timed(text: Any) -> List[str]:
    """The lines with a time, which those of an error of the server's in the place of a log do not have."""
    return [line for line in str(text or "").split("\n") if _TIME.match(line)]


def without_time(line: str) -> str:
    """A line without the time that Docker has put before it."""
    return _TIME.sub("", line, count=1) if _TIME.match(line) else line


def log_in(answer: Any, search: Optional[str], what: str, hint: str) -> Any:
    """The text in the answer to a query for a log, which may be the error of this one query; empty when nothing runs.

    :param what: needs the query, in the message. :param hint: what to do without it.
    :raises Refused: the server is too old.
    """
    if isinstance(answer, UnknownProcedure):
        raise Refused("%s needs Dokploy 0.29.0 or newer" % what, hint=hint)
    if isinstance(answer, ServerError) and nothing_there(answer, search):
        return ""
    return valid(answer)


def nothing_there(error: DokployError, search: Optional[str] = None) -> bool:
    """Whether the server says that nothing runs, or that C(search) found nothing, which makes its C(grep) fail."""
    return _NOTHING_RUNS in str(error) or bool(search and "grep -iF" in str(error))

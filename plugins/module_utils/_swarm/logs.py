# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Logs as results and messages may show them: their last lines, without an application's secrets."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import Scrubber
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import (
    SHORTEST,
    credentials_in,
    hide_credentials,
    lines_of,
    worth_hiding,
)
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv as _dotenv

Row = Mapping[str, Any]

# The columns of an application whose values may show up in the logs of its builds, its previews and its containers.
_VARIABLES = ("env", "buildArgs", "buildSecrets", "previewEnv", "previewBuildArgs", "previewBuildSecrets")
_SECRETS = ("password", "refreshToken")
# Those that may hold an address with credentials in it.
_ADDRESSES = ("customGitUrl", "registryUrl")

# The sequences with which programs colour their output and move about in it, and the other control characters.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\-~])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# What Docker puts before each line, always as long.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")

# What the server says, with a 500, when it finds no container and no service of an application.
_NOTHING_RUNS = "No container or service found"


def masked(text: str, application: Optional[Row]) -> str:
    """The text with the application's secrets masked: the values of its variables, those of its environment and project
    too, its passwords, and the text of its file mounts and patches.

    :param application: the answer of C(application.one), or C(None) when it is gone. The patches are not in it; see
        C(with_patches).
    """
    return masker(application)(text)


def masker(application: Optional[Row]) -> Callable[[str], str]:
    """What masks texts that are about one application, for many of them."""
    scrubber = Scrubber()
    for secret in _secrets(application or {}):
        # Of a secret of several lines a log may hold a part.
        scrubber.add(*(part for part in (secret, *lines_of(secret, SHORTEST)) if worth_hiding(part)))
    # Of a file only the longer lines count, which the scrubber finds itself: a script has many lines such as "done".
    scrubber.add(*filter(worth_hiding, _files(application or {})))
    return lambda text: hide_credentials(scrubber.hide(text))


def _files(application: Row) -> Iterator[str]:
    """The texts of the file mounts and patches."""
    copy = application.get("fullContext")
    if copy:
        yield from _files(copy)
    rows = (*(application.get("mounts") or ()), *(application.get("patches") or ()))
    yield from (row["content"] for row in rows if row.get("content"))


def patches_call(application_id: str) -> Call:
    """The query for the patches of an application; its answer is for C(with_patches)."""
    return Call("patch.byEntityId", {"id": application_id, "type": "application"})


def with_patches(application: Row, answer: Any) -> Dict[str, Any]:
    """The application with its patches, for C(masker); without where they cannot be read, since they are no secrets."""
    return {**application, "patches": answer} if isinstance(answer, list) else dict(application)


def _secrets(application: Row) -> Iterator[str]:
    # The copy that a rollback runs, if there is one.
    copy = application.get("fullContext")
    if copy:
        yield from _secrets(copy)
    environment = application.get("environment") or {}
    texts = [application.get(column) for column in _VARIABLES]
    for text in (*texts, environment.get("env"), (environment.get("project") or {}).get("env")):
        # The text itself is no secret: it is made of names and values.
        yield from _dotenv.parse(text).values()
    for row, columns in ((application, _SECRETS), *((user, _SECRETS) for user in application.get("security") or ())):
        yield from (str(row[column]) for column in columns if row.get(column))
    for column in _ADDRESSES:
        yield from credentials_in(str(application.get(column) or ""))


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


def listed(text: str) -> List[str]:
    """The lines of a text, of which only a line feed ends one."""
    return text.split("\n") if text else []


def clean(line: str) -> str:
    """A line as a terminal shows it in the end: without colours, and what a carriage return overwrote."""
    line = _ESCAPES.sub("", line).rstrip("\r")
    return _CONTROLS.sub("", line.rpartition("\r")[2])


def log_tail(client: Client, application_id: str, deployment_id: str, lines: int) -> str:
    """The last lines of a build log, masked, since builds like to print their variables.

    Empty where the server cannot read it (before 0.29.5) or has none any more.
    """
    try:
        return build_log(client, application_id, deployment_id, lines)
    except UnknownProcedure:
        return ""


def build_log(client: Client, application_id: str, deployment_id: str, lines: int) -> str:
    """The same.

    :raises UnknownProcedure: the server is older than 0.29.5.
    """
    if lines <= 0:
        return ""
    return log_of(client.call_many(log_calls(application_id, deployment_id, lines)), lines)


def log_calls(application_id: str, deployment_id: str, lines: int) -> List[Call]:
    """The queries for a build log and for what is masked in it; their answers are for C(log_of)."""
    return [
        Call("deployment.readLogs", {"deploymentId": deployment_id, "tail": lines}),
        Call("application.one", {"applicationId": application_id}),
        patches_call(application_id),
    ]


def log_of(answers: Sequence[Any], lines: int) -> str:
    """The end of a log, masked. Empty where the server has none any more, or no longer says what is to be masked.

    :raises UnknownProcedure: the server is older than 0.29.5.
    """
    text, row, patches = answers
    for answer in (text, row):
        if isinstance(answer, NotFoundError):
            return ""
        if isinstance(answer, DokployError):
            raise answer
    return masked(last_lines(text, lines), with_patches(row, patches))


def container_log(client: Client, application: Row, lines: int) -> List[str]:
    """The last lines that the containers of an application wrote, masked; none when nothing runs.

    :param application: the answer of C(application.one).
    :raises UnknownProcedure: the server is older than 0.29.0.
    """
    try:
        text = client.query("application.readLogs", {"applicationId": application.get("applicationId"), "tail": lines})
    except ServerError as error:
        if not nothing_there(error):
            raise
        return []
    return listed(masked(last_lines(in_time(text), lines), application))


def task_log(client: Client, application: Row, task_id: str, lines: int) -> Optional[List[str]]:
    """The last lines that the container of one task wrote, masked; C(None) where they cannot be read.

    No procedure tells the containers of a service apart: C(application.readLogs) gives the log of any that runs. The
    WebSocket behind the page of logs does, of ended ones as well (measured on 0.30.2).
    """
    params = {
        "containerId": task_id,
        "runType": "swarm",
        "tail": str(lines),
        "since": "all",
        "search": "",
        # From 0.30 on this lets who may see the application read it.
        "serviceId": str(application.get("applicationId")),
    }
    if application.get("serverId"):
        params["serverId"] = str(application["serverId"])
    text = client.listen("docker-container-logs", params)
    if text is None:
        return None
    said = [line for line in text.split("\n") if line.strip()]
    own = [line for line in said if _TIME.match(line)]
    if said and not own:
        # What cannot be read is said in the same place, without a time.
        return None
    return listed(masked(last_lines("\n".join(own), lines), application))


def nothing_there(error: DokployError, search: Optional[str] = None) -> bool:
    """Whether the server says that nothing runs, or that C(search) found nothing, which makes its C(grep) fail."""
    return _NOTHING_RUNS in str(error) or bool(search and "grep -iF" in str(error))

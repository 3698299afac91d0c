# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays requests against a real server, and removes what they have made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tools.record.requests_file import Request

NAME = re.compile(r"<[A-Za-z]\w*:\d+>")
LONG = re.compile(r"<(\d+) characters>")
SECONDS = 120
# What removes a record, by the router that has created it, in this order: what is in others first. What is left in a
# project goes with it.
REMOVALS = {
    "domain": ("domain.delete", "domainId"),
    "schedule": ("schedule.delete", "scheduleId"),
    "mounts": ("mounts.remove", "mountId"),
    "application": ("application.delete", "applicationId"),
    "compose": ("compose.delete", "composeId"),
    **{kind: (f"{kind}.remove", f"{kind}Id") for kind in ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")},
    "project": ("project.remove", "projectId"),
    "destination": ("destination.remove", "destinationId"),
    "notification": ("notification.remove", "notificationId"),
    "sshKey": ("sshKey.remove", "sshKeyId"),
    "certificates": ("certificates.remove", "certificateId"),
    "gitProvider": ("gitProvider.remove", "gitProviderId"),
    "tag": ("tag.remove", "tagId"),
}
# The lists of what is in no project: other people's rows are in them, too. A release may lack some.
LISTS = {
    "project.all": "projectId",
    "destination.all": "destinationId",
    "notification.all": "notificationId",
    "sshKey.all": "sshKeyId",
    "certificates.all": "certificateId",
    "gitProvider.getAll": "gitProviderId",
    "tag.all": "tagId",
}
# How the requests call what is in no project.
OWN = "recorded "
# Columns of a row that say nothing of a request.
NO_COLUMNS = ("deployments", "environment")


class Unplayable(Exception):
    """A request needs a value that no answer has given."""


@dataclass
class Answer:
    """What was sent and answered. :param changed: the columns that differ after it, ``{column: [before, after]}``."""

    request: Request
    sent: dict[str, Any]
    status: int
    content_type: str | None
    body: Any
    changed: dict[str, Any] | None = None


@dataclass
class Session:
    """A server, and what was made on it.

    :param names: the values that answers gave, by their names in the requests.
    :param others: the IDs of rows that were there before. :param earlier: how many of them an earlier run has left.
    """

    url: str
    key: str
    say: Callable[[str], None] = print
    names: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    earlier: int = 0

    def __post_init__(self) -> None:
        self.names["<key:1>"] = self.key
        self.http = requests.Session()
        self.http.trust_env = False

    # --- requests ----------------------------------------------------------------------------------------------------

    def call(self, procedure: str, value: Mapping[str, Any] | None = None, method: str = "GET") -> requests.Response:
        place: dict[str, Any] = {"params": value} if method == "GET" else {"json": value or {}}
        return self.http.request(
            method, f"{self.url}/api/{procedure}", headers={"x-api-key": self.key}, timeout=SECONDS, **place
        )

    def translated(self, value: Any) -> Any:
        """A part of a request with the values of this server.

        :raises Unplayable: it needs one that is not known.
        """
        if isinstance(value, dict):
            return {key: self.translated(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.translated(item) for item in value]
        if not isinstance(value, str):
            return value
        missing = [name for name in NAME.findall(value) if name not in self.names]
        if missing:
            raise Unplayable(f"no answer has given {', '.join(missing)}")
        return NAME.sub(lambda match: self.names[match.group()], value)

    def send(self, request: Request) -> Answer:
        """Send a request, and take the values that its answer gives."""
        sent = {
            key: self.translated(request.data[key])
            for key in ("path", "params", "request", "request_raw", "request_headers")
            if key in request.data
        }
        path = LONG.sub(lambda match: "x" * int(match[1]), sent["path"])
        body: dict[str, Any] = {}
        if "request_raw" in sent:
            body["data"] = sent["request_raw"].encode()
        elif "request" in sent:
            body["json"] = sent["request"]
        before = self.row(request, sent) if request.data.get("changed") else None
        response = self.http.request(
            request.data["method"],
            self.url + path,
            params=sent.get("params"),
            headers=sent.get("request_headers", {"x-api-key": self.key}),
            allow_redirects=False,
            timeout=SECONDS,
            **body,
        )
        answer = Answer(
            request,
            sent,
            response.status_code,
            response.headers.get("Content-Type"),
            self.own(request, parsed(response)),
        )
        if before is not None:
            after = self.row(request, sent) or {}
            answer.changed = {
                name: [value, after.get(name)]
                for name, value in before.items()
                if name not in NO_COLUMNS and value != after.get(name)
            }
        for name, place in request.data.get("gives", {}).items():
            value = at(answer.body, place)
            if isinstance(value, str):
                self.names.setdefault(name, value)
        return answer

    def row(self, request: Request, sent: Mapping[str, Any]) -> dict[str, Any] | None:
        router = request.procedure.partition(".")[0]
        key = f"{router}Id"
        row = parsed(self.call(f"{router}.one", {key: sent["request"][key]}))
        return row if isinstance(row, dict) else None

    def play(self, wanted: Iterable[Request]) -> Iterator[Answer]:
        """Play the requests in order; one that cannot be sent is left out, and said."""
        for request in wanted:
            try:
                answer = self.send(request)
            except Unplayable as error:
                self.say(f"left out: {request.key[0]} {request.data['note'] or request.procedure}: {error}")
                continue
            except requests.Timeout:
                self.say(f"no answer in {SECONDS} s: {request.key[0]} {request.data['note'] or request.procedure}")
                continue
            yield answer

    # --- what is others' ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Remember which rows are there: they are neither recorded nor removed."""
        for procedure, key in LISTS.items():
            rows = self.listed(procedure, key)
            self.earlier += sum(map(self.is_own, rows))
            self.others |= {row[key] for row in rows}

    def listed(self, procedure: str, key: str) -> list[dict[str, Any]]:
        rows = parsed(self.call(procedure))
        return [row for row in rows if isinstance(row, dict) and key in row] if isinstance(rows, list) else []

    def is_own(self, row: Mapping[str, Any]) -> bool:
        """Whether the requests have made a row of a list: they call it so."""
        part = row.get("gitProvider")
        name = (part if isinstance(part, dict) else row).get("name")
        return isinstance(name, str) and name.startswith(OWN) and not self.others & set(ids(row))

    def own(self, request: Request, body: Any) -> Any:
        """A list of what is in no project, without the rows of others."""
        if request.procedure not in LISTS or not isinstance(body, list):
            return body
        return [row for row in body if isinstance(row, dict) and self.is_own(row)]

    def clean(self, answers: Iterable[Answer]) -> list[str]:
        """Remove what the requests have made, which their answers name, or the lists of what is in no project.

        Returns what the server would not remove."""
        made: dict[str, list[str]] = {}
        for answer in answers:
            router, _dot, verb = answer.request.procedure.partition(".")
            row = answer.body
            if router in REMOVALS and verb == "create" and answer.status == 200 and isinstance(row, dict):
                key = REMOVALS[router][1]
                made.setdefault(router, []).append(row.get(key) or row.get(router, {}).get(key))
        left = []
        for router, (procedure, key) in REMOVALS.items():
            lists = [listing for listing, listed_key in LISTS.items() if listed_key == key]
            own = [row[key] for listing in lists for row in self.listed(listing, key) if self.is_own(row)]
            for value in dict.fromkeys([*made.get(router, ()), *own]):
                extra = {"deleteVolumes": True} if router == "compose" else {}
                response = self.call(procedure, {key: value, **extra}, "POST")
                # What went with something else is unknown by now.
                if response.status_code not in (200, 400, 404):
                    left.append(f"{procedure} {value}: {response.status_code} {response.text[:200]}")
            left += [
                f"{listing} {row[key]}" for listing in lists for row in self.listed(listing, key) if self.is_own(row)
            ]
        return left


def parsed(response: requests.Response) -> Any:
    """The body as JSON; an empty one is an empty text."""
    try:
        return response.json() if response.content else ""
    except ValueError:
        return response.text


def ids(row: Mapping[str, Any]) -> Iterator[str]:
    """The first ID of a row: its own."""
    for name, value in row.items():
        if name.endswith("Id") and isinstance(value, str):
            yield value
            return


def at(body: Any, place: str) -> Any:
    """The value at a path such as C(ports[0].portId); None if there is none."""
    for step in re.findall(r"[^.\[\]]+", place):
        try:
            body = body[int(step)] if isinstance(body, list) else body[step]
        except (LookupError, TypeError, ValueError):
            return None
    return body

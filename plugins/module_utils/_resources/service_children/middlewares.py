# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The middlewares of applications in Traefik's file of a server: redirects, users, and what strips and adds paths.

On a server that it reaches by SSH, Dokploy reads this file, waits, and writes it whole. So another change at the same
time is lost, although its row is stored, and Traefik answers 404 for each host whose router names what is not there
(measured on 0.30.2). Runs of one user on one machine wait for each other. Others, such as those of the web interface,
do not: what a run has written is looked up in the file when it ends, and written again where it is missing.

Dokploy answers C(redirects.create) before it writes the files of such a server (source of 0.25.0 to 0.30.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..._engine.concurrency import in_flight
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.execute import Executor
from ..._engine.plan import Write
from ..._engine.proof import Written
from ..._engine.state import State
from ..._errors import NotApplied, NotFoundError, PermissionDenied, ServerError, WaitTimeout, enumerated
from ..._model.resource import ChangeCheck
from ..._values.yaml_text import HAS_YAML
from ..instance.traefik_content import middlewares_in
from .routing import BASIC_AUTH, DOMAINS, IN_FILE, READ_FILE, REDIRECTS
from .server_limits import LIMITS

READ = "settings.readTraefikFile"
PATH = "/etc/dokploy/traefik/dynamic/middlewares.yml"
_READ_APPLICATION, _APPLICATION = "application.one", "applicationId"
# Seconds until a new redirect is in the files of a server, and those that are waited where nothing shows it.
_WRITTEN_IN, _UNSEEN = 30.0, 3.0
# How often what is missing is written again, if something else removes it each time.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Middleware:
    """What a row of an application has to have in the file.

    :param what: the row in words. :param option: the option whose children have it. :param row: the row of the child.
    :param content: the middleware; of a user, its name is enough, since the file has only a hash of the password.
    """

    name: str
    what: str
    option: str
    row: Row
    content: Mapping[str, Any]

    def missing(self, there: Mapping[str, Any]) -> bool:
        """Whether a file has not got it. :param there: its middlewares."""
        if self.option != BASIC_AUTH.option:
            return there.get(self.name) != self.content
        users = _mapping(_mapping(there.get(self.name)).get("basicAuth")).get("users") or []
        return self.row["username"] not in [str(user).partition(":")[0] for user in users]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def middlewares_of(application: Row) -> Iterator[Middleware]:
    """What an application has to have in the file of its server, from its row (source of 0.25.0 to 0.30.2)."""
    name = application["appName"]
    for row in application.get(DOMAINS.embedded) or ():
        if row.get("enabled") is not False:
            yield from _paths(name, row)
    for row in application.get(REDIRECTS.embedded) or ():
        key, what = "redirect-%s-%s" % (name, row["uniqueConfigKey"]), "the redirect of %s" % row["regex"]
        content = {key: row[key] for key in ("regex", "replacement", "permanent")}
        yield Middleware(key, what, REDIRECTS.option, row, {"redirectRegex": content})
    for row in application.get(BASIC_AUTH.embedded) or ():
        yield Middleware("auth-%s" % name, "the login of %s" % row["username"], BASIC_AUTH.option, row, {})


def _paths(name: str, row: Row) -> Iterator[Middleware]:
    path, internal, place = row.get("path"), row.get("internalPath"), "%s-%s" % (name, row["uniqueConfigKey"])
    where = "%s%s" % (row["host"], path or "")
    if row.get("stripPath") and path and path != "/":
        what, content = "strip_path of %s" % where, {"stripPrefix": {"prefixes": [path]}}
        yield Middleware("stripprefix-%s" % place, what, DOMAINS.option, row, content)
    if internal and internal not in ("/", path):
        what, content = "internal_path of %s" % where, {"addPrefix": {"prefix": internal}}
        yield Middleware("addprefix-%s" % place, what, DOMAINS.option, row, content)


def missing_in(application: Row, text: Optional[str]) -> List[Middleware]:
    """What a file has not got of an application. A text that is no such file has nothing."""
    known = middlewares_in(text)
    there = known[1] if known is not None else {}
    return [middleware for middleware in middlewares_of(application) if middleware.missing(there)]


# --- a redirect that is answered before it is written ---------------------------------------------------------------


def _on_server(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """The diff with the wait for redirects, where the application is not on Dokploy's own host."""
    added = any(change.child.option == REDIRECTS.option and change.action != "remove" for change in diff.children)
    if not added or not diff.fields_after(state.row).get("serverId"):
        return Judgement(diff)
    return Judgement(replace(diff, lasts={REDIRECTS.create: _wait_until_written}))


def _wait_until_written(executor: Executor, body: Mapping[str, Any]) -> None:
    """Wait until a new redirect is in the files of its server. The file of the application is written last."""
    client, own = executor.client, {_APPLICATION: body[_APPLICATION]}
    row = client.query(_READ_APPLICATION, own)
    names = [
        middleware.name
        for middleware in middlewares_of(row)
        if middleware.option == REDIRECTS.option and middleware.row["regex"] == body["regex"]
    ]
    # Without a domain, no router has it.
    routed = any(domain.get("enabled") is not False for domain in row.get(DOMAINS.embedded) or ())
    procedure, input = (READ_FILE, own) if routed else (READ, {"path": PATH, "serverId": row["serverId"]})

    def written(_elapsed: float) -> Optional[bool]:
        text = client.query(procedure, input) or ""
        return True if all(name in text for name in names) else None

    try:
        executor.waiter.until(_WRITTEN_IN, written, lambda: WaitTimeout(""))
    except WaitTimeout:
        # The end of the run tells what is missing.
        return
    except (PermissionDenied, ServerError):
        routed = False
    if not routed:
        executor.waiter.sleep(_UNSEEN)


ON_SERVER = ChangeCheck(_on_server, about=(REDIRECTS.option,))


# --- the end of a run ------------------------------------------------------------------------------------------------


def are_in_files(written: Sequence[Written], executor: Executor) -> bool:
    """Look whether what was written is in the files of its servers, each of which is read once.

    :return: whether something was written again.
    :raises NotApplied: something is still missing.
    """
    servers: Dict[str, Dict[str, Tuple[str, Row]]] = {}
    for record in written:
        row, changed = record.row, {change.child.option for change in record.diff.children if change.action != "remove"}
        if row.get("serverId") and changed & IN_FILE and any(middlewares_of(row)):
            servers.setdefault(row["serverId"], {})[str(row[_APPLICATION])] = (record.label, row)
    again, left = False, []
    for server, applications in servers.items():
        try:
            text = _text(server, executor)
        except (PermissionDenied, ServerError, NotFoundError) as error:
            executor.warnings.append(_UNKNOWN % (enumerated(_labels(applications)), error))
            continue
        for label, row in applications.values():
            if missing_in(row, text):
                again = True
                left += ["%s: %s" % (label, middleware.what) for middleware in _written_again(label, row, executor)]
    if left:
        raise NotApplied(
            "Traefik's file of middlewares on the server has not got what was written, and written again %d times: %s"
            % (_ATTEMPTS, "; ".join(left)),
            hint="Until it is there, Traefik answers 404 for the hosts of the application. Look whether something else "
            "changes routes on this server at the same time, and whether its disk is full. Then remove what is "
            "missing, and create it again.",
        )
    return again


_UNKNOWN = (
    "%s: whether its redirects, logins and paths are in Traefik's file of middlewares on the server is not known, "
    "since it cannot be read: %s"
)
_AGAIN = (
    "%s: %s was not in Traefik's file of middlewares on the server, since something else changed this file at the same "
    "time. It was written again."
)


def _labels(applications: Mapping[str, Tuple[str, Row]]) -> List[str]:
    return [label for label, _row in applications.values()]


def _text(server: str, executor: Executor) -> Optional[str]:
    """:raises ServerError: it cannot be read."""
    if not HAS_YAML:
        raise ServerError("the Python library PyYAML is missing where the module runs")
    text: Optional[str] = executor.client.query(READ, {"path": PATH, "serverId": server})
    return text


def _written_again(label: str, row: Row, executor: Executor) -> List[Middleware]:
    """Write again what is missing of an application; what is still missing.

    No other run of this machine changes the file meanwhile, or writes the same again.
    """
    client, server, own = executor.client, str(row["serverId"]), {_APPLICATION: row[_APPLICATION]}
    lacking: List[Middleware] = []
    with in_flight(client.base_url, LIMITS[REDIRECTS.create]):
        for attempt in range(_ATTEMPTS + 1):
            row = client.query(_READ_APPLICATION, own)
            lacking = missing_in(row, _text(server, executor))
            if not lacking or attempt == _ATTEMPTS:
                break
            for middleware in {(entry.option, str(entry.row)): entry for entry in lacking}.values():
                if attempt == 0:
                    executor.warnings.append(_AGAIN % (label, middleware.what))
                _write_again(middleware, own, executor)
    return lacking


def _write_again(middleware: Middleware, own: Row, executor: Executor) -> None:
    row = middleware.row
    if middleware.option == DOMAINS.option:
        # It writes all of the domain anew.
        _send(DOMAINS.update, {DOMAINS.id_key: row[DOMAINS.id_key], "host": row["host"]}, executor)
        return
    child, keys = (
        (REDIRECTS, ("regex", "replacement", "permanent"))
        if middleware.option == REDIRECTS.option
        else (BASIC_AUTH, ("username", "password"))
    )
    # Dokploy changes no redirect that is not there.
    _send(child.remove, {child.id_key: row[child.id_key]}, executor)
    body = {**own, **{key: row[key] for key in keys}}
    _send(child.create, body, executor)
    if child is REDIRECTS:
        _wait_until_written(executor, body)


def _send(procedure: str, body: Row, executor: Executor) -> None:
    executor.answer(Write(procedure, body, missing_ok=True), body)
    executor.sent = True

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the data volume of a database was created with, and the passwords, which Dokploy changes in what runs."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from typing import Any, List, Mapping, Sequence

from ..._api.client import Client
from ..._engine.desired import dotted
from ..._engine.diff import Change, Diff, Judgement
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Write
from ..._engine.state import State
from ..._errors import BadRequest, OptionError, Refused, ServerError, UnknownProcedure
from ..._model.resource import ChangeCheck
from ..._reads.reads import Reads
from ..._reads.rows import need
from ..._secrets.masking import worth_hiding
from ..._swarm.logs import nothing_there, query_log
from ..._swarm.tasks import Service, read_tasks, running_slots
from ..recovery.mark import mark_of

Row = Mapping[str, Any]

PASSWORDS = ("databasePassword", "databaseRootPassword")
# What a failed change of a password says after the script that the server quotes, in the one line of a message. Neither
# the names nor the passwords in it can have quotes.
_AFTER_SCRIPT = re.compile(r'docker exec .*?[;)]" (?P<reason>.+)')


def passwords_of(row: Row) -> List[str]:
    """The passwords that an answer may quote, and what libSQL is started with instead of one."""
    login = "%s:%s" % (row.get("databaseUser"), row.get("databasePassword"))
    texts = [str(row.get(key) or "") for key in PASSWORDS] + [base64.b64encode(login.encode()).decode()]
    return [text for text in texts if worth_hiding(text)]


def note_passwords(state: State, _diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """Nothing. Later answers may quote what was read, so that it is masked from here on."""
    reads.client.add_secret(*passwords_of(state.row or {}))
    return {}


def _inside(state: State, diff: Diff, params: Mapping[str, Any]) -> List[Change]:
    """The changes of an existing database that its data volume has, unless that is created again."""
    if state.row is None or not state.resource.deployable.change_password or params["state"] == "rebuilt":
        return []
    if _has_volume_of_another(_service(state)):
        return []
    inside = (*PASSWORDS, "databaseName", "databaseUser")
    return [change for change in diff.changes if change.field.api in inside]


def _has_volume_of_another(service: Service) -> bool:
    """Whether a recovery has put a data volume into it that no login has proven yet: it has the passwords of its
    origin, of which the row may have been told wrong."""
    mark = mark_of(service)
    return mark is not None and not mark.live and any(file.endswith(".tar") for file in mark.archives)


def _fixed(inside: Sequence[Change]) -> List[str]:
    """The options that nothing changes in a data volume."""
    return [dotted(change.path) for change in inside if change.field.api not in PASSWORDS]


def _that_count(row: Row, inside: Sequence[Change]) -> List[Change]:
    """Without a user of its own, the root password is the one that counts."""
    root = row.get("databaseUser") == "root" and "databaseRootPassword" in row
    return [change for change in inside if not (root and change.field.api == "databasePassword")]


def _service(state: State) -> Service:
    row = state.row or {}
    return Service(state.resource, row, "database %r" % row.get("name"))


def _created(state: State, diff: Diff, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """Of a database that was created in Docker, if its data volume has what changes: its C(tasks), and the C(version)
    of a server that is to change a password in it."""
    inside, service, client = _inside(state, diff, params), _service(state), reads.client
    tasks = read_tasks(client, service) if inside else []
    if not inside or not (tasks or _was_deployed(service, client)):
        return {}
    changes = [] if _fixed(inside) else _that_count(service.row, inside)
    return {"tasks": tasks, "version": client.version() if changes else None}


def _was_deployed(service: Service, client: Client) -> bool:
    """Whether Docker has a service of it, which keeps its volume also when it is stopped."""
    try:
        query_log(client, service, tail=1)
    except UnknownProcedure:
        return service.row.get("applicationStatus") != "idle"
    except ServerError as error:
        if not nothing_there(error):
            raise
        return False
    return True


def _in_place(state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """The diff, with the passwords of a database that was deployed changed in the database itself.

    :raises Refused: the database has been created, and only its owner can change this in it.
    :raises OptionError: Dokploy cannot change a password to this one.
    """
    if "tasks" not in known:
        return Judgement(diff)
    service, inside = _service(state), _inside(state, diff, params)
    names, changes = _fixed(inside), _that_count(service.row, inside)
    if names:
        raise Refused(
            "%s cannot be changed: the data volume of %s was created with another one, and Dokploy would only show the "
            "new one" % (" and ".join(names), service.label),
            hint="Change it in the database itself, or lose all data with state=rebuilt.",
        )
    if not changes:
        return Judgement(diff)
    options = " and ".join(dotted(change.path) for change in changes)
    need(known["version"], "A change of %s of a database that was deployed" % options, (0, 29, 0))
    if not running_slots(known["tasks"], settled=False):
        raise Refused(
            "%s: %s does not run, and Dokploy changes passwords in the running database" % (options, service.label),
            hint="Start it with state=started first.",
        )
    if any("`" in str(change.after) for change in changes):
        raise OptionError("%s: Dokploy cannot change a password to one with a backtick" % options)
    # That of root comes last, since the other one is changed with it.
    steps = {change.field.api: _change_password(service, change) for change in changes}
    changed = (replace(change, step=steps.get(change.field.api, change.step)) for change in diff.changes)
    return Judgement(replace(diff, changes=tuple(sorted(changed, key=_is_of_root))))


def _is_of_root(change: Change) -> bool:
    return change.field.api == "databaseRootPassword"


PASSWORDS_IN_PLACE = ChangeCheck(_in_place, _created)


@dataclass(frozen=True)
class ChangePassword(Write):
    """Change a password in the running database; the row changes only if that succeeds."""

    label: str = ""

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Refused: the database did not accept it."""
        try:
            super().run(executor, outcome)
        except (BadRequest, ServerError) as error:
            text = str(error.server_message or "")
            if error.pause is not None or not ("Command execution failed" in text or "No running container" in text):
                raise
            executor.sent = outcome.sent_before or outcome.sent
            match = _AFTER_SCRIPT.search(text)
            reason = match.group("reason") if match else text
            hint = None
            if "FATAL" in reason and "does not exist" in reason:
                hint = "Dokploy connects to a database with the name of the user. Create one, and run the task again."
            raise Refused("%s was not changed: %s" % (self.label, reason), hint=hint) from None


def _change_password(service: Service, change: Change) -> ChangePassword:
    root = {"type": "root"} if change.field.api == "databaseRootPassword" else {}
    label = "%s of %s" % (dotted(change.path), service.label)
    body = service.input(password=change.after, **root)
    return ChangePassword(procedure=service.resource.deployable.change_password, body=body, label=label)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Users of the organization of the API key.

Measured on Dokploy 0.30.2: any text is accepted for a role, and a user with an unknown one is locked out. The rights
are written as a whole, for an unknown user without an error. The Git providers that a user has made go with the user.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional

from .._engine.diff import Difference
from .._engine.lookup import resolve
from .._engine.plan import SELF, FromResponse, Plan, Step, Write
from .._engine.requirements import need
from .._engine.runner import Context, Operation
from .._errors import OptionError, ReferenceNotFound, Refused, enumerated
from .._model.argspec import Spec
from .._model.resource import DELETE_TIMEOUT, PROJECTS
from .accounts import ROLES, applied, by_name_or_id, differing

Row = Mapping[str, Any]

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")
SHORTEST_PASSWORD = 8
# Suboption -> its key in the API.
PERMISSIONS = {
    "create_projects": "canCreateProjects",
    "delete_projects": "canDeleteProjects",
    "create_environments": "canCreateEnvironments",
    "delete_environments": "canDeleteEnvironments",
    "create_services": "canCreateServices",
    "delete_services": "canDeleteServices",
    "docker": "canAccessToDocker",
    "traefik_files": "canAccessToTraefikFiles",
    "api": "canAccessToAPI",
    "ssh_keys": "canAccessToSSHKeys",
    "git_providers": "canAccessToGitProviders",
}
ACCESS = {"projects": "accessedProjects", "environments": "accessedEnvironments", "services": "accessedServices"}
# Stored with a licence only, and sent back as they are.
_LICENSED = ("accessedGitProviders", "accessedServers")
OPTIONS: Spec = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "user_id": {"type": "str"},
    "email": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "role": {"type": "str", "choices": list(ROLES)},
    "permissions": {"type": "dict", "options": {name: {"type": "bool"} for name in PERMISSIONS}},
    **{name: {"type": "list", "elements": "str"} for name in ACCESS},
    "force": {"type": "bool", "default": False},
}
# Of a suboption, whose name is that of a secret.
OPTIONS["permissions"]["options"]["ssh_keys"]["no_log"] = False


def _perform(context: Context) -> Dict[str, Any]:
    params = {**context.params}
    if params["email"] is not None:
        if not EMAIL.match(params["email"]):
            raise OptionError("email: %r is not an email address" % params["email"])
        params["email"] = params["email"].lower()
    password = params["password"]
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise OptionError("password must have at least %d characters" % SHORTEST_PASSWORD)
    rows = [_flat(row) for row in context.client.query("user.all")]
    row = by_name_or_id(rows, "user", "userId", "email", params, "email")
    label = "user %r" % (row["email"] if row is not None else params["email"])
    return (_absent if params["state"] == "absent" else _present)(context, params, row, label)


def _flat(row: Row) -> Dict[str, Any]:
    """A membership with the email of its user."""
    user = row["user"]
    return {**row, "email": user["email"], "firstName": user.get("firstName"), "lastName": user.get("lastName")}


def _wanted(context: Context, params: Mapping[str, Any]) -> Dict[str, Any]:
    """What is stated, in the API's values: flat, so that each permission is compared by itself."""
    wanted: Dict[str, Any] = {} if params["role"] is None else {"role": params["role"]}
    permissions = params["permissions"] or {}
    wanted.update({PERMISSIONS[name]: value for name, value in permissions.items() if value is not None})
    for option, key in ACCESS.items():
        names = params[option]
        if names is not None:
            wanted[key] = sorted({_project(context, name) for name in names} if option == "projects" else set(names))
    return wanted


def _project(context: Context, name: str) -> str:
    """The ID of a project, which in check mode an earlier task may only have promised to create."""
    try:
        return resolve(context.reads, PROJECTS, name, "projects")
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return name


def _current(row: Row) -> Dict[str, Any]:
    lists = {key: sorted(row.get(key) or []) for key in ACCESS.values()}
    return {"role": row["role"], **{key: bool(row.get(key)) for key in PERMISSIONS.values()}, **lists}


def _present(context: Context, params: Mapping[str, Any], row: Optional[Row], label: str) -> Dict[str, Any]:
    wanted = _wanted(context, params)
    current = _current(row) if row is not None else {}
    if row is not None and current["role"] == "owner" and wanted.get("role", "owner") != "owner":
        raise Refused("role: %s is the owner of the organization, whose role cannot be changed" % row["email"])
    if row is None:
        missing = [name for name in ("email", "password", "role") if params[name] is None]
        if missing:
            raise OptionError("%s is needed to create a user" % missing[0])
        need(context.client, "Creating a user", (0, 29, 0))
    before, after = differing(current, wanted, row is None)
    difference = context.first(Difference(label, _in_words(before), _in_words(after)))
    if before == after:
        return difference.result(user=_shown(row, current))
    outcome = context.executor.run(Plan(tuple(_steps(params, row, current, wanted))))
    if not outcome.sent:
        unknown: Row = {"email": params["email"]}
        defaults: Dict[str, Any] = {
            "role": None,
            **dict.fromkeys(PERMISSIONS.values(), False),
            **{key: [] for key in ACCESS.values()},
        }
        return difference.result(user=_shown(row or unknown, {**defaults, **current, **wanted}))
    made = outcome.rows.get(SELF) or row or {}
    shown = next((one for one in map(_flat, context.client.query("user.all")) if one["userId"] == made["userId"]), None)
    now = _current(shown) if shown is not None else {}
    applied(label, _dotted(wanted), _dotted(now))
    return difference.result(user=_shown(shown, now))


def _steps(
    params: Mapping[str, Any], row: Optional[Row], current: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Step]:
    if row is None:
        account = {name: params[name] for name in ("email", "password", "role")}
        yield Write("user.createUserWithCredentials", account, saves=SELF)
    elif wanted.get("role", current["role"]) != current["role"]:
        # It wants the ID of the membership.
        yield Write("organization.updateMemberRole", {"memberId": row["id"], "role": wanted["role"]})
    rights = {key: value for key, value in wanted.items() if key != "role"}
    if any(current.get(key, False if key in PERMISSIONS.values() else []) != value for key, value in rights.items()):
        body: Dict[str, Any] = {"id": row["userId"] if row is not None else FromResponse(SELF, "userId")}
        body.update(dict.fromkeys(PERMISSIONS.values(), False))
        body.update({key: [] for key in ACCESS.values()})
        body.update({key: (row or {}).get(key) or [] for key in _LICENSED})
        body.update({key: value for key, value in current.items() if key != "role"})
        yield Write("user.assignPermissions", {**body, **rights})


def _absent(context: Context, params: Mapping[str, Any], row: Optional[Row], label: str) -> Dict[str, Any]:
    if row is not None:
        if row["role"] == "owner":
            raise Refused("%s is the owner of the organization, and cannot be removed" % row["email"])
        owned = _providers(context, row) if not params["force"] else []
        if owned:
            raise Refused(
                "%s is not removed: Dokploy removes the Git providers of the user with it: %s"
                % (label, enumerated(owned)),
                hint="Applications lose them. Set force to true if they can go.",
            )
    before = {"state": "present"} if row is not None else {"state": "absent"}
    difference = context.first(Difference(label, before, {"state": "absent"}))
    if row is not None:
        body = {"userId": row["userId"]}
        context.executor.run(Plan((Write("user.remove", body, missing_ok=True, timeout=DELETE_TIMEOUT),)))
    gone = {"user_id": row["userId"], "email": row["email"]} if row is not None else None
    return difference.result(user=gone)


def _providers(context: Context, row: Row) -> List[str]:
    """The names of the user's Git providers, as far as the API key shows them."""
    rows = context.client.query("gitProvider.getAll")
    return sorted(repr(one.get("name")) for one in rows if one.get("userId") == row["userId"])


def _in_words(values: Mapping[str, Any]) -> Dict[str, Any]:
    """The API's values in option names."""
    options = {key: name for name, key in ACCESS.items()}
    words = {options.get(key, key): value for key, value in values.items() if key not in PERMISSIONS.values()}
    permissions = {name: values[key] for name, key in PERMISSIONS.items() if key in values}
    return {**words, **({"permissions": permissions} if permissions else {})}


def _dotted(values: Mapping[str, Any]) -> Dict[str, Any]:
    """The API's values by the full names of the options."""
    names = {key: name for name, key in ACCESS.items()}
    names.update({key: "permissions.%s" % name for name, key in PERMISSIONS.items()})
    return {names.get(key, key): value for key, value in values.items()}


def _shown(row: Optional[Row], current: Mapping[str, Any]) -> Dict[str, Any]:
    own = row or {}
    facts = {"user_id": "userId", "email": "email", "first_name": "firstName", "last_name": "lastName"}
    return {**{name: own.get(key) for name, key in facts.items()}, **_in_words(current)}


OPERATION = Operation("dokploy_user", OPTIONS, _perform, {"required_one_of": [["email", "user_id"]]}, files=())

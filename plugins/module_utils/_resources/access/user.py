# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Users of the organization of the API key.

Measured on Dokploy 0.30.2: any text is accepted for a role, and a user with an unknown one is locked out. The rights
are written as a whole, for an unknown user without an error. The Git providers that a user has made go with the user.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping

from ..._api.client import Client
from ..._engine.apply import resource_operation
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.plan import Step, Write
from ..._engine.state import State
from ..._errors import Refused, enumerated
from ..._model.field import Field, Group, Listing
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import DELETE_TIMEOUT, ENVIRONMENTS, FORCE, PROJECTS, SERVICES, ChangeCheck, Resource
from ..._reads.reads import Reads
from ..._values.codec import BOOLEAN, PATH_LIST, Codec
from ..._values.schema import ID, SCALAR, TEXT, list_of, needed, object_of
from .accounts import EMAIL, NO_OTHER_ROLES, ROLES

# Dokploy stores it in lower case.
_LOWER = Codec("str", to_api=str.lower)
# In any order, each once.
_IDS = replace(PATH_LIST, to_api=lambda value: sorted(set(value)))
_PERMISSIONS = {
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
_ACCESS = ("accessedProjects", "accessedEnvironments", "accessedServices")
# Stored with a licence only, and sent back as they are.
_LICENSED = ("accessedGitProviders", "accessedServers")


def _of_account(key: str) -> Callable[[Row], Any]:
    """A value of the account of a membership, or of the account itself."""

    def value(row: Row) -> Any:
        return (row.get("user") or row).get(key)

    return value


def _is_no_owner(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: the role is that of the owner."""
    if any(change.field.api == "role" and change.before == "owner" for change in diff.changes):
        text = "role: %s is the owner of the organization, whose role cannot be changed"
        raise Refused(text % (state.row or {}).get("email"))
    return Judgement(diff)


def _owned(_resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The Git C(providers) that go with the user, where that is not wanted."""
    return {"providers": [] if params["force"] or row["role"] == "owner" else _providers(reads.client, row)}


def _removal(resource: Resource, row: Row, _params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """:raises Refused: it is the owner, or has Git providers and C(force) is not set."""
    if row["role"] == "owner":
        raise Refused("%s is the owner of the organization, and cannot be removed" % row["email"])
    if known["providers"]:
        raise Refused(
            "user %r is not removed: Dokploy removes the Git providers of the user with it: %s"
            % (row["email"], enumerated(known["providers"])),
            hint="Applications lose them. Set force to true if they can go.",
        )
    return [Write(resource.removal.procedure, {"userId": row["userId"]}, missing_ok=True, timeout=DELETE_TIMEOUT)]


def _providers(client: Client, row: Row) -> List[str]:
    """The names of the user's Git providers, as far as the API key shows them."""
    rows = client.query("gitProvider.getAll")
    return sorted(repr(provider.get("name")) for provider in rows if provider.get("userId") == row["userId"])


_RIGHTS: Dict[str, Any] = {
    **dict.fromkeys(_PERMISSIONS.values(), False),
    **{key: [] for key in (*_ACCESS, *_LICENSED)},
}
USER = Resource(
    name="user",
    scope="instance",
    listing=Listing(
        "user",
        ("user.all",),
        "userId",
        "email",
        derived=(
            *((key, _of_account(key)) for key in ("email", "firstName", "lastName")),
            ("memberId", lambda row: row.get("id")),
        ),
        read=object_of(id=ID, role=needed(TEXT), user=needed(object_of(email=needed(TEXT)))),
    ),
    options=(
        Field("email", "email", _LOWER, needed=True, create_only=True, pattern=EMAIL),
        Field("password", "password", secret=True, needed=True, initial=True, input_only=True, limits=(8, 1024)),
        Field(
            "role",
            "role",
            choices=ROLES,
            needed=True,
            since=(0, 26, 0),
            shown_early=True,
            procedure="organization.updateMemberRole",
            why_no_other_choice=NO_OTHER_ROLES,
        ),
        Group("permissions", tuple(Field(name, api, BOOLEAN) for name, api in _PERMISSIONS.items())),
        Field("projects", _ACCESS[0], _IDS, paths=((PROJECTS,),)),
        Field("environments", _ACCESS[1], _IDS, paths=((PROJECTS, ENVIRONMENTS),)),
        Field(
            "services",
            _ACCESS[2],
            _IDS,
            paths=tuple((PROJECTS, ENVIRONMENTS, kind) for kind in SERVICES.values()),
        ),
    ),
    since=(0, 29, 0),
    creation=Creation("user.createUserWithCredentials", takes=("email", "password", "role")),
    reading=Reading(in_listing=True, facts=(("first_name", "firstName"), ("last_name", "lastName"))),
    updating=Updating("user.assignPermissions", always_sent=_RIGHTS),
    removal=Removal("user.remove", id_key="memberId", unanswered=True, steps=_removal, options=FORCE, observe=_owned),
    answers={
        "gitProvider.getAll": needed(list_of(object_of(name=SCALAR, userId=SCALAR))),
    },
    unique=True,
    input_key="id",
    checks=(ChangeCheck(_is_no_owner),),
)

OPERATION = resource_operation(USER)
INFO_OPERATION = info_operation(USER)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Git providers: accounts at GitHub, GitLab, Bitbucket and Gitea, from which Dokploy clones repositories.

Each has two IDs: that of its kind, by which it is read, updated and referred to, and that of all providers, by which it
is shared and removed. An update with the IDs of two providers changes both, so that both IDs come from one row. A
provider of GitHub is created by GitHub's own website alone (dokploy-infrastructure.md, section 3.4).
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..._engine.apply import PRESENT, resource_operation
from ..._engine.diff import Diff, Judgement
from ..._engine.flow import ResourcePlan
from ..._engine.info import info_operation
from ..._engine.plan import Outcome, Step, Write
from ..._engine.runner import Context
from ..._engine.state import State
from ..._engine.view import Difference, view
from ..._errors import OptionError, ReferenceNotFound, Refused
from ..._model.field import Field, Group, Version
from ..._model.procedures import Creation, Reading, Updating
from ..._model.resource import ChangeCheck, Resource
from ..._model.states import States, Transition
from ..._values.codec import BOOLEAN, IDENTIFIER, INTEGER, Codec
from ..._values.grammar import HTTP_URL
from .connection_tests import StoredTest
from .listings import git_providers
from .references import removal_unless_used

# All repositories of the account are listed.
_TEST_TIMEOUT = 120.0
# The server's own pattern.
_EMAIL = (
    r"(?!\.)(?!.*\.\.)[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}\Z",
    "is not an email address",
)
# Text that cannot be cleared, so that none is null.
_KEPT = Codec(type="str")
# Dokploy requires one and ignores it.
_AUTH: Dict[str, Any] = {"authId": "-"}


def _own_address(name: str, api: str) -> Field:
    return Field(name, api, IDENTIFIER, pattern=HTTP_URL, since=(0, 27, 0))


def _refuse(resource: Resource, params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option that configures something is stated."""
    given = [option.name for option in resource.options if option.name != "name" and params[option.name] is not None]
    if given:
        raise OptionError("state=tested changes nothing; set %s with state=present" % " and ".join(given))


def _plan(state: State, context: Context) -> ResourcePlan:
    """A query for the repositories with what is stored, which changes nothing."""
    if state.row is None:
        context.executor.parent_missing(ReferenceNotFound("there is no %s" % state.target.label))
    return plan_provider_test(state)


def plan_provider_test(state: State) -> ResourcePlan:
    """The query; no steps for a provider that check mode takes for granted. Pure."""
    resource, row, label = state.resource, state.row, state.target.label
    steps: List[Step] = []
    if row is not None:
        body = {resource.id_key: row[resource.id_key]}
        # Of these only the request counts, not what is stored (measured).
        for key, column in _ASKED.get(resource.kind, {}).items():
            body.update({key: row[column]} if row.get(column) else {})
        test = Write("%s.testConnection" % resource.kind, body, saves="test", writes=False, timeout=_TEST_TIMEOUT)
        steps.append(StoredTest(test, "state=tested: %s cannot be used" % label, _HINTS[resource.kind]))
    return ResourcePlan(tuple(steps), Difference(label, {}, {}, action="test"), state, Diff("none"))


def _finish(_first: ResourcePlan, planned: ResourcePlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    state, count = planned.state, re.search(r"\d+", str(outcome.rows.get("test") or ""))
    record = None if state.row is None else view(state.resource, state.row, state.names)
    return {"changed": False, "git_provider": record, "repositories": int(count.group()) if count else None}


TESTED = Transition(PRESENT.observe, _plan, _finish, _refuse, configures=False)
_ASKED: Mapping[str, Mapping[str, str]] = {
    "gitlab": {"groupName": "groupName"},
    "bitbucket": {"bitbucketUsername": "bitbucketUsername", "workspaceName": "bitbucketWorkspaceName"},
}
_AUTHORIZE = "Open Git in the web interface of Dokploy and authorize the provider there."
_HINTS = {
    "github": "Install the app in an account of GitHub, in Git in the web interface of Dokploy.",
    "gitlab": _AUTHORIZE,
    "gitea": "%s Or set access_token and refresh_token, with update_secrets=always if it exists." % _AUTHORIZE,
    "bitbucket": "Check username, workspace and api_token.",
}


def _creatable(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: it is of GitHub, which creates it."""
    if not state.resource.creation.procedure and state.row is None:
        raise Refused(
            "github: the API of Dokploy cannot create a provider of GitHub, since GitHub creates its app",
            hint="Create it in Git in the web interface. This module can then find, rename, share, test and remove it.",
        )
    return Judgement(diff)


def _provider(
    kind: str,
    *fields: Field,
    create: bool = True,
    always: Mapping[str, Any],
    configured: Tuple[str, ...],
    **defaults: Any,
) -> Resource:
    """:param always: keys that an update needs. :param configured: keys that are all set in one that can be used.
    :param defaults: keys that a creation needs, with the values of those that are not stated."""
    key = "%sId" % kind
    columns = tuple(field.api for field in fields)
    return Resource(
        name="git_provider",
        kind=kind,
        by_suboption=True,
        scope="instance",
        listing=git_providers(kind),
        options=(
            Field("name", "name", needed=True, limits=(1, 255)),
            Field("shared", "sharedWithOrganization", BOOLEAN, since=(0, 29, 0), procedure="gitProvider.toggleShare"),
            Group(kind, fields),
        ),
        creation=Creation(
            "%s.create" % kind if create else "",
            takes=("name", *columns) if create else (),
            defaults=defaults,
            row_path=None,
        ),
        reading=Reading(
            "%s.one" % kind,
            facts=(
                ("created_at", "createdAt"),
                ("authorized", lambda row: all(row.get(column) for column in configured)),
            ),
        ),
        updating=Updating("%s.update" % kind, always_sent={"name": None, "gitProviderId": None, **always}),
        removal=removal_unless_used(
            "gitProvider.remove",
            dict.fromkeys(("application", "compose"), (key,)),
            "leaves them without a provider",
            id_key="gitProviderId",
        ),
        acknowledged=("%s.testConnection" % kind,),
        states=States({"tested": TESTED}),
        checks=(ChangeCheck(_creatable),),
    )


def _secret(name: str, api: str, since: Optional[Version] = None, renewed: bool = False) -> Field:
    return Field(name, api, secret=True, since=since, renewed=renewed)


KINDS = (
    _provider(
        "bitbucket",
        Field("username", "bitbucketUsername"),
        Field("email", "bitbucketEmail", _KEPT, limits=(1, 255), pattern=_EMAIL, since=(0, 25, 3)),
        _secret("api_token", "apiToken", since=(0, 25, 3)),
        _secret("app_password", "appPassword"),
        Field("workspace", "bitbucketWorkspaceName"),
        # An update of the name alone is refused, and so is null.
        always={"bitbucketUsername": ""},
        configured=(),
        **_AUTH,
    ),
    _provider(
        "gitea",
        Field("url", "giteaUrl", pattern=HTTP_URL, limits=(1, 1024)),
        _own_address("internal_url", "giteaInternalUrl"),
        Field("client_id", "clientId"),
        _secret("client_secret", "clientSecret"),
        Field("redirect_uri", "redirectUri"),
        # Dokploy replaces them when they have expired.
        _secret("access_token", "accessToken", renewed=True),
        _secret("refresh_token", "refreshToken", renewed=True),
        Field("expires_at", "expiresAt", INTEGER, renewed=True, limits=(0, 2**31 - 1)),
        Field("scopes", "scopes"),
        always={"giteaUrl": "https://gitea.com"},
        configured=("accessToken", "refreshToken"),
        giteaUrl="https://gitea.com",
        # The column has it by itself, too.
        scopes="repo,repo:status,read:user,read:org",
    ),
    _provider(
        "github",
        Field("app_name", "githubAppName", limits=(1, 255), by_server=True),
        create=False,
        always={"githubAppName": "-"},
        configured=("githubPrivateKey", "githubAppId", "githubInstallationId"),
    ),
    _provider(
        "gitlab",
        Field("url", "gitlabUrl", pattern=HTTP_URL, limits=(1, 1024)),
        _own_address("internal_url", "gitlabInternalUrl"),
        Field("application_id", "applicationId", limits=(0, 255)),
        _secret("secret", "secret"),
        Field("redirect_uri", "redirectUri"),
        Field("group_name", "groupName"),
        always={"gitlabUrl": "https://gitlab.com"},
        configured=("accessToken", "refreshToken"),
        gitlabUrl="https://gitlab.com",
        **_AUTH,
    ),
)
OPERATION = resource_operation(*KINDS)
INFO_OPERATION = info_operation(*KINDS)

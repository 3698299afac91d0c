# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The first administrator of a fresh server, and an API key for the other modules.

Two first sign-ups at the same moment both succeed, and make two organizations (measured on Dokploy 0.30.2), so that
runs on one machine take turns. The value of a key is in the answer that creates it and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..._api.client import Client
from ..._engine.concurrency import in_flight
from ..._engine.execute import Executor
from ..._engine.plan import SELF, Outcome, Plan, Step, Write
from ..._engine.runner import Context, Operation
from ..._engine.view import Difference
from ..._errors import ConnectionFailed, DokployError, OptionError, Refused, ServerError, WaitTimeout
from ..._model.argspec import SIGN_IN_CONNECTION, Spec
from ..._values.codec import GENERATED
from ..._values.schema import SCALAR, TEXT, needed, object_of
from .accounts import EMAIL, MEMBER_ANSWERS
from .key_file import KeyFile, SaveKey, plan_closing
from .onboarding import is_completed, with_onboarding
from .sign_in import SIGN_IN, SIGN_UP, has_administrator, sign_in, sign_up

LONGEST_NAME = 32
SHORTEST_PASSWORD = 8
# Seconds until it is looked whether a sign-up without an answer took effect.
PAUSE = 2.0
ONCE = "Dokploy shows the value of an API key only when it creates it."

OPTIONS: Spec = {
    "email": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "first_name": {"type": "str", "default": "Admin"},
    "last_name": {"type": "str", "default": ""},
    "api_key_name": {"type": "str", "default": "ansible", "no_log": False},
    "api_key_file": {"type": "path", "no_log": False},
    "replace_api_key": {"type": "bool", "default": False, "no_log": False},
    "include_secrets": {"type": "bool", "default": False, "no_log": False},
    "complete_onboarding": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 300.0},
}


def _check(params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option cannot work; nothing was sent."""
    if not re.match(EMAIL[0], params["email"]):
        raise OptionError("email: %r %s" % (params["email"], EMAIL[1]))
    name = params["api_key_name"]
    if not 1 <= len(name) <= LONGEST_NAME:
        raise OptionError("api_key_name has %d characters; it must have 1 to %d" % (len(name), LONGEST_NAME))
    if params["api_key_file"] is None and not params["include_secrets"]:
        message = "one of api_key_file and include_secrets is needed"
        raise OptionError(message, hint="%s Without one of them it would be lost." % ONCE)


@dataclass(frozen=True)
class SignUp(Step):
    """Create the administrator, unless there is one by now; C(outcome.rows) says whether it did."""

    account: Mapping[str, str]

    def run(self, executor: Executor, outcome: Outcome) -> None:
        client = executor.client
        try:
            with in_flight(client.base_url, 1):
                created = has_administrator(client) is not True and sign_up(client, self.account)
        except (ConnectionFailed, ServerError) as error:
            # What exists now tells whether it took effect.
            error.pause = None if executor.sent else PAUSE
            executor.sent = True
            raise
        outcome.rows[SELF] = {"created": created}
        outcome.sent = True
        executor.sent = executor.sent or created


def _perform(context: Context) -> Dict[str, Any]:
    params, client = context.params, context.client
    _check(params)
    file = KeyFile(params["api_key_file"]) if params["api_key_file"] is not None else None
    known = file.read() if file is not None else None
    exists = _wait(context)
    if file is not None and known is not None:
        user = _user_of(known, client) if exists else None
        if user is not None:
            return _kept(context, file, known, user)
        if not params["replace_api_key"]:
            text = "api_key_file %s has a key that this server does not accept, which may be that of another server"
            raise Refused(
                text % file.path,
                hint="State another file or remove it, or set replace_api_key to true to overwrite it.",
            )
    created = False
    if not exists:
        if len(params["password"]) < SHORTEST_PASSWORD:
            raise OptionError("password must have at least %d characters" % SHORTEST_PASSWORD)
        if file is not None:
            file.check_folder()
        account = {"email": params["email"], "password": params["password"]}
        account.update(name=params["first_name"], lastName=params["last_name"])
        outcome = context.executor.run(Plan((SignUp(account),)))
        if not outcome.sent:
            result = _result(context, None, True, True, None)
            # Which release it is, and so whether there is a tour, tells only an administrator.
            return {**result, "onboarding_completed": None} if params["complete_onboarding"] else result
        created = bool(outcome.rows[SELF]["created"])
    if not created:
        sign_in(client, params["email"], params["password"])
    return _onboarded(_with_key(context, file, created), client, context)


def _wait(context: Context) -> bool:
    """Whether there is an administrator, once the server answers."""
    timeout, client = context.params["wait_timeout"], context.client

    def look(_elapsed: float) -> Optional[bool]:
        exists = has_administrator(client)
        if exists is None:
            context.waiter.progress("%s does not answer yet" % client.base_url)
        return exists

    def expired() -> DokployError:
        message = "%s does not answer after %d s" % (client.base_url[: -len("/api")], timeout)
        return WaitTimeout(message, hint="Check that Dokploy runs there, or raise wait_timeout.")

    return bool(context.waiter.until(timeout, look, expired))


def _onboarded(result: Dict[str, Any], client: Client, context: Context) -> Dict[str, Any]:
    """The result, after the tour of the administrator whose client this is has ended, if the parameters ask for it."""
    if not context.params["complete_onboarding"]:
        return result
    return with_onboarding(result, is_completed(client, context))


def _with(key: str, client: Client) -> Client:
    """A client with a key, to be closed."""
    client.add_secret(key)
    return Client(replace(client.config, api_key=key, signs_in=False))


def _user_of(key: str, client: Client) -> Optional[Mapping[str, Any]]:
    """The membership that a key belongs to; C(None): the server does not accept it."""
    other = _with(key, client)
    try:
        member: Mapping[str, Any] = other.query("user.get")
    except DokployError as error:
        if error.status != 401:
            raise
        return None
    finally:
        other.close()
    return member


def _kept(context: Context, file: KeyFile, key: str, member: Mapping[str, Any]) -> Dict[str, Any]:
    """The result for a file whose key works."""
    email = str(member["user"].get("email"))
    if email.lower() != context.params["email"].lower():
        message = "api_key_file %s has a key of %s, not of %s" % (file.path, email, context.params["email"])
        raise Refused(message, hint="State another file, or remove it.")
    steps, before, after = plan_closing(file)
    context.executor.run(Plan(steps))
    result = _result(context, member, False, False, key, (before, after))
    other = _with(key, context.client)
    try:
        return _onboarded(result, other, context)
    finally:
        other.close()


def _with_key(context: Context, file: Optional[KeyFile], signed_up: bool) -> Dict[str, Any]:
    """The result for a signed-in administrator: the API key is created if it is missing."""
    params, client = context.params, context.client
    member = _membership(context)
    keys = _usable(member, params["api_key_name"])
    before = context.first_plan([key["id"] for key in keys])
    # One that an answer was lost of cannot be used.
    lost = [key for key in keys if key["id"] not in before]
    old = keys if params["replace_api_key"] else lost
    if len(keys) > len(old):
        if file is not None:
            raise Refused(
                "API key %r exists, and api_key_file %s does not have it" % (params["api_key_name"], file.path),
                hint="%s State replace_api_key to create it again, or another api_key_name." % ONCE,
            )
        context.warn(["API key %r exists, so that api_key is null. %s" % (params["api_key_name"], ONCE)])
        return _result(context, member, signed_up, False, None)
    if file is not None:
        file.check_folder()
    body = {"name": params["api_key_name"], "metadata": {"organizationId": member["organizationId"]}}
    steps: List[Step] = [Write("user.createApiKey", {**body, "rateLimitEnabled": False}, saves=SELF)]
    steps += [SaveKey(file)] if file is not None else []
    steps += [Write("user.deleteApiKey", {"apiKeyId": key["id"]}, missing_ok=True) for key in old]
    outcome = context.executor.run(Plan(tuple(steps)))
    row = outcome.rows.get(SELF)
    if row is not None:
        client.add_secret(row["key"])
        member = client.query("user.get")
    return _result(context, member, signed_up, True, row["key"] if row is not None else None)


def _membership(context: Context) -> Mapping[str, Any]:
    """The membership of who is signed in, once there is one.

    The sign-up makes the account first. Before the organization Dokploy looks for its public address, which can take
    longer than an answer is waited for: 169 s on a busy machine without internet (measured on Dokploy 0.30.2)."""
    params, client = context.params, context.client

    def look(_elapsed: float) -> Optional[Mapping[str, Any]]:
        member: Optional[Mapping[str, Any]] = client.query("user.get")
        if member is None:
            context.waiter.progress("%s still sets up the account %s" % (client.base_url, params["email"]))
        return member

    def expired() -> DokployError:
        message = "%s has no organization after %d s" % (params["email"], params["wait_timeout"])
        return WaitTimeout(message, hint="Look at the logs of Dokploy, or raise wait_timeout.")

    member: Mapping[str, Any] = context.waiter.until(params["wait_timeout"], look, expired)
    return member


def _usable(member: Mapping[str, Any], name: str) -> List[Mapping[str, Any]]:
    """The API keys of a name that work."""
    keys = member["user"].get("apiKeys") or ()
    return [key for key in keys if key.get("name") == name and key.get("enabled") and not _expired(key)]


def _expired(key: Mapping[str, Any]) -> bool:
    # Dokploy's dates are all UTC in one form, so that their texts have their order.
    return bool(key.get("expiresAt")) and key["expiresAt"] <= datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def _result(
    context: Context,
    member: Optional[Mapping[str, Any]],
    signed_up: bool,
    key_created: bool,
    key: Optional[str],
    file: Tuple[Dict[str, str], Dict[str, str]] = ({}, {}),
) -> Dict[str, Any]:
    """:param member: C(None): in check mode there is none yet. :param file: what changes of it, before and after."""
    params = context.params
    names = {"administrator": params["email"], "api_key": params["api_key_name"]}
    gone = {name: None for name, new in (("administrator", signed_up), ("api_key", key_created)) if new}
    label = "administrator %r" % params["email"]
    usable = _usable(member, params["api_key_name"]) if member is not None else []
    unknown = GENERATED if key_created else None
    secrets = {"api_key": key or unknown} if params["include_secrets"] else {}
    return Difference(label, {**names, **gone, **file[0]}, {**names, **file[1]}).result(
        administrator_created=signed_up,
        api_key_created=key_created,
        api_key_id=usable[-1]["id"] if usable else unknown,
        organization_id=member["organizationId"] if member is not None else GENERATED,
        user_id=member["userId"] if member is not None else GENERATED,
        **secrets,
    )


OPERATION = Operation(
    name="dokploy_bootstrap",
    options=OPTIONS,
    perform=_perform,
    files=(),
    connection=SIGN_IN_CONNECTION,
    secret_results={"api_key"}.__contains__,
    answers={
        **MEMBER_ANSWERS,
        # Without an organization it is empty.
        "user.get": replace(MEMBER_ANSWERS["user.get"], needed=False),
        SIGN_IN: needed(object_of(token=TEXT)),
        SIGN_UP: needed(object_of()),
        "project.onboardingStatus": needed(object_of(shouldShowOnboarding=SCALAR)),
    },
)

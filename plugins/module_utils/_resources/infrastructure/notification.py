# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Notifications: messages about events, to one of twelve kinds of receivers, each with procedures of its own.

An update needs the IDs of both tables and every key of the kind: without one of them it fails, and without its token it
clears that of ntfy. The answers show all secrets in clear (dokploy-infrastructure.md, sections 1.1 and 3.3).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..._engine.apply import PRESENT, resource_operation
from ..._engine.diff import Diff, Judgement, compare
from ..._engine.flow import ResourcePlan
from ..._engine.info import info_operation
from ..._engine.plan import Outcome, Write
from ..._engine.runner import Context
from ..._engine.state import State
from ..._engine.view import Difference, predicted, view
from ..._errors import OptionError, ReferenceNotFound
from ..._model.field import Field, Group, Listing, Version
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import ChangeCheck, Resource
from ..._model.states import States, Transition
from ..._values.codec import BOOLEAN, COUNT, PATH_LIST, TEXT_MAP, secret_values
from ..._values.grammar import HTTP_URL
from .connection_tests import StoredTest

Row = Dict[str, Any]

# A mail server that does not answer blocks for more than 90 s, a custom endpoint for as long as it takes (measured).
_TEST_TIMEOUT = 150.0
# Dokploy says that these have worked whatever happened (measured).
_UNCONFIRMED = ("telegram", "lark")


_ADDRESS = re.compile(r"[^@<>\s]+@[^@<>\s]+\Z|[^<>]*<[^@<>\s]+@[^@<>\s]+>\Z")


def _mail_address(value: Any) -> None:
    """Raises C(ValueError) for what is no email address; a name may stand before it, as in C(Me <me@example.com>)."""
    if not _ADDRESS.match(str(value)):
        raise ValueError("%r is not an email address" % str(value))


def _addresses(value: Any) -> List[str]:
    for address in value:
        _mail_address(address)
    return [str(address) for address in value]


_ADDRESSES = replace(PATH_LIST, to_api=_addresses)
_FROM = Field("from_address", "fromAddress", needed=True, limits=(1, 255), grammar=_mail_address)
_TO = Field("to_addresses", "toAddresses", _ADDRESSES, needed=True, form=" with one address per entry")
_WEBHOOK = Field("webhook_url", "webhookUrl", secret=True, needed=True, pattern=HTTP_URL)
_DECORATION = Field("decoration", "decoration", BOOLEAN)
# The server refuses null.
_HEADERS = replace(TEXT_MAP, empty={})
# 0 is none.
_SECONDS = replace(COUNT, to_api=lambda value: value or None)


# The priority of Pushover with which a message is repeated until it is confirmed.
_EMERGENCY = 2


def _retried(value: Any) -> None:
    if 0 < int(value) < 30:
        raise ValueError("it is %s; Pushover repeats a message every 30 seconds at most" % value)


def _secret(name: str, api: str, needed: bool = True) -> Field:
    return Field(name, api, secret=True, needed=needed, limits=(1, 1024) if needed else None)


def _events(volume: Optional[Version], backup: Optional[Version], threshold: Optional[Version]) -> Group:
    """:param volume: the first version that tells this kind of volume backups, :param backup: of backups of Dokploy,
    :param threshold: when a server exceeds a threshold; of kinds that came later C(None).
    """
    return Group(
        "events",
        (
            Field("app_deploy", "appDeploy", BOOLEAN),
            Field("app_build_error", "appBuildError", BOOLEAN),
            Field("database_backup", "databaseBackup", BOOLEAN),
            # The column came with other kinds before.
            Field("volume_backup", "volumeBackup", BOOLEAN, since=volume, shown_early=True),
            Field("dokploy_backup", "dokployBackup", BOOLEAN, since=backup),
            Field("dokploy_restart", "dokployRestart", BOOLEAN),
            Field("docker_cleanup", "dockerCleanup", BOOLEAN),
            # The column came with other kinds before.
            Field("server_threshold", "serverThreshold", BOOLEAN, since=threshold, shown_early=True),
        ),
    )


def _emergency(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """An update with this priority is stored without what it needs (measured).

    :raises OptionError: a message of the highest priority of Pushover has no end.
    """
    resource, after = state.resource, predicted(state.resource, state.row, diff)
    emergency = not diff.empty and after.get("priority") == _EMERGENCY
    for field in _fields_of(resource) if emergency else ():
        if field.codec is _SECONDS and not after.get(field.api):
            message = "%s.%s is needed where %s.priority is %d"
            raise OptionError(message % (resource.kind, field.name, resource.kind, _EMERGENCY))
    return Judgement(diff)


def _test_procedure(kind: str) -> str:
    return "notification.test%sConnection" % kind.capitalize()


def _fields_of(resource: Resource) -> Tuple[Field, ...]:
    """The fields of its kind."""
    return next(
        option.fields for option in resource.options if isinstance(option, Group) and option.name == resource.kind
    )


def _plan(state: State, context: Context) -> ResourcePlan:
    """A test message with the stored settings, or those that are stated instead, without storing anything."""
    stated = any(want.path[0] == state.resource.kind for want in state.desired.fields)
    if state.row is None and not stated:
        context.executor.parent_missing(ReferenceNotFound("there is no %s" % state.target.label))
        return ResourcePlan((), Difference(state.target.label, {}, {}, hidden=True), state, Diff("none"))
    settings = _tested_settings(state)
    context.client.add_secret(*_secrets(state.resource, settings))
    return plan_notification_test(state, settings)


def _finish(first: ResourcePlan, planned: ResourcePlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    state, kind = planned.state, planned.state.resource.kind
    sent, confirmed = outcome.sent, outcome.sent and kind not in _UNCONFIRMED
    if sent and not confirmed:
        message = "Dokploy does not report whether a message of the kind %s was delivered. Look for it there."
        context.warn([message % kind])
    record = None if state.row is None else view(state.resource, state.row, state.names)
    return first.difference.result(notification=record, message_sent=sent, message_confirmed=confirmed)


#: The server says whether the message has arrived, as far as it can tell.
TESTED = Transition(PRESENT.observe, _plan, _finish, configures=False)


def _tested_settings(state: State) -> Row:
    """What is stored, and what is stated instead."""
    resource, row = state.resource, state.row
    start = resource.creation.defaults if row is None else row
    after = predicted(resource, start, compare(resource, state.desired, row))
    return {field.api: resource.sent(field.api, after.get(field.api)) for field in _fields_of(resource)}


def plan_notification_test(state: State, settings: Row) -> ResourcePlan:
    """A test message with these settings. Pure."""
    kind = state.resource.kind
    test = Write(_test_procedure(kind), settings, once=True, timeout=_TEST_TIMEOUT)
    hint = "Check the options of %s. Nothing was stored." % kind
    step = StoredTest(test, "%s: the test message was not sent" % kind, hint)
    difference = Difference(state.target.label, {"message": ""}, {"message": "(sent)"}, action="test")
    return ResourcePlan((step,), difference, state, Diff("none"))


def _secrets(resource: Resource, row: Row) -> List[str]:
    values = (row.get(field.api) for field in _fields_of(resource) if field.secret)
    return [text for value in values for text in secret_values(value)]


def _notification(
    kind: str,
    *fields: Field,
    since: Optional[Version] = None,
    volume: Version = (0, 26, 0),
    threshold: Optional[Version] = None,
    **defaults: Any,
) -> Resource:
    """:param defaults: keys of the kind, with the values of those that are not stated."""
    came: Version = since or (0, 0, 0)
    backup: Version = (0, 29, 0)
    events = _events(volume if came < volume else None, backup if came < backup else None, threshold)
    created = {**{field.api: False for field in events.fields}, **defaults}
    needed = dict.fromkeys(field.api for field in fields if field.api not in defaults)
    name = kind.capitalize()
    return Resource(
        name="notification",
        kind=kind,
        by_suboption=True,
        scope="instance",
        since=since,
        listing=Listing(
            "notification",
            ("notification.all",),
            "notificationId",
            nested=kind,
            kind_key="notificationType",
            kinds=(kind,),
        ),
        options=(Field("name", "name", limits=(1, 255)), events, Group(kind, fields)),
        creation=Creation(
            "notification.create%s" % name, takes=("name", *created, *needed), defaults=created, row_path=None
        ),
        reading=Reading("notification.one", in_listing=True, facts=(("created_at", "createdAt"),)),
        updating=Updating(
            "notification.update%s" % name, always_sent={"name": None, **created, **needed, "%sId" % kind: None}
        ),
        removal=Removal("notification.remove"),
        acknowledged=(_test_procedure(kind),),
        states=States({"tested": TESTED}),
        checks=(ChangeCheck(_emergency),),
    )


KINDS = (
    _notification(
        "custom",
        Field("endpoint", "endpoint", secret=True, needed=True, pattern=HTTP_URL),
        Field("headers", "headers", _HEADERS, secret=True),
        since=(0, 26, 0),
        volume=(0, 26, 2),
        headers={},
    ),
    _notification("discord", _WEBHOOK, _DECORATION, decoration=True),
    _notification(
        "email",
        Field("smtp_server", "smtpServer", needed=True, limits=(1, 255)),
        Field("smtp_port", "smtpPort", COUNT, limits=(1, 65535)),
        Field("username", "username", needed=True, limits=(1, 255)),
        _secret("password", "password"),
        _FROM,
        _TO,
        smtpPort=587,
    ),
    _notification(
        "gotify",
        Field("server_url", "serverUrl", needed=True, pattern=HTTP_URL),
        _secret("app_token", "appToken"),
        Field("priority", "priority", COUNT, limits=(1, 10)),
        _DECORATION,
        threshold=(0, 30, 5),
        priority=5,
        decoration=True,
    ),
    _notification("lark", _WEBHOOK, since=(0, 25, 6), volume=(0, 26, 2)),
    _notification(
        "mattermost",
        _WEBHOOK,
        Field("channel", "channel"),
        Field("username", "username"),
        since=(0, 29, 0),
        channel="",
        username="",
    ),
    _notification(
        "ntfy",
        Field("server_url", "serverUrl", needed=True, pattern=HTTP_URL),
        Field("topic", "topic", needed=True, limits=(1, 255)),
        _secret("access_token", "accessToken", needed=False),
        Field("priority", "priority", COUNT, limits=(1, 5)),
        threshold=(0, 30, 5),
        accessToken="",
        priority=3,
    ),
    _notification(
        "pushover",
        _secret("user_key", "userKey"),
        _secret("api_token", "apiToken"),
        Field("priority", "priority", COUNT, limits=(-2, 2)),
        Field("retry", "retry", _SECONDS, limits=(0, 10800), grammar=_retried),
        Field("expire", "expire", _SECONDS, limits=(0, 10800)),
        since=(0, 26, 7),
        priority=0,
        retry=None,
        expire=None,
    ),
    _notification("resend", _secret("api_key", "apiKey"), _FROM, _TO, since=(0, 27, 0)),
    _notification("slack", _WEBHOOK, Field("channel", "channel"), channel=""),
    _notification("teams", _WEBHOOK, since=(0, 27, 1)),
    _notification(
        "telegram",
        _secret("bot_token", "botToken"),
        Field("chat_id", "chatId", needed=True, limits=(1, 255)),
        Field("message_thread_id", "messageThreadId"),
        messageThreadId="",
    ),
)
OPERATION = resource_operation(*KINDS)
INFO_OPERATION = info_operation(*KINDS)

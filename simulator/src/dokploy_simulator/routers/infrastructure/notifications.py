# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router notification: twelve kinds, each with a table of its own beside that of all notifications.

A creation answers nothing. An update stores what is sent of both tables in one transaction, and pairs the two IDs
without a look at each other. A test sends a message to what is stated, never to what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...api.errors import ProcedureError, ValidationError, bad_request, no_values
from ...jobs.custom_notifications import deliver
from ...store.store import Row, new_id, now
from ...world.outside import Outside, closed, phrase, wrong
from ..common import find, newest_first
from ..procedures import UNDEFINED, Context, Handler, procedure

UNKNOWN = "Notification not found"
EVENTS = (
    *("appDeploy", "appBuildError", "databaseBackup", "volumeBackup", "dokployRestart", "dokployBackup"),
    *("dockerCleanup", "serverThreshold"),
)
GREETING = "Hi, From Dokploy 👋"


@dataclass(frozen=True, slots=True)
class Kind:
    """``columns`` of its own table, with what an absent one becomes; ``address`` and ``secret``: the columns with where
    a message goes and what the other side checks. ``fixed``: where it goes if no column says it. ``own_words``: an
    update without a column of its own table fails with the words of the database, others with words of the router."""

    columns: Row
    address: str = ""
    secret: str = ""
    fixed: str = ""
    own_words: bool = True


def _needed(*names: str) -> Row:
    return dict.fromkeys(names)


KINDS: dict[str, Kind] = {
    "slack": Kind(_needed("webhookUrl", "channel"), "webhookUrl"),
    "telegram": Kind(
        _needed("botToken", "chatId", "messageThreadId"),
        secret="botToken",
        fixed="https://api.telegram.org",
        own_words=False,
    ),
    "discord": Kind(_needed("webhookUrl", "decoration"), "webhookUrl", own_words=False),
    "email": Kind(
        _needed("smtpServer", "smtpPort", "username", "password", "fromAddress", "toAddresses"),
        "smtpServer",
        "password",
        own_words=False,
    ),
    "resend": Kind(
        _needed("apiKey", "fromAddress", "toAddresses"),
        secret="apiKey",
        fixed="https://api.resend.com",
        own_words=False,
    ),
    "gotify": Kind(_needed("serverUrl", "appToken", "priority", "decoration"), "serverUrl", "appToken"),
    "ntfy": Kind(_needed("serverUrl", "topic", "accessToken", "priority"), "serverUrl", "accessToken"),
    "mattermost": Kind(_needed("webhookUrl", "channel", "username"), "webhookUrl"),
    "custom": Kind(_needed("endpoint", "headers"), "endpoint"),
    "lark": Kind(_needed("webhookUrl"), "webhookUrl"),
    "pushover": Kind(
        {**_needed("userKey", "apiToken"), "priority": 0, **_needed("retry", "expire")},
        secret="apiToken",
        fixed="https://api.pushover.net",
    ),
    "teams": Kind(_needed("webhookUrl"), "webhookUrl"),
}


def _own(row: Row) -> Row:
    """A row without the rows of the kinds, as the table has it."""
    return {name: value for name, value in row.items() if name not in KINDS}


def insert_notification(ctx: Context, kind: str, data: Row) -> Row:
    row = {"notificationId": new_id(), "name": data["name"]}
    row |= {event: data.get(event, False) for event in EVENTS}
    row |= {"notificationType": kind, "createdAt": now()}
    row |= {f"{name}Id": None for name in KINDS} | {"organizationId": ctx.identity.organization_id}
    row |= dict.fromkeys(KINDS)
    row[kind] = {f"{kind}Id": new_id()} | {name: data.get(name, empty) for name, empty in KINDS[kind].columns.items()}
    row[f"{kind}Id"] = row[kind][f"{kind}Id"]
    return ctx.store.notifications.insert(row)


@procedure("notification.all")
def all_notifications(ctx: Context, _data: Row) -> list[Row]:
    return newest_first(ctx.store.notifications)


@procedure("notification.getEmailProviders")
def email_providers(ctx: Context, _data: Row) -> list[Row]:
    """Every kind, with the rows of the two that send mail."""
    kinds = ("email", "resend")
    return [_own(row) | {name: row[name] for name in kinds} for row in ctx.store.notifications]


@procedure("notification.one")
def one_notification(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.notifications, data["notificationId"], UNKNOWN))


@procedure("notification.remove")
def remove_notification(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.notifications, data["notificationId"], UNKNOWN, bad_request)
    return _own(ctx.store.notifications.delete(row))


@procedure("notification.receiveNotification")
def receive_notification(_ctx: Context, _data: Row) -> Row:
    """What a monitoring agent sends; the simulator has none, so that no token is known."""
    raise bad_request("Error sending the notification")


def check_emergency(data: Row) -> None:
    """Raises ``ValidationError``; only a creation is checked."""
    if data.get("priority") == 2 and (data.get("retry") is None or data.get("expire") is None):
        message = "Retry and expire are required for emergency priority (2)"
        raise ValidationError([{"code": "custom", "path": ["retry"], "message": message}])


def _creation(kind: str) -> Handler:
    def create(ctx: Context, data: Row) -> object:
        if kind == "pushover":
            check_emergency(data)
        insert_notification(ctx, kind, ctx.drop(f"notification.create{kind.capitalize()}", data))
        return UNDEFINED

    return create


def _update(kind: str) -> Handler:
    key, described = f"{kind}Id", KINDS[kind]

    def update(ctx: Context, data: Row) -> object:
        row = find(ctx.store.notifications, data["notificationId"], UNKNOWN)
        values = ctx.drop(f"notification.update{kind.capitalize()}", data)
        if kind == "ntfy":
            # The token is cleared by every update that does not carry it.
            values = {"accessToken": None, **values}
        own = {name: value for name, value in values.items() if name in described.columns}
        if not own:
            raise no_values() if described.own_words else bad_request("Error updating the notification")
        ctx.store.notifications.update(row, {name: values[name] for name in ("name", *EVENTS) if name in values})
        for other in ctx.store.notifications:
            if other[key] == data[key]:
                other[kind].update(own)
        return UNDEFINED

    return update


def _messages(kind: str, data: Row) -> tuple[Any, Row]:
    """Where a test message goes, and what it is."""
    described = KINDS[kind]
    to = data[described.address] if described.address else described.fixed
    bodies: dict[str, Row] = {
        "slack": {"channel": data.get("channel"), "text": GREETING},
        "telegram": {"chat_id": data.get("chatId"), "message_thread_id": data.get("messageThreadId"), "text": GREETING},
        "discord": {"embeds": [{"title": GREETING, "description": GREETING}]},
        "email": {"to": data.get("toAddresses"), "from": data.get("fromAddress"), "subject": "Test Email"},
        "resend": {"to": data.get("toAddresses"), "from": data.get("fromAddress"), "subject": "Test Email"},
        "gotify": {"title": "Test Notification", "message": GREETING, "priority": data.get("priority")},
        "ntfy": {"topic": data.get("topic"), "title": "Test Notification", "priority": data.get("priority")},
        "mattermost": {"text": GREETING, "channel": f"#{data.get('channel')}", "username": data.get("username")},
        "custom": {"title": "Test Notification", "message": GREETING, "timestamp": now()},
        "lark": {"msg_type": "text", "content": {"text": GREETING}},
        "pushover": {"user": data.get("userKey"), "message": GREETING, "priority": data.get("priority")},
        "teams": {"type": "message", "text": GREETING},
    }
    return to, bodies[kind]


def _refused_mail(data: Row) -> str:
    server, port = data["smtpServer"], int(data["smtpPort"])
    if closed(server, port):
        return f"connect ECONNREFUSED {server}:{port}"
    return "Invalid login: 535 5.7.8 Authentication credentials invalid" if wrong(data["password"]) else ""


async def _problem(outside: Outside, kind: str, data: Row) -> str:
    """Why a message does not arrive, in the words that the sending function adds nothing to."""
    described = KINDS[kind]
    if kind == "email":
        await outside.keep_waiting(data["smtpServer"])
        return _refused_mail(data)
    if kind == "resend":
        return "API key is invalid" if wrong(data["apiKey"]) else ""
    url = data[described.address] if described.address else described.fixed
    secret = data.get(described.secret)
    status, unreachable = await outside.fetch(url, secret, refusal=403 if kind == "ntfy" else 401)
    return unreachable or ("" if status < 400 else phrase(status))


# What the words of a failure are, with what the other side says; of the others "Error testing the notification" is all.
FAILURES = {
    "slack": "Failed to send slack notification Failed to send slack notification {}",
    "discord": "Failed to send discord notification Failed to send discord notification {}",
    "teams": "Failed to send Teams notification Failed to send Teams notification: {}",
    "email": "Failed to send email notification {}",
    "resend": "Failed to send Resend notification {}",
    "ntfy": "Error testing the notification: Failed to send ntfy notification: {}",
    "custom": "Failed to send custom notification: {}",
}
# Of an address that cannot be reached.
UNREACHABLE = {
    "slack": "Failed to send slack notification {}",
    "discord": "Failed to send discord notification {}",
    "teams": "Failed to send Teams notification {}",
    "ntfy": "Error testing the notification: {}",
    "custom": "{}",
}
NEVER_FAIL = ("telegram", "lark")


def _failure(kind: str, problem: str) -> ProcedureError:
    unreached = problem == "fetch failed" or problem.startswith("Failed to parse")
    words = UNREACHABLE if unreached and kind in UNREACHABLE else FAILURES
    return bad_request(words.get(kind, "Error testing the notification").format(problem))


def _test(kind: str) -> Handler:
    async def test(ctx: Context, data: Row) -> bool:
        outside = ctx.instance.outside
        problem = await _problem(outside, kind, data)
        if not problem and kind == "custom":
            problem = await deliver(ctx.instance, data, _messages(kind, data)[1])
        elif not problem:
            outside.receive(kind, *_messages(kind, data))
        if problem and kind not in NEVER_FAIL:
            raise _failure(kind, problem)
        return True

    return test


for _kind in KINDS:
    procedure(f"notification.create{_kind.capitalize()}")(_creation(_kind))
    procedure(f"notification.update{_kind.capitalize()}")(_update(_kind))
    procedure(f"notification.test{_kind.capitalize()}Connection")(_test(_kind))

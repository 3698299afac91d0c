# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notifications of all kinds: their life, whole bodies, tests that send a message, and bad input."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.notification import (
    INFO_OPERATION,
    KINDS,
    OPERATION,
)
from tests.support.host import Host, judged

TOKEN = "canary-token-of-the-receiver"
HOOK = f"https://hooks.example.com/{TOKEN}"
# What each kind needs, and an option to change with the value that shows it.
NEEDED: dict[str, dict[str, Any]] = {
    "slack": {"webhook_url": HOOK},
    "telegram": {"bot_token": TOKEN, "chat_id": "-100123"},
    "discord": {"webhook_url": HOOK},
    "email": {
        "smtp_server": "smtp.example.com",
        "username": "dokploy",
        "password": TOKEN,
        "from_address": "Dokploy <dokploy@example.com>",
        "to_addresses": ["a@example.com", "b@example.com"],
    },
    "resend": {"api_key": TOKEN, "from_address": "dokploy@example.com", "to_addresses": ["a@example.com"]},
    "gotify": {"server_url": "https://gotify.example.com", "app_token": TOKEN},
    "ntfy": {"server_url": "https://ntfy.example.com", "topic": "ops", "access_token": TOKEN},
    "mattermost": {"webhook_url": HOOK},
    "custom": {"endpoint": HOOK, "headers": {"X-Token": TOKEN}},
    "lark": {"webhook_url": HOOK},
    "pushover": {"user_key": TOKEN, "api_token": TOKEN + "2"},
    "teams": {"webhook_url": HOOK},
}
EVENTS = {"app_deploy": True, "app_build_error": True}
each = pytest.mark.parametrize("kind", [kind.kind for kind in KINDS])
SLACK = {"name": "ops", "slack": NEEDED["slack"]}


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("notification.all"))


def make(host: Host, kind: str, **more: Any) -> dict[str, Any]:
    host.new_task()
    return host.ok(OPERATION, name="ops", **{kind: NEEDED[kind]}, **more)


def test_every_kind_of_the_server_is_managed(host: Host) -> None:
    assert sorted(NEEDED) == sorted(kind.kind for kind in KINDS)
    creations = [name for name in host.sim.server.procedures if name.startswith("notification.create")]
    assert sorted(kind.creation.procedure for kind in KINDS) == sorted(creations)


@each
def test_its_life(host: Host, kind: str) -> None:
    predicted = host.ok(OPERATION, check=True, name="ops", events=EVENTS, **{kind: NEEDED[kind]})
    assert rows(host) == []
    made = make(host, kind, events=EVENTS)
    assert made["changed"] and made["diff"] == predicted["diff"]
    assert TOKEN not in str(made)
    (row,) = rows(host)
    shown = made["notification"]
    assert (shown["notification_id"], shown["type"]) == (row["notificationId"], kind)
    assert [name for name, value in shown["events"].items() if value] == ["app_deploy", "app_build_error"]
    assert not set(shown) & {other for other in NEEDED if other != kind}
    assert not make(host, kind, events=EVENTS)["changed"]
    host.sim.reset_stats()
    # The kind of what exists need not be stated.
    assert host.ok(OPERATION, name="ops", events={"docker_cleanup": True, "app_deploy": False})["changed"]
    assert host.sim.calls("mutation") == [f"notification.update{kind.capitalize()}"]
    (changed,) = rows(host)
    assert changed == {**row, "dockerCleanup": True, "appDeploy": False}
    host.new_task()
    gone = host.ok(OPERATION, name="ops", state="absent")
    assert gone["changed"] and gone["notification"] == {"notification_id": row["notificationId"], "name": "ops"}
    assert rows(host) == []
    assert not host.ok(OPERATION, name="ops", state="absent")["changed"]


@each
def test_a_rename_keeps_everything_else(host: Host, kind: str) -> None:
    """A server that is sent the name alone refuses it, or clears a token."""
    made = make(host, kind)["notification"]["notification_id"]
    (before,) = rows(host)
    host.new_task()
    assert host.ok(OPERATION, notification_id=made, name="renamed")["diff"]["after"] == {"name": "renamed"}
    assert rows(host) == [{**before, "name": "renamed"}]


@each
def test_a_secret_is_compared_and_never_shown(host: Host, kind: str) -> None:
    make(host, kind)
    secrets = {
        name: value.replace("token", "other") if isinstance(value, str) else {"X-Token": "another one"}
        for name, value in NEEDED[kind].items()
        if TOKEN in str(value)
    }
    host.new_task()
    result = host.ok(OPERATION, name="ops", **{kind: secrets})
    assert result["diff"]["after"] == {kind: dict.fromkeys(secrets, "(hidden) new")}
    host.new_task()
    assert not host.ok(OPERATION, name="ops", **{kind: secrets})["changed"]
    (shown,) = host.ok(INFO_OPERATION, type=kind)["notifications"]
    assert not set(shown[kind]) & set(secrets)
    (shown,) = host.ok(INFO_OPERATION, include_secrets=True)["notifications"]
    assert shown[kind].items() >= secrets.items()


@each
def test_a_test_sends_one_message(host: Host, kind: str) -> None:
    make(host, kind)
    host.new_task()
    foretold = host.ok(OPERATION, check=True, name="ops", state="tested")
    assert host.sim.messages() == [] and foretold["changed"] and not foretold["message_sent"]
    host.sim.reset_stats()
    result = host.ok(OPERATION, name="ops", state="tested")
    assert host.sim.calls("mutation") == [f"notification.test{kind.capitalize()}Connection"]
    assert [message["kind"] for message in host.sim.messages()] == [kind]
    confirmed = kind not in ("telegram", "lark")
    assert (result["changed"], result["message_sent"], result["message_confirmed"]) == (True, True, confirmed)
    assert ("does not report whether" in str(result.get("warnings"))) is not confirmed
    assert TOKEN not in str(result)


def test_a_test_may_come_before_the_creation(host: Host) -> None:
    stated = {"name": "ops", "email": {**NEEDED["email"], "smtp_port": 2525}}
    result = host.ok(OPERATION, **stated, state="tested")
    assert result["notification"] is None and rows(host) == []
    assert host.sim.messages()[0]["body"]["to"] == ["a@example.com", "b@example.com"]
    missing = host.failed(OPERATION, name="ops", email={"username": "u"}, state="tested")
    assert missing["msg"].startswith("email.smtp_server is needed, and it is missing")


def test_a_test_of_what_does_not_exist(host: Host) -> None:
    result = host.failed(OPERATION, name="ops", state="tested")
    assert result["msg"].startswith("there is no notification 'ops'")
    # An earlier task may have promised to create it.
    foretold = host.ok(OPERATION, check=True, name="ops", state="tested")
    assert foretold["changed"] and not foretold["message_sent"] and foretold["warnings"]


def test_a_test_takes_other_options_without_storing_them(host: Host) -> None:
    make(host, "slack")
    before = rows(host)
    host.new_task()
    host.ok(OPERATION, name="ops", slack={"channel": "#dev"}, state="tested")
    assert host.sim.messages()[0] == {"kind": "slack", "to": HOOK, "body": host.sim.messages()[0]["body"]}
    assert host.sim.messages()[0]["body"]["channel"] == "#dev"
    assert rows(host) == before


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("slack", {"webhook_url": "https://hooks.example.com/hook/500/x"}, "Internal Server Error"),
        ("slack", {"webhook_url": f"https://missing.example.com/{TOKEN}"}, "fetch failed"),
        ("email", {"password": "wrong"}, "Invalid login: 535"),
        ("ntfy", {"access_token": "wrong"}, "Forbidden"),
        ("gotify", {"app_token": "wrong"}, "Error testing the notification"),
    ],
)
def test_a_message_that_does_not_arrive_is_an_error(
    host: Host, kind: str, changes: dict[str, Any], reason: str
) -> None:
    host.ok(OPERATION, name="ops", **{kind: {**NEEDED[kind], **changes}})
    host.new_task()
    result = host.failed(OPERATION, name="ops", state="tested")
    assert result["msg"].startswith(f"{kind}: the test message was not sent")
    assert reason in result["msg"] and TOKEN not in str(result)
    assert not result["changed"] and host.sim.messages() == []


def test_a_stored_address_that_the_server_quotes_is_masked(host: Host) -> None:
    """Slack takes any text as an address, and the failure of a test quotes it."""
    host.call("notification.createSlack", name="ops", webhookUrl=f"no address {TOKEN}", channel="", **_all_events())
    result = host.failed(OPERATION, name="ops", state="tested")
    assert "Failed to parse URL" in result["msg"] and TOKEN not in str(result)


def _all_events() -> dict[str, bool]:
    names = "appDeploy appBuildError databaseBackup volumeBackup dokployBackup dokployRestart dockerCleanup"
    return dict.fromkeys([*names.split(), "serverThreshold"], False)


def test_columns_that_are_null_are_sent_as_the_server_takes_them(host: Host) -> None:
    """The token of ntfy is null after any update without it, and headers are null where none were stated."""
    host.call("notification.createCustom", name="ops", endpoint=HOOK)
    assert rows(host)[0]["custom"]["headers"] is None
    assert host.ok(OPERATION, name="ops", events=EVENTS)["changed"]
    assert rows(host)[0]["custom"]["headers"] == {}
    ntfy = {"serverUrl": HOOK, "topic": "t", "accessToken": "x", "priority": 1, **_all_events()}
    host.call("notification.createNtfy", name="n", **ntfy)
    host.call("notification.updateNtfy", notificationId=rows(host)[0]["notificationId"], ntfyId=rows(host)[0]["ntfyId"])
    assert rows(host)[0]["ntfy"]["accessToken"] is None
    host.new_task()
    assert host.ok(OPERATION, name="n", events=EVENTS)["changed"]
    assert rows(host)[0]["ntfy"]["accessToken"] == ""


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "new"}, "one of custom, discord"),
        ({"slack": {}}, "slack.webhook_url is needed, and it is missing"),
        ({"slack": {"webhook_url": "hooks.example.com"}}, "slack.webhook_url: its value is not a URL"),
        ({"email": {**NEEDED["email"], "from_address": "nobody"}}, "email.from_address: 'nobody' is not an email addr"),
        ({"email": {**NEEDED["email"], "to_addresses": ["a b"]}}, "email.to_addresses: 'a b' is not an email address"),
        ({"email": {**NEEDED["email"], "to_addresses": []}}, "email.to_addresses is needed"),
        ({"email": {**NEEDED["email"], "smtp_port": 0}}, "email.smtp_port is 0; it must be between 1 and 65535"),
        ({"pushover": {**NEEDED["pushover"], "priority": 2}}, "pushover.retry is needed where pushover.priority is 2"),
        ({"pushover": {**NEEDED["pushover"], "retry": 10}}, "pushover.retry: it is 10; Pushover repeats"),
        ({"slack": NEEDED["slack"], "notification_id": "nope"}, "notification_id: there is no notification 'nope'"),
    ],
)
def test_bad_input_writes_nothing(host: Host, params: dict[str, Any], message: str) -> None:
    assert host.failed(OPERATION, **{"name": "new", **params})["msg"].startswith(message)
    assert rows(host) == [] and host.sim.calls("mutation") == []


def test_an_event_that_does_not_exist_is_refused(host: Host) -> None:
    refused = str(judged(OPERATION, {**host.connection, **SLACK, "events": {"app_deplyo": True}}))
    assert "events.app_deplyo. Did you mean: 'events.app_deploy'?" in refused


def test_another_kind_of_the_same_name_is_refused(host: Host) -> None:
    make(host, "slack")
    host.new_task()
    result = host.failed(OPERATION, name="ops", discord=NEEDED["discord"])
    assert result["msg"].startswith("discord: notification 'ops' is of the kind slack, which cannot change")
    assert host.ok(INFO_OPERATION, type="discord")["notifications"] == []


def test_two_of_one_name_are_ambiguous(host: Host) -> None:
    make(host, "slack")
    for _number in range(2):
        host.call("notification.createLark", name="ops", webhookUrl=HOOK, **_all_events())
    host.new_task()
    # One that its suboption selects is not.
    assert not host.ok(OPERATION, **SLACK)["changed"]
    assert host.ok(OPERATION, **SLACK, state="absent")["changed"]
    result = host.failed(OPERATION, name="ops", events=EVENTS)
    assert result["error"]["kind"] == "ambiguous"
    assert sorted(result["ids"]) == sorted(row["notificationId"] for row in rows(host))

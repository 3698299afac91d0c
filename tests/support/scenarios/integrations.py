# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for notifications and providers: they return every documented value."""

from __future__ import annotations

from typing import Any

from tests.support.scenarios.recorder import ResultRecorder, fail_requests

_HOOK = "https://hooks.example.com/x"
_MAIL = {"from_address": "dokploy@example.com", "to_addresses": ["ops@example.com"]}
# Every option of every kind.
RECEIVERS: dict[str, dict[str, Any]] = {
    "slack": {"webhook_url": _HOOK, "channel": "#ops"},
    "telegram": {"bot_token": "token of the bot", "chat_id": "-100123", "message_thread_id": "7"},
    "discord": {"webhook_url": _HOOK, "decoration": True},
    "email": {"smtp_server": "smtp.example.com", "smtp_port": 25, "username": "u", "password": "pass", **_MAIL},
    "resend": {"api_key": "key of the mail service", **_MAIL},
    "gotify": {"server_url": _HOOK, "app_token": "token of the app", "priority": 5, "decoration": True},
    "ntfy": {"server_url": _HOOK, "topic": "ops", "access_token": "token of the topic", "priority": 3},
    "mattermost": {"webhook_url": _HOOK, "channel": "ops", "username": "bot"},
    "custom": {"endpoint": _HOOK, "headers": {"X-Token": "token of the service"}},
    "lark": {"webhook_url": _HOOK},
    "pushover": {"user_key": "key of the user", "api_token": "token", "priority": 2, "retry": 60, "expire": 3600},
    "teams": {"webhook_url": _HOOK},
}


def run_notification(run: ResultRecorder) -> None:
    module = "dokploy_notification"
    for kind, receiver in RECEIVERS.items():
        for check in (True, False, False):
            run(module, check=check, name=kind, events={"app_deploy": True}, **{kind: receiver})
        run.host.new_task()
    run(module, name="slack", state="tested")
    run(module, name="email", email={"password": "wrong"}, state="tested", fails=True)
    events = ("appDeploy", "appBuildError", "databaseBackup", "volumeBackup", "dokployBackup", "dokployRestart")
    twin = dict.fromkeys((*events, "dockerCleanup", "serverThreshold"), False)
    for _unused in range(2):
        run.host.call("notification.createLark", name="twin", webhookUrl=_HOOK, **twin)
    run.host.new_task()
    run(module, name="twin", events={"app_deploy": True}, fails=True)
    run.sim.config(drop_fields={"notification.updateSlack": ["channel"]})
    run(module, name="slack", slack={"channel": "#other"}, fails=True)
    for _again in range(2):
        run(module, name="slack", state="absent")
    fail_requests(run, module, name="lark", lark=RECEIVERS["lark"])


def run_notification_info(run: ResultRecorder) -> None:
    for kind, receiver in RECEIVERS.items():
        run("dokploy_notification", name=kind, **{kind: receiver})
    for include_secrets in (False, True):
        run("dokploy_notification_info", include_secrets=include_secrets)
    fail_requests(run, "dokploy_notification_info")


PROVIDERS: dict[str, dict[str, Any]] = {
    "bitbucket": {
        "username": "u",
        "email": "u@example.com",
        "workspace": "acme",
        "api_token": "token of the account",
        "app_password": "password of the app",
    },
    "gitea": {
        "url": "https://git.example.com",
        "internal_url": "http://gitea:3000",
        "redirect_uri": "https://d.example",
        "client_id": "c",
        "client_secret": "secret of the app",
        "scopes": "repo",
        "expires_at": 2000000000,
        "access_token": "token of the user",
        "refresh_token": "token to renew it",
    },
    "gitlab": {
        "url": "https://gitlab.example.com",
        "internal_url": "http://gitlab",
        "redirect_uri": "https://d.example",
        "application_id": "a",
        "secret": "secret of the app",
        "group_name": "acme",
    },
}


def run_git_provider(run: ResultRecorder) -> None:
    module = "dokploy_git_provider"
    for kind, provider in PROVIDERS.items():
        for check in (True, False, False):
            run(module, check=check, name=kind, shared=True, **{kind: provider})
        run.host.new_task()
    run.sim.act(git_provider="github", name="github")
    run(module, name="github")
    run(module, name="gitea", state="tested")
    run(module, name="gitlab", state="tested", fails=True)
    for _unused in range(2):
        run.sim.act(git_provider="gitea", name="twin")
    run.host.new_task()
    run(module, name="twin", shared=True, fails=True)
    run.sim.config(drop_fields={"gitlab.update": ["groupName"]})
    run(module, name="gitlab", gitlab={"group_name": "other"}, fails=True)
    for _again in range(2):
        run(module, name="gitlab", state="absent")
    fail_requests(run, module, name="other", bitbucket={})


def run_git_provider_info(run: ResultRecorder) -> None:
    for kind, provider in PROVIDERS.items():
        run("dokploy_git_provider", name=kind, **{kind: provider})
    run.sim.act(git_provider="github", name="github")
    run.host.new_task()
    for include_secrets in (False, True):
        run("dokploy_git_provider_info", include_secrets=include_secrets)
    fail_requests(run, "dokploy_git_provider_info")

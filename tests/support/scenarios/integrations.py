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


VAULTS: dict[str, dict[str, Any]] = {
    "aws": {
        "region": "r",
        "access_key_id": "ID of the key",
        "secret_access_key": "secret of the key",
        "endpoint": "https://secrets.example.com",
    },
    "aws_parameter_store": {
        "region": "r",
        "access_key_id": "ID of the key",
        "secret_access_key": "secret of the key",
        "endpoint": "https://ssm.example.com",
        "path": "/x",
    },
    "azure": {
        "vault_uri": "https://vault.example.com",
        "tenant_id": "t",
        "client_id": "c",
        "client_secret": "secret of the client",
    },
    "doppler": {"service_token": "token of the service", "project": "shop", "config": "prd"},
    "hashicorp": {"url": "https://v.example.com", "token": "token of the vault", "namespace": "n", "mount": "kv"},
    "infisical": {
        "site_url": "https://vault.example.com",
        "client_id": "c",
        "client_secret": "secret of the client",
        "project_id": "p",
        "environment_slug": "e",
        "folder": "/x",
    },
    "phase": {
        "token": "token of the app",
        "app_id": "a",
        "environment": "e",
        "path": "/x",
        "api_url": "https://p.example.com",
    },
    "scaleway": {"project_id": "p", "secret_key": "key of it", "region": "r", "api_url": "https://s.example.com"},
}
ZONES: dict[str, dict[str, Any]] = {
    "cloudflare": {"api_token": "token of the zone"},
    "route53": {"access_key_id": "ID of the key", "secret_access_key": "secret of the key"},
    "porkbun": {"api_key": "key of the account", "secret_api_key": "secret of the key"},
    "infomaniak": {"api_token": "token of the zone"},
    "ovh": {
        "endpoint": "ovh-ca",
        "application_key": "key of the application",
        "application_secret": "secret of the application",
        "consumer_key": "key of the consumer",
    },
}
MODEL = {"name": "main", "url": "https://ai.example.com", "api_key": "key of the model", "model": "small"}


def _of_kinds(run: ResultRecorder, module: str, kinds: dict[str, dict[str, Any]], **more: Any) -> None:
    for kind, provider in kinds.items():
        for check in (True, False, False):
            run(module, check=check, name=kind, **more, **{kind: provider})
        run.host.new_task()
    for _again in range(2):
        run(module, name=next(iter(kinds)), state="absent")
    fail_requests(run, module, name="other", **{kind: provider})


def _listed(run: ResultRecorder, module: str) -> None:
    run.host.new_task()
    for include_secrets in (False, True):
        run(f"{module}_info", include_secrets=include_secrets)
    fail_requests(run, f"{module}_info")


def _twins(run: ResultRecorder, module: str, table: str, **option: Any) -> None:
    """Two of one name, which only a broken database has."""
    rows = getattr(run.sim.server.store, table)
    row = next(iter(rows))
    rows.insert({**row, rows.key: "twin", "name": row["name"]})
    run.host.new_task()
    run(module, name=row["name"], **option, fails=True)


def run_vault_provider(run: ResultRecorder) -> None:
    module = "dokploy_vault_provider"
    assigned = {"assignments": [{"project": "shop", "environments": ["staging"]}]}
    _of_kinds(run, module, VAULTS, **assigned)
    run.sim.config(drop_fields={"vaultProvider.update": ["assignments"]})
    run(module, name="scaleway", assignments=[], fails=True)
    _twins(run, module, "vault_providers", assignments=[])


def run_vault_provider_info(run: ResultRecorder) -> None:
    for kind, provider in VAULTS.items():
        assigned = [{"project": "shop", "environments": ["staging"]}]
        run("dokploy_vault_provider", name=kind, assignments=assigned, **{kind: provider})
    _listed(run, "dokploy_vault_provider")


def run_dns_provider(run: ResultRecorder) -> None:
    module = "dokploy_dns_provider"
    _of_kinds(run, module, ZONES)
    run.sim.config(drop_fields={"dnsProvider.update": ["name"]})
    run(module, name="route53", route53={"access_key_id": "other"})
    row = next(iter(run.sim.server.store.dns_providers))
    run.host.new_task()
    run(module, dns_provider_id=row["dnsProviderId"], name="renamed", fails=True)
    _twins(run, module, "dns_providers", route53={"access_key_id": "x"})


def run_ai_provider(run: ResultRecorder) -> None:
    module = "dokploy_ai_provider"
    for check in (True, False, False):
        run(module, check=check, **MODEL, test_connection=True)
    for _unused in range(2):
        run.host.call("ai.create", name="twin", apiUrl=MODEL["url"], apiKey="", model="m", isEnabled=True)
    run.host.new_task()
    run(module, name="twin", enabled=False, fails=True)
    run.sim.config(drop_fields={"ai.update": ["model"]})
    run(module, name="main", model="other", fails=True)
    for _again in range(2):
        run(module, name="main", state="absent")
    fail_requests(run, module, **MODEL)

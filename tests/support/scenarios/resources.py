# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for resources: they return every documented value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.examples import child_example
from tests.support.scenarios.recorder import ResultRecorder, fail_requests

BUILD = {
    "type": "dockerfile",
    "dockerfile": "Dockerfile",
    "context": ".",
    "target": "runtime",
    "heroku_version": "24",
    "railpack_version": "0.15.4",
    "publish_directory": "dist",
    "static_spa": True,
    "server": "builder",
    "registry": "acme",
}
REPOSITORY = {"owner": "acme", "repository": "shop", "branch": "main", "build_path": "/", "submodules": True}
DOMAIN = {
    "host": "shop.example.com",
    "path": "/x",
    "port": 80,
    "https": True,
    "certificate": "custom",
    "certificate_resolver": "own",
    "internal_path": "/y",
    "strip_path": True,
    "entrypoint": "websecure",
    "middlewares": ["compress@file"],
    "forward_auth": True,
    "enabled": False,
}
MOUNTS = [
    {"path": "/a", "type": "volume", "name": "a"},
    {"path": "/b", "type": "bind", "host_path": "/srv/b"},
    {"path": "/c", "type": "file", "file_path": "c", "content": "text of the file"},
]
_UPDATE = {
    "parallelism": 2,
    "delay": "10s",
    "failure_action": "pause",
    "monitor": "1m",
    "max_failure_ratio": 0.25,
    "order": "start-first",
}
SWARM: dict[str, Any] = {
    "memory_limit": "512M",
    "memory_reservation": "256M",
    "cpu_limit": 1.5,
    "cpu_reservation": "0.25",
    "healthcheck": {"test": "true", "interval": "30s", "timeout": "5s", "start_period": "1m", "retries": 3},
    "restart_policy": {"condition": "any", "delay": "5s", "max_attempts": 3, "window": "2m"},
    "placement": {
        "constraints": ["node.role==worker"],
        "preferences": [{"spread": "node.labels.zone"}],
        "max_replicas": 2,
        "platforms": [{"architecture": "x86_64", "os": "linux"}],
    },
    "update_config": _UPDATE,
    "rollback_config": _UPDATE,
    "mode": {"type": "replicated", "replicas": 2},
    "labels": {"team": "shop"},
    "network_attachments": [{"target": "dokploy-network", "aliases": ["shop"], "driver_opts": {"a": "b"}}],
    "stop_grace_period": "30s",
    "endpoint_spec": {
        "mode": "vip",
        "ports": [{"target_port": 53, "published_port": 5353, "protocol": "udp", "publish_mode": "host"}],
    },
    "ulimits": [{"name": "nofile", "soft": 1024}],
    "networks": ["inner"],
    "detach_dokploy_network": True,
    "registry": "acme",
}
MODE = {"mode": {"type": "replicated", "replicas": 3}}
PREVIEW = {
    "enabled": True,
    "wildcard": "*.example.com",
    "port": 80,
    "path": "/",
    "https": True,
    "certificate": "custom",
    "certificate_resolver": "own",
    "limit": 5,
    "labels": ["preview"],
    "require_collaborator": False,
    "env": {"A": "one of the previews"},
    "build_args": {"B": "two of the previews"},
    "build_secrets": {"C": "three of the previews"},
}
OTHERS = {
    "rollback": {"enabled": True, "registry": "acme"},
    "preview": PREVIEW,
    "icon": "data:image/svg+xml;base64,PHN2Zy8+",
    "webhook_token": "token-of-the-webhook",
}
LISTED: dict[str, Any] = {
    "schedules": [
        {"name": "nightly", "cron": "0 3 * * *", "command": "true", "timezone": "Europe/Berlin", "description": "text"}
    ],
    "volume_backups": [
        {"name": "a", "volume": "a", "destination": "bucket", "cron": "@daily", "prefix": "p", "keep": 7}
    ],
    "patches": [{"path": "a.txt", "content": "text\n"}],
}
CHILDREN: dict[str, Any] = {
    "domains": [DOMAIN],
    "mounts": MOUNTS,
    "ports": [{"published_port": 8080, "target_port": 80}],
    "redirects": [{"regex": "^/old$", "replacement": "/new", "permanent": True}],
    "basic_auth": [{"username": "staff", "password": "password of staff"}],
    **LISTED,
}

# What only their descriptions tell.
for _child in APPLICATION.children:
    CHILDREN.setdefault(_child.option, [child_example(APPLICATION, _child).item])


def create_referenced(run: ResultRecorder) -> None:
    """What the options of a whole application refer to."""
    run.sim.act(registry="acme")
    run.sim.act(server="builder", serverType="build", sshKeyId="any")
    run.sim.act(destination="bucket")
    run.host.call("network.create", name="inner", driver="overlay")


def sources(run: ResultRecorder) -> Iterator[dict[str, Any]]:
    """Each source with all its options, and what they refer to."""
    for kind in ("github", "gitlab", "bitbucket", "gitea"):
        run.sim.act(git_provider=kind, name="acme")
    pair = {"privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----", "publicKey": "ssh-ed25519 AAAA"}
    run.host.call("sshKey.create", name="deploy", organizationId="any", **pair)
    provider = {**REPOSITORY, "provider": "acme", "watch_paths": ["src/**"]}
    yield {"github": {**provider, "trigger": "tag"}}
    yield {"gitlab": {**provider, "project_id": 7, "path_namespace": "acme/shop"}}
    yield {"bitbucket": {**provider, "repository_slug": "shop"}}
    yield {"gitea": provider}
    yield {
        "git": {
            "url": "https://git.example.com/a.git",
            "branch": "main",
            "build_path": "/",
            "ssh_key": "deploy",
            "watch_paths": ["a"],
            "submodules": False,
        }
    }
    yield {"drop": {"build_path": "app"}}
    yield {"docker": {"image": "nginx:1", "registry_url": "ghcr.io", "username": "acme", "password": "token of acme"}}


def run_project(run: ResultRecorder) -> None:
    module = "dokploy_project"
    stated = {"name": "blog", "description": "All about it", "env": {"A": "one"}}
    for check in (True, False):
        run(module, check=check, **stated)
    run(module, name="blog", state="absent")
    run(module, name="blog", state="absent")
    run(module, name="twin", fails=True)
    run(module, name="shop", state="absent", fails=True)
    run.sim.config(drop_fields={"project.update": ["description"]})
    run(module, name="shop", description="other", fails=True)
    fail_requests(run, module, name="shop")


def run_environment(run: ResultRecorder) -> None:
    module = "dokploy_environment"
    stated = {"project": "shop", "name": "test", "description": "To try it", "env": {"A": "one"}}
    for check in (True, False):
        run(module, check=check, **stated)
    run(module, project="shop", name="test", state="absent")
    run(module, project="shop", name="test", state="absent")
    run(module, project="twin", name="test", fails=True)
    run.sim.seed(project="shop", environment="staging", applications=1)
    run.host.new_task()
    run(module, project="shop", name="staging", state="absent", fails=True)
    run.sim.config(drop_fields={"environment.update": ["description"]})
    run(module, project="shop", name="staging", description="other", fails=True)
    fail_requests(run, module, project="shop", name="test")


def run_application(run: ResultRecorder) -> None:
    module = "dokploy_application"
    for source in sources(run):
        for name in ("web", *source):
            for check in (True, False):
                run(module, check=check, project="shop", name=name, **source)
    create_referenced(run)
    whole = {"build": BUILD, "create_env_file": False, "clean_cache": True, "command": "run", "args": ["a b"]}
    whole = {**whole, **SWARM, **OTHERS, **CHILDREN, "env": {"A": "one"}, "replicas": 3}
    for check in (True, False):
        run(module, check=check, project="shop", name="api", app_name="shop-api", **whole)
        run(module, check=check, project="shop", name="job", **MODE)
    built = {"project": "shop", "name": "built"}
    git = {"url": "https://git.example.com/a.git", "branch": "main"}
    run(module, git=git, build={"type": "dockerfile"}, **built)
    run("dokploy_deployment", project="shop", application="built", verify=False)
    run(module, **built)
    run_states(run)
    run(module, project="shop", name="api", state="absent")
    run(module, project="shop", name="api", state="absent")
    run(module, project="twin", name="web", fails=True)
    run.sim.config(drop_fields={"application.update": ["createEnvFile"]})
    run(module, project="shop", name="web", create_env_file=False, fails=True)
    fail_requests(run, module, project="shop", name="web")


def run_states(run: ResultRecorder) -> None:
    """An application that is stopped and started, and one whose containers do not stay up."""
    module, web = "dokploy_application", {"project": "shop", "name": "web"}
    run.sim.config(scale_seconds=0, linger_seconds=0)
    run("dokploy_deployment", project="shop", application="web", verify=False)
    for state in ("stopped", "started", "reloaded"):
        for check in (True, False):
            run(module, state=state, check=check, **web)
    # It has a commit.
    run(module, state="reloaded", project="shop", name="built")
    run(module, command="false", **web)
    run.sim.act(say="web", lines=["cannot start"])
    run(module, state="reloaded", fails=True, **web)


def run_project_info(run: ResultRecorder) -> None:
    run.host.call("project.create", name="blog", description="All about it", env="A=one")
    for include_secrets in (False, True):
        run("dokploy_project_info", include_secrets=include_secrets)
    fail_requests(run, "dokploy_project_info")


def run_environment_info(run: ResultRecorder) -> None:
    run("dokploy_environment", project="shop", name="test", description="To try it", env={"A": "one"})
    for include_secrets in (False, True):
        run("dokploy_environment_info", include_secrets=include_secrets)
    run("dokploy_environment_info", project="twin", fails=True)
    fail_requests(run, "dokploy_environment_info")


def run_application_info(run: ResultRecorder) -> None:
    for source in sources(run):
        run("dokploy_application", project="shop", name=next(iter(source)), **source)
    create_referenced(run)
    whole = {"build_args": {"A": "one"}, "build_secrets": {"B": "two"}, "args": ["a b"], "build": BUILD}
    whole = {**whole, **SWARM, **OTHERS, **CHILDREN, "env": {"C": "three"}}
    run("dokploy_application", project="shop", name="api", **whole)
    run("dokploy_application", project="shop", name="job", **MODE)
    for include_secrets in (False, True):
        run("dokploy_application_info", include_secrets=include_secrets)
    domain = {"host": "shop.example.com"}
    run("dokploy_application", project="shop", name="web", docker={"image": "nginx"}, domains=[domain])
    run("dokploy_deployment", project="shop", application="web", verify=False)
    run("dokploy_deployment", project="shop", application="git", verify=False)
    run.sim.act(say="web", lines=["ready"])
    run(
        "dokploy_application_info",
        include=[
            *(one.option for one in APPLICATION.children if one.listing),
            "logs",
            "monitoring",
            "running",
            "images",
            "traefik_config",
        ],
    )
    run("dokploy_application_info", project="twin", fails=True)
    fail_requests(run, "dokploy_application_info")


def run_bootstrap(run: ResultRecorder) -> None:
    module, account = "dokploy_bootstrap", {"email": "admin@example.com", "password": "simulator"}
    for check in (True, False, False):
        run(module, include_secrets=True, complete_onboarding=True, check=check, **account)
        run.host.new_task()
    run(module, include_secrets=True, email="admin@example.com", password="wrong one", fails=True)
    run.host.new_task()
    run.sim.fault(kind="reset_after", procedure="/api/auth/sign-in/email")
    run(module, include_secrets=True, fails=True, **account)


def run_settings(run: ResultRecorder) -> None:
    module = "dokploy_settings"
    ports = [{"target_port": 53, "published_port": 5353, "protocol": "udp"}]
    for check in (True, False, False):
        run(module, server_ip="192.0.2.1", traefik={"ports": ports}, check=check)
    run(module, domain={"host": "dokploy.example.com"}, traefik={"access_log": True}, actions=["clean_images"])
    run(module, traefik={"dashboard": True})
    run(module, builds_concurrency=500, fails=True)
    fail_requests(run, module, server_ip="192.0.2.2")


def run_api_key(run: ResultRecorder) -> None:
    module, organization = "dokploy_api_key", run.host.read("organization.active")["id"]
    limits = {"rate_limit": 5, "rate_limit_window": 60, "remaining": 9, "refill_amount": 9, "refill_interval": 60}
    for check in (True, False):
        run(module, name="ci", prefix="ci_", expires_in_days=1, **limits, include_secrets=True, check=check)
    run(module, name="ci")
    for _twin in range(2):
        run.host.call("user.createApiKey", name="twin", metadata={"organizationId": organization})
    run.host.new_task()
    run(module, name="twin", fails=True)
    for _again in range(2):
        run(module, name="ci", state="absent")
    fail_requests(run, module, name="ci", include_secrets=True)


def run_api_key_info(run: ResultRecorder) -> None:
    limits = {"rate_limit": 5, "rate_limit_window": 60, "remaining": 9, "refill_amount": 9, "refill_interval": 60}
    run("dokploy_api_key", name="ci", prefix="ci_", expires_in_days=1, **limits, include_secrets=True)
    run("dokploy_api_key_info")
    fail_requests(run, "dokploy_api_key_info")


def run_organization(run: ResultRecorder) -> None:
    module = "dokploy_organization"
    for check in (True, False, False):
        run(module, name="acme", logo="https://example.com/a.png", default_role="member", check=check)
    for _twin in range(2):
        run.host.call("organization.create", name="twin")
    run(module, name="twin", fails=True)
    run.sim.config(drop_fields={"organization.update": ["defaultRole"]})
    run(module, name="acme", default_role="admin", fails=True)
    for _again in range(2):
        run(module, name="acme", state="absent", force=True)
    fail_requests(run, module, name="acme")


def run_user(run: ResultRecorder) -> None:
    module, dev = "dokploy_user", {"email": "dev@example.com", "password": "long enough", "role": "member"}
    run.host.call("project.create", name="docs")
    for check in (True, False, False):
        run(module, **dev, permissions={"api": True}, projects=["docs"], check=check)
    run.sim.config(drop_fields={"user.assignPermissions": ["canAccessToDocker"]})
    run(module, email="dev@example.com", permissions={"docker": True}, fails=True)
    run(module, email="dev@example.com", environments=["shop/production"], services=["shop//web"])
    for _again in range(2):
        run(module, email="dev@example.com", state="absent")
    fail_requests(run, module, **dev)


def run_user_info(run: ResultRecorder) -> None:
    run.host.call("project.create", name="docs")
    run("dokploy_user", email="dev@example.com", password="long enough", role="member", projects=["docs"])
    run("dokploy_user", email="dev@example.com", environments=["shop/production"], services=["shop//web"])
    run("dokploy_user_info")
    fail_requests(run, "dokploy_user_info")


def run_api(run: ResultRecorder) -> None:
    module = "dokploy_api"
    run(module, procedure="project.all")
    run(module, procedure="settings.getDokployVersion")
    for check in (True, False):
        run(module, procedure="project.create", input={"name": "blog"}, check=check)
    run(module, procedure="application.one", input={"applicationId": "none"}, fails=True)
    fail_requests(run, module, procedure="project.all")

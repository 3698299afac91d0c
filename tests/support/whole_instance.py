# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operation for tests that brings many resources into their states in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import selected_kind
from ansible_collections.community.dokploy.plugins.module_utils._engine.carry_out import carry_out
from ansible_collections.community.dokploy.plugins.module_utils._engine.graph import plan_nodes
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, Operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from tests.support.host import validated
from tests.support.operations import OPERATIONS
from tests.support.ssh_keys import openssh_key

#: A module without its prefix, and its options.
Item = tuple[str, dict[str, Any]]
STAGING = {"project": "shop", "environment": "staging"}
GIT = {"url": "git@git.example.com:acme/shop.git", "branch": "main", "ssh_key": "deploy"}
BACKUP = {"destination": "s3", "cron": "0 3 * * *", "prefix": "shop", "database_name": "shop", "enabled": True}
WEB = {
    "env": {"A": "1"},
    "replicas": 2,
    "domains": [{"host": "web.example.com"}],
    "mounts": [{"type": "volume", "name": "data", "target": "/data"}],
}
LOGIN = {"database": "shop", "user": "shop", "password": "made-up"}
# In no order: what others are in, and what they refer to, comes last.
INSTANCE: tuple[Item, ...] = (
    ("application", {**STAGING, "name": "web", "git": GIT, "registry": "ghcr", **WEB}),
    ("application", {"project": "shop", "name": "landing", "docker": {"image": "nginx:1.29"}, "registry": "ghcr"}),
    ("compose", {**STAGING, "name": "search", "git": GIT}),
    ("database", {**STAGING, "name": "db", "type": "postgres", **LOGIN, "backups": [BACKUP]}),
    ("environment", {"project": "shop", "name": "staging", "env": {"STAGE": "staging"}}),
    ("environment", {"project": "shop", "name": "production", "env": {"STAGE": "production"}}),
    ("project", {"name": "shop", "env": {"CURRENCY": "EUR"}}),
    ("ssh_key", {"name": "deploy", "private_key": openssh_key("deploy")}),
    ("registry", {"name": "ghcr", "url": "ghcr.io", "username": "acme", "password": "made-up"}),
    ("destination", {"name": "s3", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}),
)
MODULES = tuple(dict.fromkeys(module for module, _options in INSTANCE))
RESOURCES = tuple(one for module in MODULES for one in OPERATIONS[f"dokploy_{module}"].resources)
# A default environment goes with its project.
REMOVABLE = tuple((module, options) for module, options in INSTANCE if options["name"] != "production")


def key_of(module: str, options: Mapping[str, Any]) -> str:
    """What stands for a resource in the run."""
    path = [options[name] for name in ("project", "environment") if name in options and module != "project"]
    state = options.get("state", "present")
    acts = "" if state in ("present", "absent") else f" {state}"
    return f"{module} {'/'.join([*path, options.get('name') or options['email']])}{acts}"


def whole_instance(before: Callable[[], object] = bool) -> Operation:
    """The operation; its option C(items) has the resources, each with C(state).

    :param before: happens between the plan and the writes.
    """

    def perform(context: Context) -> dict[str, Any]:
        connection = {name: context.params[name] for name in ("dokploy_url", "dokploy_api_key", "max_retries")}
        nodes = []
        for module, options in context.params["items"]:
            operation = OPERATIONS[f"dokploy_{module}"]
            params = validated(operation, **connection, **options)
            nodes.append(
                Node(selected_kind(operation.resources, params, context.reads), params, key_of(module, options))
            )
        sent = context.executor.sent
        plans = plan_nodes(nodes, context)
        assert context.executor.sent == sent, "the plan wrote"
        changes = [one.change for wave in plans for one in wave]
        before()
        run = carry_out(plans, context)
        if context.params["fail"] and run.failed:
            raise next(iter(run.failed.values()))
        return {
            "changed": any(one["action"] != "none" for one in changes),
            "waves": [[one.node.key for one in wave] for wave in plans],
            "changes": changes,
            "results": run.done,
            "errors": {key: str(error) for key, error in run.failed.items()},
            "waiting": run.waiting,
        }

    options = {"items": {"type": "list", "elements": "raw"}, "fail": {"type": "bool", "default": False}}
    return Operation("whole_instance", options, perform, resources=RESOURCES)


WHOLE_INSTANCE = whole_instance()

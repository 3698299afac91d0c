# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of modules in a role name the role's variables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.messages import with_role_variables

APPLIED = {"*": "web_*", "application_id": "web_id"}
DEPLOYED = {"*": "web_deploy_*", "wait_timeout": "web_deploy_timeout", "name": "web_name"}


def told(message: str, variables: dict[str, str], operation: Any, **facts: Any) -> str:
    result = {"failed": True, "msg": message, **facts}
    shown = with_role_variables(result, variables, operation.argument_spec)
    assert {**shown, "msg": message} == result
    return str(shown["msg"])


@pytest.mark.parametrize(
    ("operation", "variables", "message", "shown"),
    [
        (
            PROJECT,
            {"force": "setup_force"},
            "project 'shop' still has 1 services: web. Remove them first, or set force=true to delete them all.",
            "project 'shop' still has 1 services: web. Remove them first, or set setup_force: true to delete them all.",
        ),
        (
            DEPLOYMENT,
            DEPLOYED,
            "application 'web' in shop/production: it has not ended. It goes on at the server; raise wait_timeout, or "
            "look with dokploy_deployment_info.\nwait_timeout=5",
            "application 'web' in shop/production: it has not ended. It goes on at the server; raise "
            "web_deploy_timeout, or look with dokploy_deployment_info.\nwait_timeout=5",
        ),
        (APPLICATION, APPLIED, "domains[0].port: 0 is no port", "web_domains[0].port: 0 is no port"),
        (
            APPLICATION,
            APPLIED,
            "replicas is true; it takes a number",
            "web_replicas is true; it takes a number",
        ),
        (
            APPLICATION,
            APPLIED,
            "name: no application is named 'wait_timeout'; state=absent helps",
            "web_name: no application is named 'wait_timeout'; web_state: absent helps",
        ),
        (APPLICATION, APPLIED, "request_timeout is 0", "dokploy_request_timeout is 0"),
        (APPLICATION, {}, "dokploy_url is empty; ca_path is, too", "dokploy_url is empty; dokploy_ca_path is, too"),
    ],
)
def test_options_in_messages_are_the_variables_of_the_role(
    operation: Any, variables: dict[str, str], message: str, shown: str
) -> None:
    assert told(message, variables, operation) == shown


def test_every_mistake_of_a_document_names_the_variable_of_its_section() -> None:
    mistakes = [
        "projects[shop].environments[qa].prune is unknown (shop.yml:3:9). Did you mean env?",
        "tags[a] and tags[b] name the same tag 'a'",
        "deploy is 'no'; it must be 'never'",
    ]
    result = {"failed": True, "msg": "first and second", "mistakes": mistakes}
    shown = with_role_variables(result, {"*": "setup_*"}, MANIFEST.argument_spec)
    assert shown["mistakes"] == [
        "setup_projects[shop].environments[qa].prune is unknown (shop.yml:3:9). Did you mean env?",
        "setup_tags[a] and setup_tags[b] name the same tag 'a'",
        "setup_deploy is 'no'; it must be 'never'",
    ]
    assert shown["msg"].count("setup_tags") == 2 and shown["msg"].endswith("'never'.")


def test_the_messages_of_deployments_that_were_waited_for_are_renamed_too() -> None:
    result = {"failed": True, "msg": "x", "deployments": [{"msg": "raise wait_timeout.", "status": "running"}]}
    shown = with_role_variables(result, DEPLOYED, DEPLOYMENT.argument_spec)
    assert shown["deployments"] == [{"msg": "raise web_deploy_timeout.", "status": "running"}]


def test_each_failure_of_a_document_names_the_variables() -> None:
    failures = [{"kind": "database", "path": name, "msg": "Name it in archives_keep."} for name in ("a", "b")]
    msg = "database a: Name it in archives_keep.\ndatabase b: Name it in archives_keep."
    result = {"msg": msg, "failures": failures}
    shown = with_role_variables(result, {"archives_keep": "recover_keep", "*": "recover_*"}, MANIFEST.argument_spec)
    assert shown["msg"] == msg.replace("archives_keep", "recover_keep")
    assert {failure["msg"] for failure in shown["failures"]} == {"Name it in recover_keep."}
    assert failures[0]["msg"] == "Name it in archives_keep."

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that do not exist or do not go together are named as the user wrote them, with their place."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._host.arguments import (
    RULES,
    broken,
    first_complaint,
    unsupported,
)
from tests.support.operations import OPERATIONS

PREFIX = "Unsupported parameters for (community.dokploy.dokploy_application) module: "


@pytest.mark.parametrize(
    ("params", "words"),
    [
        # It is a suboption elsewhere.
        ({"image": "nginx"}, "image. Did you mean: 'docker.image'?"),
        ({"https": True}, "https. Did you mean: 'preview.https', 'domains[].https'?"),
        ({"docker": {"replicas": 2}}, "docker.replicas. Did you mean: 'replicas', 'mode.replicas'?"),
        # It is misspelt, at any depth.
        ({"build_arguments": {}}, "build_arguments. Did you mean: 'build_args', 'build_args_mode', 'build_secrets'?"),
        ({"autoDeploy": True}, "autoDeploy. Did you mean: 'auto_deploy'?"),
        (
            {"mounts": [{"hostpath": "/a"}]},
            "mounts[0].hostpath. Did you mean: 'mounts[0].host_path', 'mounts[0].path'?",
        ),
        ({"preview": {"prot": 3000}}, "preview.prot. Did you mean: 'preview.port'?"),
        (
            {"endpoint_spec": {"ports": [{"target_port": 1}, {"publish_port": 1}]}},
            "endpoint_spec.ports[1].publish_port. Did you mean: 'endpoint_spec.ports[1].published_port',",
        ),
        # Several.
        ({"image": "nginx", "portz": []}, "image, portz. Did you mean: 'docker.image', 'ports'?"),
        # It is nothing that is known.
        ({"mounts": [{"xyz": 1}]}, "mounts[0].xyz. Supported parameters include: content, file_path, host_path, name,"),
        ({"rollback": "xyz=1"}, "rollback.xyz. Supported parameters include: enabled, registry."),
        ({"rollback": {1: 2}}, "rollback.1. Supported parameters include: enabled, registry."),
    ],
    ids=str,
)
def test_an_option_that_does_not_exist(params: dict[str, Any], words: str) -> None:
    problem = first_complaint(OPERATIONS["dokploy_application"], {"name": "web", **params})
    assert problem is not None and problem.startswith(PREFIX + words)


@pytest.mark.parametrize(
    ("module", "params", "words"),
    [
        ("application", {"name": "web", "docker": {}, "git": {}}, "git and docker are mutually exclusive"),
        ("application", {"name": "web", "docker": {}, "git": None}, None),
        ("application", {"docker": {}}, "one of the following is required: name, application_id"),
        ("application", {"name": None}, "one of the following is required: name, application_id"),
        (
            "application",
            {"name": "web", "mounts": [{"target": "/a", "type": "volume"}, {"name": "v"}]},
            "missing required arguments: mounts[1].path, mounts[1].type",
        ),
        ("mount", {"application": "web"}, "one of the following is required: path, mount_id"),
        ("mount", {"application": "web", "target": "/a"}, None),
        ("deployment", {"archive": "a.zip", "path": "a"}, "archive and path are mutually exclusive"),
        ("deployment", {"handles": [{}]}, "missing required arguments: handles[0].application_id"),
        ("api", {}, "missing required arguments: procedure"),
        (
            "application_action",
            {"action": "remove_deployment", "application": "web"},
            "action is remove_deployment but all of the following are missing: deployment_id",
        ),
        ("application_action", {"action": "remove_deployment", "application": "web", "deployment_id": "d"}, None),
    ],
    ids=str,
)
def test_options_that_do_not_go_together(module: str, params: dict[str, Any], words: str | None) -> None:
    problem = first_complaint(OPERATIONS["dokploy_" + module], params)
    assert problem == words


def test_rules_of_suboptions_name_their_place() -> None:
    spec = {"text": {"type": "str", "aliases": ["words"]}, "file": {"type": "path"}, "kind": {"type": "str"}}
    rules = {"mutually_exclusive": [["text", "file"]], "required_one_of": [["text", "file"]]}
    assert next(broken(rules, spec, {"words": "a", "file": "b"}, "a[0].b"), None) == (
        "a[0].b.words and a[0].b.file are mutually exclusive"
    )
    assert next(broken(rules, spec, {}, "a"), None) == "one of the following is required: a.text, a.file"
    rules = {"required_if": [["kind", "x", ["text"]]]}
    assert (
        next(broken(rules, spec, {"kind": "x"}, "a"), None)
        == "a.kind is x but all of the following are missing: a.text"
    )
    assert next(broken(rules, spec, {"kind": "x", "words": "y"}, "a"), None) is None


def test_ansible_s_own_parameters_are_no_options() -> None:
    assert list(unsupported("m", {}, {}, {"_ansible_check_mode": True}, "")) == []


def test_every_rule_of_every_module_is_judged() -> None:
    def rules(described: dict[str, Any]) -> set[str]:
        return {key for key in described if key.startswith(("mutually", "required_"))}.union(
            *(rules(one) for one in (described.get("options") or {}).values())
        )

    for operation in OPERATIONS.values():
        assert rules({**operation.rules, "options": operation.argument_spec}) <= set(RULES)

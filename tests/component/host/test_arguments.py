# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments that are refused before Ansible converts them: other forms, unknown options, and rules between options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import first_complaint
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import broken, unsupported
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support import action_and_module
from tests.support.operations import OPERATIONS

# Arguments of dokploy_application, and parts of the error; none: they are accepted.
CASES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"command": ["npm", "start"]}, ("command is a list; it takes text", "args")),
    ({"command": {"npm": "start"}}, ("command is a mapping; it takes text", "args")),
    ({"command": "npm"}, ()),
    ({"command": 5}, ()),
    ({"args": "npm start"}, ("args is text that contains whitespace or commas; it takes a list", "[npm, start]")),
    ({"args": "--listen,--verbose"}, ("args is text",)),
    ({"args": "npm\n"}, ("args is text",)),
    ({"args": "start"}, ()),
    ({"args": ""}, ()),
    ({"args": ["npm start"]}, ()),
    ({"args": [["npm"]]}, ("args[0] is a list; it takes text",)),
    ({"args": [1, 1.5, True]}, ()),
    ({"description": ("a", "b")}, ("description is a list",)),
    ({"build": {"context": ["a"]}}, ("build.context is a list",)),
    ({"docker": {"image": {"nginx": 1}}}, ("docker.image is a mapping",)),
    # Ansible parses the result of a template that is JSON.
    ({"mounts": [{"path": "/a", "content": {"secret": "MARK"}}]}, ("mounts[0].content is a mapping",)),
    ({"mounts": [{"path": "/a", "src": ["/a"]}]}, ("mounts[0].src is a list",)),
    ({"domains": [{"host": "a", "middlewares": ["a", {"b": 1}]}]}, ("domains[0].middlewares[1] is a mapping",)),
    # A label can contain a space.
    ({"preview": {"labels": "good first issue"}}, ()),
    ({"name": ["web"]}, ("name is a list",)),
    ({"state": ["present"]}, ("state is a list",)),
    ({"dokploy_api_key": ["MARK"]}, ("dokploy_api_key is a list",)),
    ({"env": {"A": "1"}, "labels": {"a": "b"}, "healthcheck": {"test": ["CMD", "true"]}}, ()),
]


@pytest.mark.parametrize(("arguments", "words"), CASES, ids=[ascii(case[0])[:60] for case in CASES])
def test_an_argument_of_another_form_is_refused(arguments: dict[str, Any], words: tuple[str, ...]) -> None:
    problem = first_complaint(APPLICATION, {"name": "web", **arguments})
    assert (problem is None) is (not words), problem
    assert "MARK" not in str(problem)
    assert all(word in str(problem) for word in words), problem


SAME: list[dict[str, Any]] = [
    {"command": ["npm", "start"]},
    {"args": "npm start"},
    {"image": "nginx"},
    {"docker": {"image": "nginx"}, "git": {}},
    {"name": None},
    {"mounts": [{}]},
]


@pytest.mark.parametrize("arguments", SAME, ids=str)
def test_both_hosts_have_the_same_message(arguments: dict[str, Any]) -> None:
    params = {"dokploy_url": "http://127.0.0.1:9", "dokploy_api_key": "k", "name": "web", **arguments}
    here, there = action_and_module.in_process(APPLICATION, params), action_and_module.as_module(APPLICATION, params)
    assert here["failed"] and there["failed"] and here["msg"] == there["msg"]


def _texts(spec: Spec, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for name, one in spec.items():
        yield (*place, name), one
        yield from _texts(one.get("options") or {}, (*place, name))


@pytest.mark.parametrize("module", sorted(OPERATIONS))
@pytest.mark.parametrize("value", [["a"], {"a": 1}], ids=["list", "mapping"])
def test_options_of_type_text_refuse_lists_and_mappings(module: str, value: Any) -> None:
    for path, one in _texts(OPERATIONS[module].argument_spec):
        if one["type"] not in ("str", "path"):
            continue
        arguments: Any = value
        for name in reversed(path):
            arguments = {name: arguments}
        problem = first_complaint(OPERATIONS[module], arguments)
        assert problem is not None and "it takes text" in problem and path[-1] in problem, path


# --- unknown options and rules ---------------------------------------------------------------------------------------

PREFIX = "Unsupported parameters for (community.dokploy.dokploy_application) module: "


@pytest.mark.parametrize(
    ("params", "words"),
    [
        # A suboption of another option.
        ({"image": "nginx"}, "image. Did you mean: 'docker.image'?"),
        ({"https": True}, "https. Did you mean: 'preview.https', 'domains[].https'?"),
        ({"docker": {"replicas": 2}}, "docker.replicas. Did you mean: 'replicas', 'mode.replicas'?"),
        # A misspelling, at any depth.
        ({"build_arguments": {}}, "build_arguments. Did you mean: 'build_args', 'build_args_mode'?"),
        ({"autoDeploy": True}, "autoDeploy. Did you mean: 'auto_deploy'?"),
        ({"mounts": [{"hostpath": "/a"}]}, "mounts[0].hostpath. Did you mean: 'mounts[0].host_path'?"),
        ({"preview": {"prot": 3000}}, "preview.prot. Did you mean: 'preview.port'?"),
        (
            {"endpoint_spec": {"ports": [{"target_port": 1}, {"publish_port": 1}]}},
            "endpoint_spec.ports[1].publish_port. Did you mean: 'endpoint_spec.ports[1].published_port'?",
        ),
        # Several.
        ({"image": "nginx", "portz": []}, "image, portz. Did you mean: 'docker.image', 'ports'?"),
        # No similar option.
        ({"mounts": [{"xyz": 1}]}, "mounts[0].xyz. Supported parameters include: content, file_path, host_path, name,"),
        ({"rollback": "xyz=1"}, "rollback.xyz. Supported parameters include: enabled, registry."),
        ({"docker": {"registry": "ghcr.io"}}, "docker.registry. Did you mean: 'docker.registry_url', "),
        ({"rollback": {1: 2}}, "rollback.1. Supported parameters include: enabled, registry."),
    ],
    ids=str,
)
def test_an_unknown_option_is_refused_with_similar_ones(params: dict[str, Any], words: str) -> None:
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
        ("mount", {"application": "web"}, "one of the following is required: path, file_path, mount_id"),
        ("mount", {"application": "web", "target": "/a"}, None),
        ("deployment", {"archive": "a.zip", "path": "a"}, "archive and path are mutually exclusive"),
        (
            "deployment",
            {"handles": [{}]},
            "one of the following is required: handles[0].application_id, handles[0].compose_id",
        ),
        (
            "deployment",
            {"handles": [{"application_id": "a", "compose_id": "c"}]},
            "handles[0].application_id and handles[0].compose_id are mutually exclusive",
        ),
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
def test_rules_between_options(module: str, params: dict[str, Any], words: str | None) -> None:
    problem = first_complaint(OPERATIONS["dokploy_" + module], params)
    assert problem == words


@pytest.mark.parametrize(
    ("module", "params", "words"),
    [
        (
            "application",
            {"name": "web", "state": "deployed"},
            "state is 'deployed'; it must be one of 'present', 'absent', 'started', 'stopped', 'reloaded'. "
            "Use community.dokploy.dokploy_deployment with state=deployed.",
        ),
        (
            "compose",
            {"name": "web", "state": "redeployed"},
            "state is 'redeployed'; it must be one of 'present', 'absent', 'started', 'stopped'. "
            "Use community.dokploy.dokploy_deployment with state=redeployed.",
        ),
        (
            "deployment",
            {"application": "web", "state": "present"},
            "state is 'present'; it must be one of 'deployed', 'redeployed', 'finished', 'cancelled', 'rolled_back'. "
            "Use community.dokploy.dokploy_application or community.dokploy.dokploy_compose with state=present.",
        ),
        # Ansible says what there is.
        ("application", {"name": "web", "state": "up"}, None),
        (
            "deployment",
            {"name": "web"},
            "Unsupported parameters for (community.dokploy.dokploy_deployment) module: name. "
            "Did you mean: 'application', 'compose'?",
        ),
        (
            "domain",
            {"name": "web", "host": "a.example.com"},
            "Unsupported parameters for (community.dokploy.dokploy_domain) module: name. "
            "Did you mean: 'application', 'compose'?",
        ),
    ],
    ids=str,
)
def test_what_another_option_or_module_has(module: str, params: dict[str, Any], words: str | None) -> None:
    assert first_complaint(OPERATIONS["dokploy_" + module], params) == words


def test_rules_between_suboptions_name_their_place() -> None:
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


@pytest.mark.parametrize(
    ("module", "option", "meant"),
    [
        ("dokploy_registry", "user", "username"),
        ("dokploy_basic_auth", "user", "username"),
        ("dokploy_server", "username", "user"),
        ("dokploy_database", "username", "user"),
        ("dokploy_deployment", "health_check", "http_check"),
        ("dokploy_deployment", "healthcheck", "http_check"),
        ("dokploy_application", "http_check", "healthcheck"),
        ("dokploy_schedule", "dokploy_server", "dokploy_host"),
    ],
)
def test_the_other_word_for_a_thing_names_the_option(module: str, option: str, meant: str) -> None:
    operation = OPERATIONS[module]
    assert option not in operation.argument_spec
    problem = first_complaint(operation, {option: "x"})
    assert problem and repr(meant) in problem.partition("Did you mean: ")[2], problem


def test_internal_parameters_of_ansible_are_accepted() -> None:
    assert list(unsupported("m", {}, {}, {"_ansible_check_mode": True}, "")) == []


def test_every_rule_of_every_module_is_checked() -> None:
    def rules(described: dict[str, Any]) -> set[str]:
        return {key for key in described if key.startswith(("mutually", "required_"))}.union(
            *(rules(one) for one in (described.get("options") or {}).values())
        )

    for operation in OPERATIONS.values():
        assert rules({**operation.rules, "options": operation.argument_spec}) <= {
            "mutually_exclusive",
            "required_one_of",
            "required_if",
        }

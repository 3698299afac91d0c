# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of descriptions make of a diff, from what was observed alone."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Diff, Judgement, compare
from ansible_collections.community.dokploy.plugins.module_utils._engine.flow import REQUIREMENTS
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import State
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import ChangeCheck
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.passwords import (
    ChangePassword,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.connection_tests import (
    ConnectionTest,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import FromResponse
from tests.support import sample_rows
from tests.support.host import validated
from tests.support.operations import OPERATIONS
from tests.support.ssh_keys import openssh_key, public_part

RESOURCES = {id(one): one for operation in OPERATIONS.values() for one in operation.resources}
CHECKS = {check: one.label for one in RESOURCES.values() for check in one.checks}


def types_of(function: Callable[..., Any]) -> list[str]:
    """What a function takes and gives."""
    signature = inspect.signature(function)
    return [str(one.annotation) for one in signature.parameters.values()] + [str(signature.return_annotation)]


@pytest.mark.parametrize("check", [*REQUIREMENTS, *CHECKS], ids=lambda one: one.judge.__qualname__)
def test_a_check_gets_what_was_observed_and_nothing_that_writes(check: ChangeCheck) -> None:
    known = "Mapping[str, Any]"
    assert types_of(check.judge) == ["State", "Diff", known, known, "Judgement"]
    if check.observe is not ChangeCheck.observe:
        assert types_of(check.observe) == ["State", "Diff", known, "Reads", known]


def test_the_checks_of_all_descriptions_are_looked_at() -> None:
    assert {"application", "API key", "settings", "server", "AI provider"} <= set(CHECKS.values())


def judged(
    module: str,
    params: dict[str, Any],
    row: dict[str, Any] | None = None,
    known: dict[str, Any] | None = None,
    kind: str = "",
    sent_before: bool = False,
) -> Judgement:
    """What all checks of a resource make of what is stated, one after another."""
    operation = OPERATIONS[f"dokploy_{module}"]
    resource = next(one for one in operation.resources if one.kind == kind)
    name = {} if resource.single or params.get(resource.id_option) else {resource.name_option: "it"}
    place = {"project": "shop"} if len(resource.levels) > 2 else {}
    stated = {**name, **place, **params, **({"type": kind} if kind and not resource.by_suboption else {})}
    stated = validated(operation, dokploy_url="https://dokploy.example.com", dokploy_api_key="key", **stated)
    desired = desire(resource, stated)
    state = State(resource, Target("it"), desired, {}, row, sent_before=sent_before)
    diff, warnings, noted = compare(resource, desired, row), [], []
    for check in resource.checks:
        found = check.judge(state, diff, stated, {"now": NOW, **(known or {})})
        diff, warnings, noted = found.diff, [*warnings, *found.warnings], [*noted, *found.noted]
    return Judgement(diff, tuple(warnings), tuple(noted))


NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
REGISTRY = {"url": "ghcr.io", "username": "bot", "password": "made-up"}
SSH_KEY = {"sshKeyId": "k", "name": "it", "privateKey": openssh_key("one"), "publicKey": "ssh-rsa A"}
POSTGRES = {"postgresId": "p", "name": "it", "databaseName": "d", "databaseUser": "u", "databasePassword": "old"}
STACK = {
    "composeId": "c",
    "name": "it",
    "sourceType": "raw",
    "composeFile": "services: {web: {}, db: {}}",
    "domains": [],
}
RAW = {"row": STACK, "loaded": None}
RUNNING = [{"name": "it.1", "state": "running", "currentState": "Running 5 minutes ago"}]
API_KEY = {"id": "a", "name": "it", "key": "stored", "organizationId": "o"}
VAULT = {"vaultProviderId": "v", "name": "it", "providerType": "doppler", "serviceToken": "********"}
PROJECTS = [{"projectId": "p1", "environments": [{"environmentId": "e1"}]}]


def test_a_connection_test_has_what_will_be_stored() -> None:
    (test,) = judged("registry", {**REGISTRY, "test_connection": True}).diff.tests
    assert isinstance(test, ConnectionTest)
    assert test.test.body == {
        "registryType": "cloud",
        "registryUrl": "ghcr.io",
        "username": "bot",
        "password": "made-up",
    }
    assert judged("registry", REGISTRY).diff.tests == ()


def keys(diff: Diff) -> dict[str, Any]:
    return {change.field.api: change.after for change in diff.changes if change.field.api.endswith("Key")}


def test_a_pair_is_the_stated_one_or_is_generated_first() -> None:
    stated = judged("ssh_key", {"private_key": openssh_key("one")}).diff
    assert keys(stated) == {"privateKey": openssh_key("one"), "publicKey": public_part("one")}
    assert stated.tests == ()
    for params, row, action, kind in (
        ({"generate": "ed25519"}, None, "create", "ed25519"),
        ({"state": "rotated"}, None, "create", "ed25519"),
        ({"state": "rotated"}, SSH_KEY, "replace", "rsa"),
        ({"state": "rotated", "generate": "ed25519"}, SSH_KEY, "replace", "ed25519"),
    ):
        diff = judged("ssh_key", params, row).diff
        (generate,) = diff.tests
        assert isinstance(generate, Write) and not generate.writes
        assert (diff.action, generate.body) == (action, {"type": kind})
        names = ("privateKey", "publicKey")
        assert keys(diff) == {name: FromResponse("sshKey.generate", name) for name in names}
    # What this run has written is not replaced again.
    assert judged("ssh_key", {"state": "rotated"}, SSH_KEY, sent_before=True).diff.empty


DATABASE_PASSWORD = {"password": "new"}


@pytest.mark.parametrize(
    ("module", "params", "row", "known", "message"),
    [
        ("ssh_key", {}, None, {}, "one of private_key and generate is needed to create an SSH key"),
        ("network", {"ipv4": False}, None, {}, "one of ipv4 and ipv6 must be true"),
        (
            "network",
            {"server": "far"},
            None,
            {"servers": [{"serverId": "s", "name": "far", "sshKeyId": None}]},
            "server: 'far' has no SSH key",
        ),
        ("network", {"name": "taken"}, None, {"servers": []}, ""),
        (
            "compose",
            {"domains": [{"host": "a", "service": "api"}]},
            STACK,
            {"row": STACK, "loaded": None},
            "no service",
        ),
        ("compose", {"domains": [{"host": "a", "service": "web"}]}, STACK, {"row": STACK, "loaded": None}, ""),
        ("database", {"external_port": 5432}, POSTGRES, {"uses": {(5432, "tcp"): "x"}, "containers": []}, "used by x"),
        ("database", DATABASE_PASSWORD, POSTGRES, {}, ""),
        ("database", DATABASE_PASSWORD, POSTGRES, {"tasks": RUNNING, "version": (0, 28, 8)}, "needs Dokploy 0.29.0"),
        ("database", DATABASE_PASSWORD, POSTGRES, {"tasks": [], "version": (0, 29, 0)}, "does not run"),
        ("database", {"user": "other"}, POSTGRES, {"tasks": RUNNING, "version": None}, "user cannot be changed"),
        ("api_key", {"api_key_file": "key"}, API_KEY, {"hash": "other"}, "api_key_file key does not have its value"),
        ("api_key", {"api_key_file": "key"}, API_KEY, {"hash": "stored"}, ""),
        ("api_key", {}, None, {}, "one of api_key_file and include_secrets is needed"),
    ],
)
def test_what_is_refused(
    module: str, params: dict[str, Any], row: dict[str, Any] | None, known: dict[str, Any], message: str
) -> None:
    kind = "postgres" if module == "database" else ""
    known = {"domains": [], **known}
    if not message:
        judged(module, params, row, known, kind)
        return
    with pytest.raises(DokployError) as caught:
        judged(module, params, row, known, kind)
    assert message in str(caught.value)


def test_a_password_is_changed_in_what_runs() -> None:
    known = {"tasks": RUNNING, "version": (0, 29, 0)}
    (change,) = judged("database", DATABASE_PASSWORD, POSTGRES, known, "postgres").diff.changes
    assert isinstance(change.step, ChangePassword)
    assert change.step.body == {"postgresId": "p", "password": "new"}
    # Nothing of it was created yet.
    (change,) = judged("database", DATABASE_PASSWORD, POSTGRES, {}, "postgres").diff.changes
    assert change.step is None


def test_the_ports_of_a_new_database_are_noted_for_the_next_one_of_a_loop() -> None:
    login = {"database": "d", "user": "u", "image": "postgres:17"}
    known = {"uses": {}, "containers": [{"name": "other"}]}
    found = judged("database", {**login, "external_port": 5432}, None, known, "postgres")
    new = {"new": ("shop", None, "it"), "ports": ":5432->/tcp"}
    assert found.noted == (("docker.getContainers", "", [{"name": "other"}, new]),)


def test_services_that_are_gone_are_warned_of() -> None:
    row = {**STACK, "domains": [{"domainId": "d", "host": "a", "serviceName": "db"}]}
    found = judged("compose", {"raw": {"content": "services: {web: {}}"}}, row, {"row": row, "loaded": None})
    assert "the Compose file has no service db (domains) any more" in found.warnings[0]


def test_a_host_that_another_service_has_is_warned_of() -> None:
    others = {"domains": [("application 'blog'", sample_rows.domain(host="a.example.com", path="/"))]}
    for host, count in (("a.example.com", 1), ("b.example.com", 0)):
        found = judged("application", {"domains": [{"host": host}]}, sample_rows.application(domains=[]), others)
        assert len(found.warnings) == count


def test_an_invalid_file_is_replaced() -> None:
    row = sample_rows.application(name="it", domains=[], redirects=[])
    for text, action in (("http: {}", "update"), ("http: {routers: {a: {}}}", "none")):
        found = judged("application", {"redirects": []}, row, {"domains": [], "text": text})
        assert (found.diff.action, len(found.diff.more)) == (action, action == "update")


def test_another_key_stands_for_one_whose_value_is_lost() -> None:
    params = {"api_key_file": "key", "replace": True, "remaining": 5}
    found = judged("api_key", params, API_KEY, {"hash": "other"})
    assert (found.diff.action, len(found.diff.keeping)) == ("replace", 1)
    assert judged("api_key", params, API_KEY, {"hash": "stored"}).diff.empty
    assert judged("api_key", params, API_KEY, {"hash": "other"}, sent_before=True).diff.empty


def test_what_was_assigned_and_is_gone_is_left_out() -> None:
    there, gone = ({"projectId": name, "environmentIds": []} for name in ("p1", "p2"))
    row = {**VAULT, "assignments": [there, gone]}
    params = {"vault_provider_id": "v", "name": "new", "doppler": {}}
    found = judged("vault_provider", params, row, {"projects": PROJECTS}, "doppler")
    assert {change.field.api: change.after for change in found.diff.changes} == {"name": "new", "assignments": [there]}


def test_a_server_out_of_reach_gets_no_schedule() -> None:
    hosts = OPERATIONS["dokploy_schedule"].resources
    (check,) = next(one for one in hosts if one.name == "server").checks
    state = State(hosts[0], Target("it"), desire(hosts[0], {}), {})
    assert check.judge(state, Diff("update"), {}, {}) == Judgement(Diff("update"))
    with pytest.raises(Refused, match="cannot connect"):
        check.judge(state, Diff("update"), {}, {"refusal": Refused("cannot connect")})

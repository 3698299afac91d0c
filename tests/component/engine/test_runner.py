# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that catches errors: every kind becomes a failed result in the user's words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils import _errors
from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, Operation, Session, run
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, Issue, ValidationError
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from dokploy_simulator import Simulator
from tests.support.fake_clients import Expect, ScriptedClient, writes
from tests.support.host import Host


def kinds() -> list[type[DokployError]]:
    found: list[type[DokployError]] = []
    waiting = [DokployError]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return sorted(found, key=lambda one: one.__name__)


def performed(perform: Any, *script: Expect, check: bool = False, **operation: Any) -> dict[str, Any]:
    client: Any = ScriptedClient(*script)
    described = Operation("dokploy_test", {"secret": {"type": "str", "no_log": True}}, perform, **operation)
    result = run(described, {}, lambda _params: Session(client), check_mode=check, diff_mode=True)
    client.done()
    return result


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_kind_of_error_becomes_a_failed_result(kind: type[DokployError]) -> None:
    def perform(context: Context) -> dict[str, Any]:
        raise kind("it went wrong", hint="Do this.", procedure="application.one", status=418, details={"ids": ["a"]})

    result = performed(perform)
    assert result["failed"] is True
    assert result["changed"] is False
    assert result["msg"] == "it went wrong. Do this."
    assert result["error"] == {"kind": kind.kind, "procedure": "application.one", "status": 418}
    assert result["ids"] == ["a"]


def test_each_kind_of_error_has_a_name_of_its_own() -> None:
    words = [kind.kind for kind in kinds()]
    assert len(words) == len(set(words))


def test_other_exceptions_are_not_caught() -> None:
    def perform(context: Context) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        performed(perform)


def test_a_record_that_is_gone_may_have_been_removed_meanwhile() -> None:
    def perform(context: Context) -> dict[str, Any]:
        raise _errors.NotFoundError("application.one: Application not found", procedure="application.one", status=404)

    assert performed(perform)["msg"].endswith("Application not found. It may have been removed in the meantime.")


def test_complaints_of_the_server_name_our_options() -> None:
    issues = [
        Issue(("dockerImage",), "Invalid input: expected string"),
        Issue(("middlewares", "0"), "Too small"),
        Issue(("newColumn",), "Required"),
        Issue((), "No body"),
    ]

    def perform(context: Context) -> dict[str, Any]:
        raise ValidationError("x", procedure="application.update", status=400, issues=issues)

    result = performed(perform, option_names=APPLICATION.option_names)
    assert result["msg"] == (
        "application.update refused the input: docker.image: Invalid input: expected string;"
        " domains.middlewares.0: Too small; newColumn: Required; No body"
    )


def test_a_failure_after_a_first_write_has_changed_something() -> None:
    def perform(context: Context) -> dict[str, Any]:
        context.executor.run(Plan((Write("project.create", {"name": "a"}), Write("project.update", {"env": "x"}))))
        return {"changed": True}

    failure = _errors.ServerError("500", procedure="project.update", status=500)
    result = performed(perform, writes("project.create", {}, name="a"), writes("project.update", failure, env="x"))
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["error"]["procedure"] == "project.update"


def test_a_first_write_that_is_refused_has_changed_nothing() -> None:
    def perform(context: Context) -> dict[str, Any]:
        context.executor.run(Plan((Write("project.create", {"name": ""}),)))
        return {"changed": True}

    refusal = ValidationError("400", procedure="project.create", status=400, issues=[Issue(("name",), "Too small")])
    assert performed(perform, writes("project.create", refusal, name=""))["changed"] is False


@pytest.mark.parametrize(
    ("error", "changed"),
    [
        (_errors.ConnectionFailed("reset", details={"effect_unknown": True}), True),
        (_errors.ConnectionFailed("refused", details={"effect_unknown": False}), False),
        (_errors.ServerError("500"), True),
        (_errors.ProtocolError("cut"), True),
        (_errors.PermissionDenied("401"), False),
        (_errors.BadRequest("400"), False),
    ],
)
def test_a_write_counts_as_a_change_when_it_may_have_taken_effect(error: DokployError, changed: bool) -> None:
    def perform(context: Context) -> dict[str, Any]:
        context.executor.run(Plan((Write("project.create", {"name": "a"}),)))
        return {"changed": True}

    assert performed(perform, writes("project.create", error, name="a"))["changed"] is changed


def test_check_mode_sends_nothing_and_warns_as_a_real_run_does() -> None:
    def perform(context: Context) -> dict[str, Any]:
        context.executor.run(Plan((Write("project.create", {"name": "a"}),)))
        context.executor.warnings.append("look out")
        return {"changed": True}

    result = performed(perform, check=True)
    assert result == {"changed": True, "warnings": ["look out"]}


def test_warnings_are_kept_when_it_fails() -> None:
    def perform(context: Context) -> dict[str, Any]:
        context.executor.warnings.append("look out")
        raise DokployError("no")

    assert performed(perform)["warnings"] == ["look out"]


def test_the_secrets_of_the_task_are_registered_before_anything_is_sent() -> None:
    client: Any = ScriptedClient()

    def perform(context: Context) -> dict[str, Any]:
        assert client.secrets == {"hunter2"}
        return {"changed": False}

    described = Operation("dokploy_test", {"secret": {"type": "str", "no_log": True}}, perform)
    result = run(described, {"secret": "hunter2"}, lambda _p: Session(client), check_mode=False, diff_mode=True)
    assert not result.get("failed")


# --- through a real client -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("dokploy_url", "ftp://x", "dokploy_url"),
        ("max_retries", -1, "max_retries must be a number of at least 0"),
        ("request_timeout", 0, "request_timeout must be a number of at least 0.001"),
    ],
)
def test_connection_options_that_cannot_be(sim: Simulator, option: str, value: Any, words: str) -> None:
    host = Host(sim, **{option: value})
    result = host.failed(PROJECT, name="shop")
    assert result["error"]["kind"] == "configuration"
    assert words in result["msg"]
    assert sim.stats()["http"] == 0


def test_a_wrong_key(sim: Simulator) -> None:
    host = Host(sim, dokploy_api_key="wrong-key-wrong-key", rate_limit_timeout=0)
    result = host.failed(PROJECT, name="shop")
    host.close()
    assert result["error"]["kind"] == "authentication"
    assert "wrong-key" not in repr(result)
    assert "\n" not in result["msg"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "status": 500, "body": {"message": "a\nb"}}, "server"),
        ({"kind": "html"}, "server"),
        ({"kind": "reset_before"}, "connection"),
        ({"kind": "redirect", "url": "https://elsewhere.example.com/"}, "redirect"),
        ({"kind": "cut_json"}, "protocol"),
    ],
)
def test_failures_below_the_engine_fail_in_one_line(host: Host, fault: dict[str, Any], kind: str) -> None:
    host.sim.fault(procedure="project.all", times=-1, **fault)
    result = host.failed(PROJECT, name="shop")
    assert result["error"]["kind"] == kind
    assert result["changed"] is False
    assert "\n" not in result["msg"]


def test_a_refusal_of_the_server_names_the_option_and_never_the_secret(host: Host) -> None:
    body = {
        "message": 'Failed query: update "project" set ... params: hunter2-hunter2',
        "code": "INTERNAL_SERVER_ERROR",
        "data": {"code": "INTERNAL_SERVER_ERROR", "httpStatus": 500, "path": "project.update", "zodError": None},
    }
    host.ok(PROJECT, name="shop")
    host.sim.fault("status", "project.update", status=500, body=body, times=-1)
    result = host.failed(PROJECT, name="shop", env={"A": "hunter2-hunter2"})
    assert "hunter2" not in repr(result)
    assert "\n" not in result["msg"]
    assert result["changed"]


def test_opening_a_session_uses_the_connection_options(sim: Simulator) -> None:
    client = (
        Host(sim, request_timeout=7, max_retries=2)
        .open(
            {
                "dokploy_url": sim.url,
                "dokploy_api_key": sim.key,
                "auth_scheme": "api_key",
                "validate_certs": True,
                "ca_path": None,
                "request_timeout": 7,
                "max_retries": 2,
                "rate_limit_timeout": 1,
            }
        )
        .client
    )
    assert isinstance(client, Client)
    assert (client.config.request_timeout, client.config.max_retries, client.config.auth_scheme) == (7, 2, "api_key")
    client.close()


@pytest.mark.parametrize("include_secrets", [False, True])
def test_a_result_quotes_neither_the_key_nor_a_password(include_secrets: bool) -> None:
    def perform(context: Context) -> dict[str, Any]:
        context.warn(["of the-key-of-the-test"])
        return {"changed": True, "row": {"note": ["it is hunter22", "the-key-of-the-test"], "hunter22": 1}}

    operation = Operation("dokploy_test", {"secret": {"type": "str", "no_log": True}, "env": {"no_log": True}}, perform)
    params = {"dokploy_api_key": "the-key-of-the-test", "secret": "hunter22", "env": "row", "dokploy_url": "http://d"}
    params["include_secrets"] = include_secrets  # type: ignore[assignment]
    client: Any = ScriptedClient()
    result = run(operation, params, lambda _params: Session(client), check_mode=False, diff_mode=True)
    note = "it is hunter22" if include_secrets else "it is ********"
    assert result["row"] == {"note": [note, "********"], "hunter22": 1}
    assert result["warnings"] == ["of ********"] and result["changed"] is True

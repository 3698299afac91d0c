# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a diff to requests: which, in which order, with which bodies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import compare
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import (
    SELF,
    Outcome,
    Plan,
    Precondition,
    Step,
    Write,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.planning import plan_present
from ansible_collections.community.dokploy.plugins.module_utils._engine.uniqueness import EnsureUnique
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, NotFoundError, ServerError
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import ENVIRONMENT, PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.server_limits import LIMITS
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import FromResponse
from tests.support import sample_rows
from tests.support.fake_clients import Expect, ScriptedClient, writes
from tests.support.sample_rows import APPLICATION_ID, ENVIRONMENT_ID, PROJECT_ID


def whole_plan(resource: Resource, row: Any, parent_id: str | None = None, **params: Any) -> tuple[Step, ...]:
    resource_id = None if row is None else row[resource.id_key]
    return tuple(plan_present(resource, compare(resource, desire(resource, params), row), resource_id, parent_id))


def planned(resource: Resource, row: Any, parent_id: str | None = None, **params: Any) -> tuple[Step, ...]:
    """The writes without their preconditions."""
    steps = whole_plan(resource, row, parent_id, **params)
    return tuple(replace(step, precondition=None) for step in steps if isinstance(step, Write))


def test_one_changed_application_is_one_write() -> None:
    row = sample_rows.application()
    steps = planned(APPLICATION, row, replicas=2, env={"A": "1"}, docker={"image": "nginx"}, build={"type": "static"})
    body = {
        "applicationId": APPLICATION_ID,
        "sourceType": "docker",
        "dockerImage": "nginx",
        "buildType": "static",
        "env": "A=1",
        "replicas": 2,
    }
    assert steps == (Write("application.update", body),)


def test_an_unchanged_application_is_no_write() -> None:
    assert planned(APPLICATION, sample_rows.application(), name="web", replicas=1) == ()


def test_a_creation_sends_what_it_takes_and_an_update_the_rest() -> None:
    steps = planned(APPLICATION, None, ENVIRONMENT_ID, name="web", app_name="shop-web", replicas=2)
    assert steps == (
        Write(
            "application.create",
            {"name": "web", "appName": "shop-web", "environmentId": ENVIRONMENT_ID},
            saves=SELF,
        ),
        Write("application.update", {"applicationId": FromResponse(SELF, "applicationId"), "replicas": 2}),
    )


def test_a_project_is_created_in_one_request_and_its_answer_is_wrapped() -> None:
    steps = planned(PROJECT, None, name="shop", env={"A": "1"})
    assert steps == (Write("project.create", {"name": "shop", "env": "A=1"}, saves=SELF, row=("project",)),)


def test_the_variables_of_an_environment_are_ignored_at_creation_and_follow() -> None:
    steps = planned(ENVIRONMENT, None, PROJECT_ID, name="staging", env={"A": "1"})
    assert steps == (
        Write("environment.create", {"name": "staging", "projectId": PROJECT_ID}, saves=SELF),
        Write("environment.update", {"environmentId": FromResponse(SELF, "environmentId"), "env": "A=1"}),
    )


def test_the_unchanged_name_of_a_default_environment_is_never_sent() -> None:
    """environment.update refuses the name of the default environment even when it is the same."""
    row = {"environmentId": ENVIRONMENT_ID, "name": "production", "isDefault": True, "env": ""}
    steps = planned(ENVIRONMENT, row, name="production", env={"A": "1"})
    assert steps == (Write("environment.update", {"environmentId": ENVIRONMENT_ID, "env": "A=1"}),)


def test_children_of_a_new_application_wait_for_its_id() -> None:
    steps = planned(
        APPLICATION, None, ENVIRONMENT_ID, name="web", mounts=[{"path": "/d", "type": "volume", "name": "v"}]
    )
    assert steps[1:] == (
        Write(
            "mounts.create",
            {
                "serviceId": FromResponse(SELF, "applicationId"),
                "serviceType": "application",
                "mountPath": "/d",
                "type": "volume",
                "volumeName": "v",
            },
            saves="child0",
            in_flight=LIMITS,
        ),
    )


def test_children_are_added_and_changed_before_any_is_removed() -> None:
    rows = [sample_rows.domain(1), sample_rows.domain(2, path="/x")]
    steps = planned(
        APPLICATION,
        sample_rows.application(domains=rows),
        domains=[{"host": "a.example.com", "path": "/x", "port": 80}, {"host": "b.example.com"}],
    )
    assert steps == (
        # domain.update wants the host each time.
        Write(
            "domain.update",
            {"domainId": rows[1]["domainId"], "host": "a.example.com", "port": 80},
            in_flight=LIMITS,
        ),
        Write(
            "domain.create",
            {"applicationId": APPLICATION_ID, "domainType": "application", "host": "b.example.com", "path": "/"},
            saves="child1",
            in_flight=LIMITS,
        ),
        Write("domain.delete", {"domainId": rows[0]["domainId"]}, missing_ok=True, in_flight=LIMITS),
    )


def test_a_creation_has_a_precondition_and_is_checked_for_uniqueness() -> None:
    turns = []
    for resource, parent_id in ((PROJECT, None), (ENVIRONMENT, PROJECT_ID), (APPLICATION, ENVIRONMENT_ID)):
        create, look = whole_plan(resource, None, parent_id, name="shop")
        assert isinstance(create, Write)
        assert create.precondition is not None
        # The tree was read for it.
        assert create.precondition.read == "project.all"
        assert look == EnsureUnique(resource, (), parent_id, "shop")
        turns.append(create.precondition.what)
    assert turns == [
        ("project.create", None, "shop"),
        ("environment.create", PROJECT_ID, "shop"),
        ("application.create", ENVIRONMENT_ID, "shop"),
    ]


def test_a_write_that_is_built_on_a_read_has_a_precondition() -> None:
    row = sample_rows.application(env="A=1", buildArgs="", labelsSwarm={"a": "1"})
    own = Precondition((APPLICATION_ID,), APPLICATION_ID)
    for params, precondition in (
        ({"env": {"B": "1"}, "env_mode": "merge"}, own),
        ({"labels": {"a": "2"}}, own),
        ({"env": {"B": "1"}}, own),
        ({"env": "B=1"}, None),
        ({"env": {}}, None),
        ({"build_args": {"B": "1"}}, None),
        ({"replicas": 2}, None),
    ):
        (step,) = whole_plan(APPLICATION, row, **params)
        assert isinstance(step, Write)
        assert step.precondition == precondition, params


def test_writes_of_children_have_preconditions() -> None:
    row = {"publishedPort": 80, "targetPort": 80, "protocol": "tcp", "publishMode": "ingress"}
    rows = [{**row, "portId": "port-one", "applicationId": APPLICATION_ID}]
    wanted = [{"published_port": 80, "target_port": 9}, {"published_port": 7, "target_port": 7}]
    update, create = whole_plan(APPLICATION, sample_rows.application(ports=rows), ports=wanted)
    assert isinstance(update, Write)
    assert isinstance(create, Write)
    assert update.precondition == Precondition((rows[0]["portId"],), APPLICATION_ID)
    assert create.precondition is not None
    assert create.precondition.read == APPLICATION_ID
    assert create.precondition.what == ("port.create", APPLICATION_ID, "7/tcp")


def test_writes_after_a_creation_have_preconditions() -> None:
    resource_id = FromResponse(SELF, "applicationId")
    port = {"published_port": 7, "target_port": 7}
    _create, update, child, look = whole_plan(
        APPLICATION, None, ENVIRONMENT_ID, name="web", env={"B": "1"}, env_mode="merge", ports=[port]
    )
    assert isinstance(update, Write)
    assert isinstance(child, Write)
    assert isinstance(look, EnsureUnique)
    assert update.precondition == Precondition((resource_id,), "project.all")
    assert child.precondition == Precondition(("port.create", resource_id, "7/tcp"), "project.all")


def test_a_replaced_mount_is_removed_and_created_at_once() -> None:
    row = sample_rows.application(mounts=[sample_rows.mount()])
    steps = planned(APPLICATION, row, mounts=[{"path": "/data", "type": "bind", "host_path": "/srv"}])
    assert [step.procedure for step in steps if isinstance(step, Write)] == ["mounts.remove", "mounts.create"]


# --- carried out -----------------------------------------------------------------------------------------------------


def carried_out(plan: Plan, *script: Expect, check: bool = False) -> tuple[Executor, Any]:
    client: Any = ScriptedClient(*script)
    executor = Executor(client, Reads(client), Waiter(), check)
    outcome = executor.run(plan)
    client.done()
    return executor, outcome


CREATE = Plan(
    (
        Write("project.create", {"name": "shop"}, saves=SELF, row=("project",)),
        Write("project.update", {"projectId": FromResponse(SELF, "projectId"), "env": "A=1"}),
    )
)


def test_the_id_of_a_creation_goes_into_what_follows() -> None:
    answer = {"project": {"projectId": PROJECT_ID, "name": "shop"}, "environment": {}}
    executor, outcome = carried_out(
        CREATE,
        writes("project.create", answer, name="shop"),
        writes("project.update", {}, projectId=PROJECT_ID, env="A=1"),
    )
    assert outcome.sent
    assert executor.sent
    assert outcome.rows == {SELF: answer["project"]}


def test_an_id_of_an_earlier_answer_is_found_at_any_depth() -> None:
    outcome = Outcome(rows={"net": {"networkId": "n-1"}, SELF: {"projectId": "p-1"}})
    network, project = FromResponse("net", "networkId"), FromResponse(SELF, "projectId")
    body = {
        "name": "web",
        "networkIds": ["n-0", network],
        "assignments": [{"projectId": project, "environmentIds": ()}],
    }
    assert outcome.value(body) == {
        "name": "web",
        "networkIds": ["n-0", "n-1"],
        "assignments": [{"projectId": "p-1", "environmentIds": []}],
    }
    with pytest.raises(DokployError, match="does not say which sshKeyId it created"):
        outcome.value([{"keys": [FromResponse("net", "sshKeyId")]}])


def test_check_mode_carries_out_nothing() -> None:
    executor, outcome = carried_out(CREATE, check=True)
    assert (outcome.sent, executor.sent, outcome.rows) == (False, False, {})


@pytest.mark.parametrize("answer", [True, None, {}, {"project": {}}, {"project": None}])
def test_an_answer_without_an_id_is_an_error(answer: Any) -> None:
    with pytest.raises(DokployError, match="does not say which projectId it created"):
        carried_out(CREATE, writes("project.create", answer, name="shop"))


def test_removing_what_does_not_exist_succeeds() -> None:
    gone = NotFoundError("Domain not found", procedure="domain.delete")
    removal = Write("domain.delete", {"domainId": "d"}, missing_ok=True)
    _executor, outcome = carried_out(Plan((removal,)), writes("domain.delete", gone, domainId="d"))
    assert outcome.sent
    with pytest.raises(NotFoundError):
        carried_out(Plan((Write("domain.update", {"domainId": "d"}),)), writes("domain.update", gone, domainId="d"))
    with pytest.raises(ServerError):
        carried_out(Plan((removal,)), writes("domain.delete", ServerError("500"), domainId="d"))


def test_another_record_that_is_missing_is_an_error() -> None:
    """application.delete can fail with "Server not found" too, and then the application lives on."""
    error = NotFoundError("Server not found", procedure="application.delete")
    error.what = "Server"
    removal = Plan((Write("application.delete", {"applicationId": "a"}, missing_ok=True),))
    with pytest.raises(NotFoundError):
        carried_out(removal, writes("application.delete", error, applicationId="a"))


def test_a_procedure_that_blocks_gets_its_own_timeout() -> None:
    stop = Plan((Write("application.stop", {"applicationId": "a"}, timeout=120.0),))
    carried_out(stop, writes("application.stop", {}, 120.0, applicationId="a"))

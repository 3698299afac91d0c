# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments of one application and of many: on scripted answers, and on the simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    OptionError,
    PermissionDenied,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment_history import (
    INFO_OPERATION,
    STATUSES,
    list_deployments,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support import sample_rows
from tests.support.builders import wait_until_idle
from tests.support.fake_clients import Expect, ScriptedClient, batch, reads
from tests.support.host import Host, judged, validated

Row = dict[str, Any]

# Not in the order of their names, as the server's are not.
TREE = [
    sample_rows.project(
        environments=[
            sample_rows.environment(
                name="staging",
                environmentId="id-staging",
                isDefault=False,
                applications=[sample_rows.service("web", "id-staging-web")],
            ),
            sample_rows.environment(
                applications=[sample_rows.service("web", "id-web"), sample_rows.service("api", "id-api")],
            ),
            sample_rows.environment(name="empty", environmentId="id-empty", isDefault=False),
        ]
    ),
    sample_rows.project(
        name="blog", projectId="id-blog", environments=[sample_rows.environment(environmentId="id-blog-e")]
    ),
    sample_rows.project(name="twin", projectId="id-twin-1"),
    sample_rows.project(name="twin", projectId="id-twin-2"),
]
PROJECTS = reads("project.all", TREE)
PRODUCTION = ["id-api", "id-web"]
ALL = [*PRODUCTION, "id-staging-web"]
IDLE = {"waiting": 0, "active": 0, "ahead": 0}


def at(minute: int) -> str:
    return "2026-03-14T09:%02d:00.000Z" % minute


def row(minute: int, status: str = "done", **values: Any) -> Row:
    """A deployment whose id says when it was begun, so that the order can be seen."""
    return sample_rows.deployment(1, deploymentId="d%02d" % minute, status=status, createdAt=at(minute), **values)


def looks(rows: dict[str, Any], jobs: Any = ()) -> Expect:
    """The one batch: the deployments of these applications, and the queue."""
    items = [
        ("deployment.all", {"applicationId": resource_id}, [{**one, "applicationId": resource_id} for one in found])
        if isinstance(found, list)
        else ("deployment.all", {"applicationId": resource_id}, found)
        for resource_id, found in rows.items()
    ]
    return batch(*items, ("deployment.queueList", {}, jobs if isinstance(jobs, DokployError) else list(jobs)))


def logs(lines: int, found: list[tuple[str, str, Any, Any]]) -> Expect:
    """The batch of the logs: deployment, application, and what the queries for the log and the row answer."""
    items = []
    for deployment_id, application_id, text, application in found:
        items.append(("deployment.readLogs", {"deploymentId": deployment_id, "tail": lines}, text))
        items.append(("application.one", {"applicationId": application_id}, application))
        items.append(("patch.byEntityId", {"id": application_id, "type": "application"}, []))
    return batch(*items)


def listed(*script: Expect, **params: Any) -> dict[str, Any]:
    """The result of exactly these requests."""
    client: Any = ScriptedClient(*script)
    nothing: Any = None
    checked = validated(INFO_OPERATION, dokploy_url="http://dokploy", dokploy_api_key="key", **params)
    result = list_deployments((APPLICATION,), Context(checked, client, Reads(client), nothing, nothing))
    client.done()
    return result


def ids(result: dict[str, Any]) -> list[str]:
    return [one["deployment_id"] for one in result["deployments"]]


# --- which applications ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "looked_at"),
    [
        ({"project": "shop", "application": "web"}, ["id-web"]),
        ({"project": "shop", "application": "id-web"}, ["id-web"]),
        ({"project": "shop", "environment": "production", "application": "web"}, ["id-web"]),
        ({"project": "shop", "environment": "staging", "application": "web"}, ["id-staging-web"]),
        ({"project": sample_rows.PROJECT_ID, "environment": "id-staging", "application": "web"}, ["id-staging-web"]),
        ({"project": "shop", "environment": "production"}, PRODUCTION),
        ({"project": "shop", "environment": "id-staging"}, ["id-staging-web"]),
        ({"project": "shop"}, ALL),
        ({"project": sample_rows.PROJECT_ID}, ALL),
    ],
)
def test_the_tree_and_one_batch(params: dict[str, Any], looked_at: list[str]) -> None:
    result = listed(PROJECTS, looks({resource_id: [row(1)] for resource_id in looked_at}), **params)
    assert not result["changed"]
    assert [one["application_id"] for one in result["applications"]] == looked_at
    one = "application" in params
    assert result["application_id"] == (looked_at[0] if one else None)
    assert result["queue"] == (IDLE if one else None)


@pytest.mark.parametrize("params", [{"project": "shop", "environment": "empty"}, {"project": "blog"}])
def test_without_an_application_nothing_more_is_read(params: dict[str, Any]) -> None:
    result = listed(PROJECTS, log_lines=5, **params)
    assert (result["deployments"], result["applications"], result["queue"]) == ([], [], None)


def test_an_id_needs_no_tree() -> None:
    whole = sample_rows.application(environment={"name": "production", "project": {"name": "shop"}})
    resource_id = sample_rows.APPLICATION_ID
    one = reads("application.one", whole, applicationId=resource_id)
    result = listed(one, looks({resource_id: [row(1)]}), application_id=resource_id)
    names = {"application": "web", "environment": "production", "project": "shop"}
    assert names.items() <= result["deployments"][0].items()
    assert names.items() <= result["applications"][0].items()
    assert (result["application_id"], result["queue"]) == (resource_id, IDLE)


def test_unknown_names_are_null() -> None:
    resource_id = sample_rows.APPLICATION_ID
    result = listed(
        reads("application.one", sample_rows.application(), applicationId=resource_id),
        looks({resource_id: []}),
        application_id=resource_id,
    )
    assert (result["applications"][0]["environment"], result["applications"][0]["project"]) == (None, None)


def test_names_are_those_of_the_server_when_ids_were_given() -> None:
    address = {"project": sample_rows.PROJECT_ID, "environment": "id-staging", "application": "id-staging-web"}
    (one,) = listed(PROJECTS, looks({"id-staging-web": [row(1)]}), **address)["deployments"]
    assert (one["application"], one["environment"], one["project"]) == ("web", "staging", "shop")


def test_the_applications_are_sorted_by_name() -> None:
    result = listed(PROJECTS, looks({resource_id: [] for resource_id in ALL}), project="shop")
    assert [(one["environment"], one["application"]) for one in result["applications"]] == [
        ("production", "api"),
        ("production", "web"),
        ("staging", "web"),
    ]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"environment": "production"}, "project is needed to find the environment 'production' by its name"),
        ({"application": "web"}, "project is needed to find the application 'web' by its name"),
        (
            {"application": "web", "environment": "production"},
            "project is needed to find the application 'web' by its name",
        ),
        *(
            ({"project": "shop", option: ""}, f"{option} must not be empty")
            for option in ("application", "application_id", "environment", "project", "deployment_id")
        ),
        ({"project": "shop", "limit": 0}, "limit is 0; it must be 1 or more"),
        ({"project": "shop", "limit": -1}, "limit is -1; it must be 1 or more"),
        ({"project": "shop", "log_lines": -1}, "log_lines is -1; it must be 0 to 10000"),
        ({"project": "shop", "log_lines": 10001}, "log_lines is 10001; it must be 0 to 10000"),
        ({"project": "shop", "since": ""}, "since: '' is neither an age nor a date"),
        ({"project": "shop", "since": "1 day"}, "since: '1 day' is neither an age nor a date"),
    ],
    ids=str,
)
def test_invalid_options_are_refused_before_anything_is_read(params: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as refused:
        listed(**params)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {},
            "one of the following is required: application, application_id, compose, compose_id, environment, project",
        ),
        ({"status": "error", "since": "1d"}, "one of the following is required"),
        ({"project": None}, "one of the following is required"),
        ({"project": "shop", "status": ["done", "failed"]}, "value of status must be one or more of"),
        ({"project": "shop", "limit": "some"}, "limit"),
    ],
    ids=str,
)
def test_what_the_argument_spec_refuses(params: dict[str, Any], words: str) -> None:
    connection = {"dokploy_url": "http://dokploy", "dokploy_api_key": "key"}
    assert words in judged(INFO_OPERATION, {**connection, **params})


@pytest.mark.parametrize(
    ("params", "kind", "words"),
    [
        ({"project": "shp"}, "reference", ["project: no project is named 'shp'", "'shop'"]),
        ({"project": "shop", "environment": "prod"}, "reference", ["environment: no environment", "'production'"]),
        ({"project": "shop", "application": "wbe"}, "reference", ["application: no application", "'web'"]),
        ({"project": "twin"}, "ambiguous", ["project: 2 projects", "id-twin-1, id-twin-2"]),
    ],
)
def test_unknown_names_are_listed_with_similar_ones(params: dict[str, Any], kind: str, words: list[str]) -> None:
    with pytest.raises(DokployError) as refused:
        listed(PROJECTS, **params)
    assert refused.value.kind == kind
    assert all(word in str(refused.value) for word in words)


def test_an_unknown_id_is_an_error_though_it_has_no_deployments() -> None:
    with pytest.raises(NotFoundError, match="application_id: there is no application 'nope'"):
        listed(reads("application.one", NotFoundError("404"), applicationId="nope"), application_id="nope")


# --- what is shown of them -------------------------------------------------------------------------------------------

WEB = {"id-web": [row(50, "running"), row(40, "error"), row(30, "cancelled"), row(20), row(10)]}
SHOP = {
    "id-api": [row(55), row(35, "error")],
    "id-web": WEB["id-web"],
    "id-staging-web": [row(45, "error"), row(5, "error")],
}
EVERYTHING = ["d55", "d50", "d45", "d40", "d35", "d30", "d20", "d10", "d05"]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({}, EVERYTHING),
        ({"status": []}, EVERYTHING),
        ({"status": list(STATUSES)}, EVERYTHING),
        ({"status": "error"}, ["d45", "d40", "d35", "d05"]),
        ({"status": "done"}, ["d55", "d20", "d10"]),
        ({"status": "running,cancelled"}, ["d50", "d30"]),
        ({"limit": 1}, ["d55", "d50", "d45"]),
        ({"limit": 100}, EVERYTHING),
        # Filters first, then the limit of each application.
        ({"limit": 1, "status": ["error"]}, ["d45", "d40", "d35"]),
        ({"limit": 2, "status": ["done", "cancelled"]}, ["d55", "d30", "d20"]),
        # At the time or later.
        ({"since": at(40)}, ["d55", "d50", "d45", "d40"]),
        ({"since": "2026-03-14T09:40:00.001Z"}, ["d55", "d50", "d45"]),
        ({"since": "2026-03-14T10:45+01:00"}, ["d55", "d50", "d45"]),
        ({"since": "2026-03-14 09:45"}, ["d55", "d50", "d45"]),
        ({"since": "2026-03-14"}, EVERYTHING),
        ({"since": "2026-03-15"}, []),
        ({"since": at(40), "status": "error", "limit": 5}, ["d45", "d40"]),
        ({"deployment_id": "d20"}, ["d20"]),
        ({"deployment_id": "d20", "limit": 1}, ["d20"]),
        ({"deployment_id": "d30", "status": "done"}, []),
        ({"deployment_id": "nope"}, []),
    ],
    ids=str,
)
def test_filters(filters: dict[str, Any], left: list[str]) -> None:
    result = listed(PROJECTS, looks(SHOP), project="shop", **filters)
    assert ids(result) == left
    # What is said of the applications does not hang on them.
    newest = [(one["newest"]["deployment_id"], one["newest_good"]) for one in result["applications"]]
    assert [(one, good and good["deployment_id"]) for one, good in newest] == [
        ("d55", "d55"),
        ("d50", "d20"),
        ("d45", None),
    ]


@pytest.mark.parametrize(("age", "left"), [("90m", ["d1"]), ("3h", ["d1", "d2"]), ("1w", ["d1", "d2", "d3"])])
def test_an_age_is_counted_from_now(age: str, left: list[str]) -> None:
    now = datetime.now(UTC)
    rows = [
        sample_rows.deployment(1, deploymentId="d%d" % number, createdAt=_said(now - timedelta(hours=ago)))
        for number, ago in enumerate((1, 2, 100), 1)
    ]
    assert ids(listed(PROJECTS, looks({"id-web": rows}), project="shop", application="web", since=age)) == left


def _said(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_newest_deployment_comes_first() -> None:
    rows = [row(10), row(30), row(20, "error")]
    result = listed(PROJECTS, looks({"id-web": rows}), project="shop", application="web", limit=2)
    assert ids(result) == ["d30", "d20"]
    assert result["applications"][0]["newest"]["deployment_id"] == "d30"


def test_a_row_without_a_time_is_shown_but_never_since() -> None:
    rows = {"id-web": [{**row(10), "createdAt": None}, row(30)]}
    address = {"project": "shop", "application": "web"}
    assert sorted(ids(listed(PROJECTS, looks(rows), **address))) == ["d10", "d30"]
    assert ids(listed(PROJECTS, looks(rows), since="2020-01-01", **address)) == ["d30"]


def test_the_facts_of_a_deployment() -> None:
    commit = "55535fa801027e9db17c59d2b403bd9691fad457"
    rows = [row(1, description=f"Commit: {commit}", title="Say hello")]
    result = listed(PROJECTS, looks({"id-web": rows}), project="shop", application="web")
    (one,) = result["deployments"]
    assert (one["title"], one["commit"], one["created_at"], one["duration"]) == ("Say hello", commit, at(1), 0.129)
    names = {"application": "web", "environment": "production", "project": "shop"}
    assert result["applications"] == [
        {
            "application_id": "id-web",
            **names,
            "newest": {name: value for name, value in one.items() if name not in names},
            "newest_good": result["applications"][0]["newest"],
            "queue": IDLE,
        }
    ]


def test_an_application_without_deployments() -> None:
    result = listed(PROJECTS, looks({"id-web": []}), project="shop", application="web", log_lines=5)
    (one,) = result["applications"]
    assert (result["deployments"], one["newest"], one["newest_good"]) == ([], None, None)


def test_each_application_has_its_queue() -> None:
    jobs = [
        sample_rows.job(4, "waiting", "id-web"),
        sample_rows.job(3, "waiting", "id-web"),
        sample_rows.job(2, "waiting", "id-api"),
        sample_rows.job(1, "active", "id-web"),
    ]
    result = listed(PROJECTS, looks({resource_id: [] for resource_id in ALL}, jobs), project="shop")
    assert [one["queue"] for one in result["applications"]] == [
        {"waiting": 1, "active": 0, "ahead": 1},
        {"waiting": 2, "active": 1, "ahead": 3},
        IDLE,
    ]
    assert result["queue"] is None


@given(
    rows=st.lists(
        st.lists(st.tuples(st.integers(0, 59), st.sampled_from(STATUSES)), max_size=8), min_size=3, max_size=3
    ),
    status=st.lists(st.sampled_from(STATUSES), max_size=2),
    limit=st.none() | st.integers(1, 4),
    start=st.none() | st.integers(0, 59),
)
def test_any_filters_on_any_deployments(rows: Any, status: list[str], limit: int | None, start: int | None) -> None:
    answers = {resource_id: [row(*one) for one in own] for resource_id, own in zip(ALL, rows, strict=True)}
    params = {"project": "shop", "status": status, "limit": limit, "since": None if start is None else at(start)}
    result = listed(PROJECTS, looks(answers), **{name: value for name, value in params.items() if value is not None})
    shown = [(one["application_id"], one["created_at"], one["status"]) for one in result["deployments"]]
    assert [when for _own_id, when, _status in shown] == sorted((one[1] for one in shown), reverse=True)
    for resource_id, own in zip(ALL, rows, strict=True):
        wanted = [at(minute) for minute, one in own if (not status or one in status) and minute >= (start or 0)]
        assert [when for of, when, _status in shown if of == resource_id] == sorted(wanted, reverse=True)[:limit]
    assert all(not status or one in status for _own_id, _when, one in shown)


# --- the logs --------------------------------------------------------------------------------------------------------


def test_the_logs_of_the_newest_deployments_are_read_in_one_batch() -> None:
    secret = sample_rows.application(env="TOKEN=hunter2")
    other = sample_rows.application(
        env="TOKEN=passw0rd", environment={"env": "", "project": {"env": "KEY=of-the-project"}}
    )
    read = logs(
        2,
        [
            ("d35", "id-api", "0\nsays hunter2 and passw0rd\nError\n\n", secret),
            ("d40", "id-web", "passw0rd of-the-project", other),
            ("d45", "id-staging-web", "\n", secret),
        ],
    )
    result = listed(PROJECTS, looks(SHOP), read, project="shop", status="error", log_lines=2)
    assert ids(result) == ["d45", "d40", "d35", "d05"]
    assert [one.get("log") for one in result["deployments"]] == [
        [],
        ["******** ********"],
        ["says ******** and passw0rd", "Error"],
        None,
    ]
    assert not any("log" in one["newest"] for one in result["applications"])


def test_the_log_of_one_deployment() -> None:
    read = logs(9, [("d20", "id-web", "one\ntwo", sample_rows.application())])
    address = {"project": "shop", "application": "web", "deployment_id": "d20", "log_lines": 9}
    assert listed(PROJECTS, looks(WEB), read, **address)["deployments"][0]["log"] == ["one", "two"]


@pytest.mark.parametrize("params", [{}, {"log_lines": 0}, {"log_lines": 5, "since": "2030-01-01"}])
def test_no_log_is_read_without_need(params: dict[str, Any]) -> None:
    listed(PROJECTS, looks(WEB), project="shop", application="web", **params)


@pytest.mark.parametrize("error", [UnknownProcedure("404"), NotFoundError("404")])
@pytest.mark.parametrize("which", ["log", "application"])
def test_a_log_that_cannot_be_read_or_masked_is_empty(error: DokployError, which: str) -> None:
    found = (error, sample_rows.application()) if which == "log" else ("hunter2", error)
    read = logs(5, [("d55", "id-api", *found), ("d50", "id-web", "fine", sample_rows.application())])
    shop = {resource_id: SHOP[resource_id] for resource_id in PRODUCTION}
    result = listed(PROJECTS, looks(shop), read, project="shop", environment="production", log_lines=5, limit=1)
    assert [one["log"] for one in result["deployments"]] == [[], ["fine"]]


@pytest.mark.parametrize("which", ["log", "application"])
def test_another_error_of_a_log_is_raised_and_shows_nothing_of_it(which: str) -> None:
    error = PermissionDenied("you may not")
    found = (error, sample_rows.application()) if which == "log" else ("hunter2", error)
    with pytest.raises(PermissionDenied) as refused:
        listed(
            PROJECTS, looks(WEB), logs(5, [("d50", "id-web", *found)]), project="shop", application="web", log_lines=5
        )
    assert "hunter2" not in str(refused.value)


# --- what the server says --------------------------------------------------------------------------------------------


def test_an_application_removed_meanwhile_is_left_out() -> None:
    answers = {**SHOP, "id-api": NotFoundError("Application not found")}
    result = listed(PROJECTS, looks(answers), project="shop")
    assert [one["application_id"] for one in result["applications"]] == ["id-web", "id-staging-web"]
    assert "d55" not in ids(result)


def test_the_named_application_removed_meanwhile_is_an_error() -> None:
    with pytest.raises(NotFoundError):
        listed(PROJECTS, looks({"id-web": NotFoundError("gone")}), project="shop", application="web")


@pytest.mark.parametrize("address", [{"application": "web"}, {"environment": "production"}, {}])
@pytest.mark.parametrize(
    "error", [PermissionDenied("You don't have access"), ServerError("500"), UnknownProcedure("404")]
)
def test_other_errors_are_raised(address: dict[str, Any], error: DokployError) -> None:
    looked_at = ["id-web"] if "application" in address else PRODUCTION if address else ALL
    with pytest.raises(type(error)):
        listed(PROJECTS, looks(dict.fromkeys(looked_at, error)), project="shop", **address)
    with pytest.raises(type(error)):
        listed(
            PROJECTS,
            looks({**{resource_id: [] for resource_id in looked_at}, looked_at[-1]: error}),
            project="shop",
            **address,
        )


@pytest.mark.parametrize("error", [PermissionDenied("You don't have access"), ServerError("500")])
def test_an_error_of_the_queue_is_raised(error: DokployError) -> None:
    with pytest.raises(type(error)):
        listed(PROJECTS, looks({resource_id: [] for resource_id in ALL}, error), project="shop")


def test_a_server_without_the_list_of_the_queue() -> None:
    missing = UnknownProcedure("404")
    one = listed(PROJECTS, looks(WEB, missing), project="shop", application="web")
    assert (one["queue"], one["applications"][0]["queue"], len(one["deployments"])) == (None, None, 5)
    many = listed(PROJECTS, looks(SHOP, missing), project="shop")
    assert [one["queue"] for one in many["applications"]] == [None, None, None]


# --- on the simulator ------------------------------------------------------------------------------------------------

DOCKER = {"sourceType": "docker", "dockerImage": "nginx"}
GIT = {"sourceType": "git", "customGitUrl": "https://git.example.com/web.git", "customGitBranch": "main"}


def seeded(host: Host, name: str, environment: str = "production", number: int = 1, **fields: Any) -> list[str]:
    made = host.sim.seed(
        project="shop", environment=environment, applications=number, name=name, fields=fields or DOCKER
    )
    return [str(resource_id) for resource_id in made["applicationIds"]]


def deploy(host: Host, application: str, title: str = "by hand", result: str = "done") -> None:
    """Deploy it and wait until every build has ended."""
    host.sim.config(next_results=[result])
    host.sim.act(deploy=application, title=title)
    wait_until_idle(host)


def test_deployments_are_listed_newest_first_with_the_queue(host: Host) -> None:
    (resource_id,) = seeded(host, "web")
    for title in ("first", "second"):
        deploy(host, "web", title)
    host.sim.reset_stats()
    result = host.ok(INFO_OPERATION, project="shop", application="web", log_lines=3)
    assert not result["changed"]
    assert [one["title"] for one in result["deployments"]] == ["second", "first"]
    assert len(result["deployments"][0]["log"]) == 3
    assert "log" not in result["deployments"][1]
    assert result["application_id"] == resource_id
    assert result["queue"] == IDLE
    assert host.sim.calls() == [
        "project.all",
        "deployment.all",
        "deployment.queueList",
        "deployment.readLogs",
        "application.one",
        "patch.byEntityId",
    ]
    assert host.sim.stats()["http"] == 3


def test_an_id_and_a_name_show_the_same(host: Host) -> None:
    (resource_id,) = seeded(host, "web", "staging", **GIT)
    deploy(host, resource_id)
    by_name = host.ok(INFO_OPERATION, project="shop", environment="staging", application="web")
    host.sim.reset_stats()
    by_id = host.ok(INFO_OPERATION, application_id=resource_id)
    assert by_id == by_name
    assert len(by_id["applications"][0]["newest_good"]["commit"]) == 40
    assert host.sim.calls() == ["application.one", "deployment.all", "deployment.queueList"]
    assert host.sim.stats()["http"] == 2


@pytest.mark.parametrize(("number", "requests"), [(1, 2), (99, 2), (100, 3), (150, 3)])
def test_many_applications_take_few_requests(host: Host, number: int, requests: int) -> None:
    seeded(host, "app-{:03d}", number=number)
    host.sim.reset_stats()
    result = host.ok(INFO_OPERATION, project="shop", environment="production", log_lines=5)
    assert [one["application"] for one in result["applications"]] == [f"app-{one:03d}" for one in range(number)]
    assert all(one["newest"] is None and one["queue"] == IDLE for one in result["applications"])
    assert host.sim.stats()["http"] == requests
    assert host.sim.calls() == ["project.all", *["deployment.all"] * number, "deployment.queueList"]


def test_a_loop_reads_the_tree_once(host: Host) -> None:
    for environment in ("production", "staging"):
        seeded(host, "web", environment)
    for environment in ("production", "staging"):
        host.ok(INFO_OPERATION, project="shop", environment=environment)
    assert host.sim.calls() == ["project.all"] + ["deployment.all", "deployment.queueList"] * 2


def test_failed_deployments_of_an_environment(host: Host) -> None:
    for name in ("web", "api"):
        seeded(host, name, env="TOKEN=hunter2", **DOCKER)
    seeded(host, "elsewhere", "staging")
    for name, result in (("web", "error"), ("web", "done"), ("api", "error"), ("elsewhere", "error")):
        deploy(host, name, f"{name} {result}", result)
    asked = {"project": "shop", "environment": "production", "status": "error", "since": "1h", "log_lines": 1}
    result = host.ok(INFO_OPERATION, **asked)
    assert [one["title"] for one in result["deployments"]] == ["api error", "web error"]
    assert all(one["log"] == ["Error occurred ❌, check the logs for details."] for one in result["deployments"])
    good = {one["application"]: one["newest_good"] and one["newest_good"]["title"] for one in result["applications"]}
    assert good == {"api": None, "web": "web done"}


def test_an_application_removed_during_a_loop(host: Host) -> None:
    for name in ("web", "api"):
        seeded(host, name)
        deploy(host, name)
    assert len(host.ok(INFO_OPERATION, project="shop")["deployments"]) == 2
    host.sim.act(remove="api")
    result = host.ok(INFO_OPERATION, project="shop")
    assert [one["application"] for one in result["deployments"]] == ["web"]
    # This server answers an empty list for what does not exist, and the tree is kept for a minute.
    assert [(one["application"], one["newest"]) for one in result["applications"]][0] == ("api", None)


@pytest.mark.parametrize(
    ("version", "queue", "log"), [("0.28.2", None, 0), ("0.28.3", IDLE, 0), ("0.29.4", IDLE, 0), ("0.29.5", IDLE, 1)]
)
def test_older_servers(host: Host, version: str, queue: Any, log: int) -> None:
    seeded(host, "web")
    deploy(host, "web")
    host.sim.config(version=version)
    for address in ({"application": "web"}, {}):
        result = host.ok(INFO_OPERATION, project="shop", log_lines=1, **address)
        assert result["applications"][0]["queue"] == queue
        assert result["queue"] == (queue if address else None)
        assert len(result["deployments"][0]["log"]) == log


def test_check_mode_reads_the_same(host: Host) -> None:
    seeded(host, "web")
    deploy(host, "web")
    assert host.ok(INFO_OPERATION, check=True, project="shop") == host.ok(INFO_OPERATION, project="shop")
    assert host.sim.calls("mutation") == []


def test_a_missing_permission_is_named(host: Host) -> None:
    seeded(host, "web")
    host.ok(INFO_OPERATION, project="shop")
    refusal = {"message": "You don't have access", "code": "UNAUTHORIZED", "data": {"code": "UNAUTHORIZED"}}
    host.new_task()
    host.sim.fault("status", "project.all", nth=1, times=-1, status=403, body=refusal)
    assert host.failed(INFO_OPERATION, project="shop")["error"]["kind"] == "permission"

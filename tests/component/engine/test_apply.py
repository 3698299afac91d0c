# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests against a simulator: how many there are, what a loop costs, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as ENVIRONMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from dokploy_simulator import Simulator
from tests.support.host import Host
from tests.support.strategies import resource_params

SHOP: dict[str, Any] = {"project": "shop", "environment": "production"}


def shop(host: Host, *names: str, **fields: Any) -> list[str]:
    """Applications in shop/production; what was counted so far is forgotten."""
    host.ok(PROJECT, name="shop")
    made = [host.ok(APPLICATION, **SHOP, name=name, **fields)["application"]["application_id"] for name in names]
    host.new_task()
    host.sim.reset_stats()
    return made


# --- environment text ---


def test_a_mapping_leaves_the_rest_of_the_text_on_the_server(host: Host) -> None:
    (web,) = shop(host, "web")
    project = host.read("project.all")[0]["projectId"]
    text = "# Set by hand\n\nTOKEN='a b' # of the API\nOLD=1\nMODE: live\n"
    left = "# Set by hand\n\nTOKEN='a b' # of the API\nMODE: test\nNEW=2"
    host.call("application.update", applicationId=web, env=text, buildArgs=text)
    host.call("project.update", projectId=project, env=text)
    wanted = {"NEW": 2, "TOKEN": "a b", "MODE": "test"}
    for expected in (True, False):
        host.new_task()
        changes = [
            host.ok(APPLICATION, **SHOP, name="web", env=wanted, build_args=wanted),
            host.ok(PROJECT, name="shop", env=wanted),
        ]
        assert [change["changed"] for change in changes] == [expected] * 2
        row = host.read("application.one", applicationId=web)
        assert {row["env"], row["buildArgs"], host.read("project.one", projectId=project)["env"]} == {left}


# --- costs -----------------------------------------------------------------------------------------------------------


def test_an_unchanged_application_costs_one_tree_and_one_read(host: Host) -> None:
    shop(host, "web", env={"A": "1"}, domains=[{"host": "a.example.com"}])
    result = host.ok(APPLICATION, **SHOP, name="web", env={"A": "1"}, domains=[{"host": "a.example.com"}])
    assert not result["changed"]
    assert host.sim.calls() == ["project.all", "application.one"]


def test_a_changed_application_costs_one_write_and_one_read_back_more(host: Host) -> None:
    shop(host, "web")
    wanted = {"env": {"A": "2"}, "replicas": 3, "build": {"type": "static"}, "docker": {"image": "nginx"}}
    assert host.ok(APPLICATION, **SHOP, name="web", **wanted)["changed"]
    assert host.sim.calls() == ["project.all", "application.one", "application.update", "application.one"]


def test_a_new_application_costs_its_writes_and_one_read_back(host: Host) -> None:
    shop(host)
    children: dict[str, Any] = {
        "domains": [{"host": "a.example.com"}],
        "mounts": [{"type": "volume", "name": "v", "path": "/d"}],
        "schedules": [],
    }
    assert host.ok(APPLICATION, **SHOP, name="web", replicas=2, **children)["changed"]
    writes = ["application.create", "application.update", "domain.create", "mounts.create"]
    # It includes the siblings: one of the same name may have been created at the same time.
    read_back = ["application.one", "environment.one", "schedule.list"]
    assert host.sim.calls() == ["project.all", *writes, *read_back]
    assert host.sim.stats()["http"] == 1 + len(writes) + 1


def test_a_changed_application_is_read_back_with_its_lists(host: Host) -> None:
    shop(host, "web")
    assert host.ok(APPLICATION, **SHOP, name="web", replicas=2, schedules=[], patches=[])["changed"]
    reads = ["application.one", "schedule.list", "patch.byEntityId"]
    assert host.sim.calls() == ["project.all", *reads, "application.update", *reads]
    # The tree, the application, its lists, the write and the read-back.
    assert host.sim.stats()["http"] == 5


def test_a_project_costs_the_tree_alone(host: Host) -> None:
    host.ok(PROJECT, name="shop", env={"A": "1"})
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(PROJECT, name="shop", env={"A": "1"})["changed"]
    assert host.sim.calls() == ["project.all"]


def test_a_loop_that_creates_reads_the_tree_once(host: Host) -> None:
    shop(host)
    for number in range(100):
        assert host.ok(APPLICATION, **SHOP, name="app-%d" % number)["changed"]
    stats = host.sim.stats()
    each = ("application.create", "environment.one", "application.one")
    assert stats["procedures"] == {"project.all": 1, **dict.fromkeys(each, 100)}
    assert stats["http"] == 1 + 2 * 100
    # Each of them is found again, though the tree is not read again.
    host.sim.reset_stats()
    assert not host.ok(APPLICATION, **SHOP, name="app-0")["changed"]
    assert "project.all" not in host.sim.calls()


def test_a_loop_that_creates_costs_at_most_half_as_much_again_as_a_bare_script(host: Host) -> None:
    """The script sends a creation, an update, a domain and a mount for each, after one read of the project."""
    shop(host)
    count = 100
    for number in range(count):
        wanted = {
            "docker": {"image": "nginx"},
            "domains": [{"host": "app-%d.example.com" % number}],
            "mounts": [{"type": "volume", "name": "data", "path": "/data"}],
        }
        assert host.ok(APPLICATION, **SHOP, name="app-%d" % number, **wanted)["changed"]
    stats = host.sim.stats()
    assert stats["writes"] == 4 * count
    assert stats["http"] == 5 * count + 1 <= 1.5 * (4 * count + 1)


def test_a_loop_over_unchanged_applications_reads_ahead(host: Host, sim: Simulator) -> None:
    sim.seed(applications=100, project="shop")
    sim.reset_stats()
    for number in range(100):
        assert not host.ok(APPLICATION, **SHOP, name="app-%03d" % number, description="")["changed"]
    stats = sim.stats()
    # The tree, then 1 + 8 + 32 + 59 applications.
    assert stats["http"] == 5
    assert stats["batches"] == 3
    assert stats["procedures"] == {"project.all": 1, "application.one": 100}
    assert stats["writes"] == 0


def test_a_loop_that_changes_every_second_one_writes_only_those(host: Host, sim: Simulator) -> None:
    sim.seed(applications=20, project="shop", fields={"description": "same"})
    sim.reset_stats()
    changed = []
    for number in range(20):
        text = "same" if number % 2 else "new"
        changed.append(host.ok(APPLICATION, **SHOP, name="app-%03d" % number, description=text)["changed"])
    assert changed == [True, False] * 10
    procedures = sim.stats()["procedures"]
    assert procedures["application.update"] == 10
    # Twenty looks and ten read-backs, the looks in three requests.
    assert procedures["application.one"] == 30
    assert sim.stats()["http"] == 1 + 3 + 10 + 10


# --- an id in place of a name -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["project", "environment", "application"])
def test_an_id_in_place_of_a_name_is_not_written_as_the_name(level: str, host: Host) -> None:
    (app,) = shop(host, "web")
    home = host.ok(APPLICATION, **SHOP, name="web")["application"]["environment_id"]
    (project,) = host.read("project.all")
    place: dict[str, Any] = {"project": project["projectId"], "environment": home}
    operation, params, name = {
        "project": (PROJECT, {"name": project["projectId"]}, "shop"),
        "environment": (ENVIRONMENT, {"project": project["projectId"], "name": home}, "production"),
        "application": (APPLICATION, {**place, "name": app}, "web"),
    }[level]
    for check in (True, False):
        assert not host.ok(operation, check=check, **params)["changed"]
        result = host.ok(operation, check=check, **params, description="new-%s" % check)
        assert (result["changed"], result[level]["name"]) == (True, name)
        assert "name" not in result["diff"]["after"]
    assert not host.ok(operation, **params, description="new-False")["changed"]
    # Said beside the id it is the name to give.
    if level != "environment":
        resource_id = {level + "_id": result[level][level + "_id"]}
        assert host.ok(operation, **resource_id, name="renamed")[level]["name"] == "renamed"


def test_a_name_that_looks_like_an_id_comes_before_the_id(host: Host) -> None:
    (web,) = shop(host, "web")
    made = host.ok(APPLICATION, **SHOP, name="twin")["application"]["application_id"]
    host.ok(APPLICATION, application_id=made, name=web)
    host.new_task()
    result = host.ok(APPLICATION, **SHOP, name=web, description="d")
    assert result["application"]["application_id"] == made
    assert result["application"]["name"] == web
    assert not host.ok(APPLICATION, **SHOP, name="web", description="")["changed"]


# --- check mode ------------------------------------------------------------------------------------------------------


def shown(result: Any) -> Any:
    """A view without what only the server knows."""
    if isinstance(result, dict):
        unknown = ("created_at", "app_name", "status")
        return {k: shown(v) for k, v in result.items() if not k.endswith("_id") and k not in unknown}
    return [shown(item) for item in result] if isinstance(result, list) else result


def matches(stated: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether a child in a result is the one that a task stated."""
    return (stated.get("host"), stated.get("path", "/")) == (item.get("host"), item["path"])


# Without shrinking, which takes minutes where every example is a dozen requests.
SLOW = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@example({"domains": [{"host": "a.example.com"}]}, {"mounts": [{"path": "/a", "type": "bind", "host_path": "/h"}]})
@given(resource_params.APPLICATIONS, resource_params.APPLICATIONS)
@SLOW
def test_check_mode_writes_nothing_and_predicts_the_result(
    sim: Simulator, first: dict[str, Any], second: dict[str, Any]
) -> None:
    sim.reset()
    host = Host(sim)
    try:
        host.ok(PROJECT, name="shop")
        made = host.ok(APPLICATION, **SHOP, name="web")["application"]["application_id"]
        for params in (first, second):
            host.new_task()
            sim.reset_stats()
            predicted = host.ok(APPLICATION, check=True, **SHOP, name="web", **params)
            assert sim.calls("mutation") == []
            host.new_task()
            real = host.ok(APPLICATION, **SHOP, name="web", **params)
            assert predicted["changed"] == real["changed"] == bool(sim.calls("mutation"))
            assert predicted["diff"] == real["diff"]
            assert predicted["deploy_needed"] == real["deploy_needed"]
            assert predicted["application"]["application_id"] == made
            for option, key in (("domains", "domain_id"), ("mounts", "mount_id")):
                for item, stored in zip(predicted["application"][option], real["application"][option], strict=True):
                    if item[key] == GENERATED:
                        # Only the server knows the defaults of what it has not made yet.
                        stated = next(one for one in params[option] if matches(one, item))
                        stored.update({name: item[name] for name in stored if name not in {"path", *stated}})
            assert shown(predicted["application"]) == shown(real["application"])
            host.new_task()
            sim.reset_stats()
            again = host.ok(APPLICATION, **SHOP, name="web", **params)
            assert not again["changed"]
            assert sim.calls("mutation") == []
            assert resource_params.SECRET_MARK not in repr((predicted, real, again))
    finally:
        host.close()


def test_check_mode_of_a_creation_shows_what_was_stated(host: Host) -> None:
    shop(host)
    wanted = {"description": "d", "replicas": 2, "docker": {"image": "nginx"}, "domains": [{"host": "a.example.com"}]}
    predicted = host.ok(APPLICATION, check=True, **SHOP, name="web", **wanted)
    assert host.sim.calls("mutation") == []
    assert predicted["changed"]
    application = predicted["application"]
    assert (application["name"], application["description"], application["replicas"]) == ("web", "d", 2)
    assert application["docker"]["image"] == "nginx"
    assert application["domains"][0]["host"] == "a.example.com"
    assert host.ok(APPLICATION, **SHOP, name="web", **wanted)["diff"] == predicted["diff"]


def test_check_mode_assumes_that_an_earlier_task_creates_the_parent(host: Host) -> None:
    result = host.ok(APPLICATION, check=True, **SHOP, name="web")
    assert result["changed"]
    assert "Check mode assumes that an earlier task creates it" in result["warnings"][0]
    failed = host.failed(APPLICATION, **SHOP, name="web")
    assert failed["error"]["kind"] == "reference"
    assert not failed["changed"]
    assert host.sim.calls("mutation") == []


# --- present ---------------------------------------------------------------------------------------------------------


def test_results_hold_no_secrets_and_hide_them_in_the_diff(host: Host) -> None:
    shop(host)
    mounts = [{"path": "/f", "type": "file", "file_path": "f", "content": "hunter2"}]
    docker = {"image": "nginx", "password": "hunter2"}
    result = host.ok(APPLICATION, **SHOP, name="web", env={"A": "hunter2"}, docker=docker, mounts=mounts)
    assert "hunter2" not in repr(result)
    row = host.read("application.one", applicationId=result["application"]["application_id"])
    assert (row["env"], row["password"], row["mounts"][0]["content"]) == ("A=hunter2", "hunter2", "hunter2")


def test_a_run_without_diff_mode_has_no_diff(host: Host) -> None:
    assert "diff" not in host.run(PROJECT, diff=False, name="shop")
    assert "diff" in host.run(PROJECT, diff=True, name="shop")


def test_references_by_name_and_by_id(host: Host) -> None:
    host.call("gitea.create", name="acme", giteaUrl="https://git.example.com", clientId="c", clientSecret="s")
    (provider,) = host.read("gitProvider.getAll")
    resource_id = provider["gitea"]["giteaId"]
    shop(host)
    source = {"owner": "acme", "repository": "shop", "branch": "main"}
    by_name = host.ok(APPLICATION, **SHOP, name="web", gitea={"provider": "acme", **source})
    assert by_name["changed"]
    assert by_name["application"]["gitea"]["provider"] == "acme"
    assert by_name["diff"]["after"]["gitea"]["provider"] == "acme"
    assert not host.ok(APPLICATION, **SHOP, name="web", gitea={"provider": resource_id, **source})["changed"]
    failed = host.failed(APPLICATION, **SHOP, name="web", gitea={"provider": "acne", **source})
    missing = "gitea.provider: no Gitea provider is named 'acne'. Did you mean: 'acme'?"
    assert failed["msg"] == f"{missing} dokploy_git_provider creates one."


def test_an_application_by_its_id_is_renamed_and_moved(host: Host) -> None:
    (resource_id,) = shop(host, "web")
    host.ok(ENVIRONMENT, project="shop", name="staging")
    result = host.ok(APPLICATION, application_id=resource_id, name="front", project="shop", environment="staging")
    assert result["changed"]
    host.new_task()
    found = host.ok(APPLICATION, project="shop", environment="staging", name="front")
    assert not found["changed"]
    assert found["application"]["application_id"] == resource_id


@pytest.mark.parametrize("change", [{"name": "front"}, {"project": "shop", "environment": "staging"}])
def test_later_items_of_a_loop_find_what_was_renamed_or_moved(host: Host, change: dict[str, str]) -> None:
    (resource_id,) = shop(host, "web")
    host.ok(ENVIRONMENT, project="shop", name="staging")
    host.ok(APPLICATION, application_id=resource_id, **change)
    found = host.ok(APPLICATION, **{**SHOP, "name": "web", **change})
    assert found["application"]["application_id"] == resource_id
    assert not found["changed"]


def test_an_id_that_does_not_exist_is_an_error_and_never_a_creation(host: Host) -> None:
    shop(host)
    for operation, option in (
        (APPLICATION, "application_id"),
        (ENVIRONMENT, "environment_id"),
        (PROJECT, "project_id"),
    ):
        failed = host.failed(operation, **{option: "V1StGXR8_Z5jdHi6B-myT", "description": "d"})
        assert failed["error"]["kind"] == "not_found", operation.name
        assert not failed["changed"]
    assert host.sim.calls("mutation") == []


def test_two_of_one_name_are_an_error_with_both_ids(host: Host) -> None:
    shop(host)
    environment = host.ok(ENVIRONMENT, project="shop", name="production")["environment"]["environment_id"]
    ids = [host.call("application.create", name="web", environmentId=environment)["applicationId"] for _unused in "ab"]
    host.new_task()
    failed = host.failed(APPLICATION, **SHOP, name="web", description="d")
    assert failed["error"]["kind"] == "ambiguous"
    assert failed["ids"] == sorted(ids)
    assert all(one in failed["msg"] for one in ids)


def test_duplicate_children_on_the_server_are_reduced_to_one(host: Host) -> None:
    (resource_id,) = shop(host, "web")
    for _time in range(3):
        host.call("domain.create", host="a.example.com", applicationId=resource_id)
    result = host.ok(APPLICATION, **SHOP, name="web", domains=[{"host": "a.example.com"}])
    assert result["changed"]
    assert len(result["application"]["domains"]) == 1
    assert not host.ok(APPLICATION, **SHOP, name="web", domains=[{"host": "a.example.com"}])["changed"]


def test_children_are_updated_in_place_or_replaced(host: Host) -> None:
    mounts = [{"path": "/d", "type": "volume", "name": "v"}]
    shop(host, "web", domains=[{"host": "a.example.com"}, {"host": "b.example.com"}], mounts=mounts)
    wanted = [{"host": "c.example.com"}, {"host": "a.example.com", "port": 80}]
    mounts = [{"path": "/d", "type": "bind", "host_path": "/x"}]
    host.ok(APPLICATION, **SHOP, name="web", domains=wanted, mounts=mounts)
    assert host.sim.calls("mutation") == [
        "domain.create",
        "domain.update",
        "mounts.remove",
        "mounts.create",
        "domain.delete",
    ]


# --- older servers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "params", "words"),
    [
        ("0.25.6", {"create_env_file": False}, "create_env_file needs Dokploy 0.26.1 or newer; this server is 0.25.6"),
        ("0.25.0", {"build_secrets": {"A": "1"}}, "build_secrets needs Dokploy 0.25.6 or newer; this server is 0.25.0"),
        ("0.25.6", {"args": ["x"]}, "args needs Dokploy 0.26.0 or newer"),
        (
            "0.28.8",
            {"domains": [{"host": "a", "middlewares": ["auth@file"]}]},
            "domains[0].middlewares needs Dokploy 0.29.0 or newer",
        ),
    ],
)
def test_an_option_newer_than_the_server_is_refused_before_any_write(
    host: Host, version: str, params: dict[str, Any], words: str
) -> None:
    host.sim.config(version=version)
    shop(host)
    failed = host.failed(APPLICATION, **SHOP, name="web", description="d", **params)
    assert failed["error"]["kind"] == "refused"
    assert failed["msg"].startswith(words)
    assert not failed["changed"]
    assert host.sim.calls("mutation") == []


def test_an_old_server_accepts_known_options_without_a_query(host: Host) -> None:
    host.sim.config(version="0.25.6")
    shop(host)
    assert host.ok(APPLICATION, **SHOP, name="web", replicas=2, description="d")["changed"]
    assert "settings.getDokployVersion" not in host.sim.calls()


def test_the_version_is_not_asked_for_when_the_row_shows_the_field(host: Host) -> None:
    shop(host, "web")
    assert host.ok(APPLICATION, **SHOP, name="web", args=["x"])["changed"]
    assert "settings.getDokployVersion" not in host.sim.calls()


def test_a_field_that_the_server_drops_is_an_error_that_names_the_option(host: Host) -> None:
    shop(host, "web")
    host.sim.config(drop_fields={"application.update": ["command"], "domain.create": ["port"]})
    failed = host.failed(
        APPLICATION, **SHOP, name="web", command="run", description="d", domains=[{"host": "a", "port": 80}]
    )
    assert failed["error"]["kind"] == "not_applied"
    assert failed["changed"]
    assert "these options did not stick: command, domains (a/)" in failed["msg"]
    assert failed["options"] == ["command", "domains (a/)"]


def test_messages_stay_on_one_line_with_any_names(host: Host) -> None:
    """Dokploy stores names as they are, line breaks included."""
    host.ok(PROJECT, name="two\nlines")
    host.ok(APPLICATION, project="two\nlines", name="web\napp")
    for result in (
        host.failed(PROJECT, name="two\nlines", state="absent"),
        host.failed(APPLICATION, project="two\nlines", name="web\napp", app_name="other"),
        host.failed(APPLICATION, project="two\nline", name="web"),
        host.failed(DEPLOYMENT, project="two\nlines", application="web\napps"),
    ):
        assert "\n" not in result["msg"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users: created with credentials, rights and access lists, and removed."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible import template

from ansible_collections.community.dokploy.plugins.module_utils._resources.access.user import INFO_OPERATION, OPERATION
from dokploy_simulator import Simulator
from tests.support.host import Host

DEV: dict[str, Any] = {"email": "Dev@Example.com", "password": "S3cret-of-dev", "role": "member"}


def test_a_user_from_the_creation_to_the_removal(sim: Simulator, host: Host) -> None:
    project = host.call("project.create", name="shop")["project"]["projectId"]
    wanted = {**DEV, "permissions": {"create_services": True, "api": True}, "projects": ["shop"]}
    predicted = host.ok(OPERATION, check=True, **wanted)
    assert predicted["changed"] and len(sim.server.store.users) == 1
    made = host.ok(OPERATION, **wanted)
    assert made["diff"] == predicted["diff"]
    assert made["user"]["email"] == "dev@example.com" and made["user"]["projects"] == [project]
    assert made["user"]["permissions"]["api"] and not made["user"]["permissions"]["docker"]
    assert {**predicted["user"], "user_id": "", "first_name": "", "last_name": ""} == {**made["user"], "user_id": ""}
    signed_in = requests.post(
        f"{sim.url}/api/auth/sign-in/email", json={**DEV, "email": "dev@example.com"}, timeout=120
    )
    assert signed_in.status_code == 200
    host.new_task()
    sim.reset_stats()
    again = host.ok(OPERATION, **wanted)
    assert again["changed"] is False and again["user"] == made["user"] and sim.calls("mutation") == []

    host.new_task()
    changed = host.ok(OPERATION, email="dev@example.com", role="admin", permissions={"docker": True}, projects=[])
    assert changed["diff"]["after"] == {"role": "admin", "permissions": {"docker": True}, "projects": []}
    assert changed["user"]["permissions"]["api"], "what is not stated stays"
    host.new_task()
    assert host.ok(OPERATION, email="dev@example.com", state="absent")["changed"]
    host.new_task()
    assert host.ok(OPERATION, email="dev@example.com", state="absent")["changed"] is False
    assert len(sim.server.store.users) == 1


def test_users_are_listed(host: Host) -> None:
    made = host.ok(OPERATION, **DEV)["user"]
    for asked in ({"email": "DEV@example.com"}, {"user_id": made["user_id"]}):
        assert host.ok(INFO_OPERATION, **asked)["users"] == [made]
    assert host.ok(INFO_OPERATION, email="nobody@example.com")["users"] == []
    assert "owner" in [user["role"] for user in host.ok(INFO_OPERATION)["users"]]


def test_a_password_is_for_the_creation_only_and_in_no_result(sim: Simulator, host: Host) -> None:
    made = host.ok(OPERATION, **DEV)
    host.new_task()
    again = host.ok(OPERATION, **{**DEV, "password": "Another-of-dev"})
    assert again["changed"] is False and DEV["password"] not in str((made, again))


def test_an_unknown_role_of_the_server_is_mended(sim: Simulator, host: Host) -> None:
    host.call("user.createUserWithCredentials", email="x@example.com", password="long enough", role="none")
    assert host.ok(OPERATION, email="x@example.com", role="member")["diff"]["before"] == {"role": "none"}
    host.new_task()
    assert host.ok(OPERATION, email="x@example.com")["user"]["role"] == "member"


def test_git_providers_of_a_user_need_force(sim: Simulator, host: Host) -> None:
    made = host.ok(OPERATION, **DEV)["user"]
    row = sim.act(git_provider="gitea", name="forge")
    sim.server.store.git_providers.rows[row["gitProviderId"]]["userId"] = made["user_id"]
    host.new_task()
    refused = host.failed(OPERATION, email="dev@example.com", state="absent")
    assert "removes the Git providers of the user with it: 'forge'" in refused["msg"]
    assert host.ok(OPERATION, user_id=made["user_id"], state="absent", force=True)["changed"]
    assert not len(sim.server.store.git_providers)


def test_the_owner_stays(sim: Simulator, host: Host) -> None:
    assert "cannot be removed" in host.failed(OPERATION, email="admin@example.com", state="absent")["msg"]
    assert "whose role cannot be changed" in host.failed(OPERATION, email="admin@example.com", role="member")["msg"]
    assert host.ok(OPERATION, email="admin@example.com")["user"]["role"] == "owner"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"email": "dev"}, "email: 'dev' is not an email address"),
        ({"password": "short"}, "password must have at least 8 characters"),
        ({"role": None}, "role is needed to create a user"),
        ({"password": None}, "password is needed to create a user"),
        ({"user_id": "none"}, "user_id: there is no user 'none'"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    sim: Simulator, host: Host, params: dict[str, Any], message: str
) -> None:
    host.call("project.create", name="shop")
    stated = {name: value for name, value in {**DEV, **params}.items() if value is not None}
    refused = host.failed(OPERATION, **stated)
    assert message in refused["msg"] and len(sim.server.store.users) == 1


PLACES = {"projects": ["shop"], "environments": ["shop/staging"], "services": ["shop/production/web", "shop//db"]}


def places(host: Host) -> dict[str, Any]:
    """A project with two environments and two services in the default one; the IDs of what C(PLACES) names."""
    project = host.call("project.create", name="shop")
    environment = project["environment"]["environmentId"]
    project_id = project["project"]["projectId"]
    staging = host.call("environment.create", name="staging", projectId=project_id)["environmentId"]
    web = host.call("application.create", name="web", environmentId=environment)["applicationId"]
    login = {"databaseUser": "u", "databasePassword": "p", "databaseName": "d"}
    database = host.call("postgres.create", name="db", appName="db", environmentId=environment, **login)["postgresId"]
    return {"projects": [project_id], "environments": [staging], "services": [web, database]}


def test_paths_and_ids_name_what_a_member_sees(sim: Simulator, host: Host) -> None:
    ids = places(host)
    predicted = host.ok(OPERATION, check=True, **DEV, **PLACES)
    made = host.ok(OPERATION, **DEV, **PLACES)
    assert made["diff"] == predicted["diff"] and made["diff"]["after"]["services"] == [
        "shop/production/db",
        "shop/production/web",
    ]
    assert {name: sorted(made["user"][name]) for name in ids} == {name: sorted(one) for name, one in ids.items()}
    host.new_task()
    sim.reset_stats()
    again = {"services": [*reversed(ids["services"]), "shop/production/web"], "environments": PLACES["environments"]}
    for stated in (PLACES, ids, made["user"], again):
        params = {name: stated[name] for name in PLACES if name in stated}
        assert host.ok(OPERATION, email="dev@example.com", **params)["changed"] is False, params
    assert sim.calls("mutation") == []
    host.new_task()
    fewer = host.ok(OPERATION, email="dev@example.com", services=["shop/production/web"], environments=[])
    assert fewer["diff"]["before"] == {
        "services": ["shop/production/db", "shop/production/web"],
        "environments": ["shop/staging"],
    }
    assert fewer["diff"]["after"] == {"services": ["shop/production/web"], "environments": []}
    assert fewer["user"]["services"] == ids["services"][:1]
    host.new_task()
    # The tree has no names of databases, so that those of the default environment are read.
    assert host.ok(OPERATION, email="dev@example.com", services=["shop//db"])["user"]["services"] == ids["services"][1:]


@pytest.mark.parametrize(
    ("option", "wrong", "message"),
    [
        (
            "services",
            "web",
            "services: no service is named 'web'. A path is PROJECT/ENVIRONMENT/SERVICE. "
            "Did you mean: 'shop/production/web'?",
        ),
        (
            "services",
            "shop/production/bd",
            "services: no service is named 'shop/production/bd'. "
            "Did you mean: 'shop/production/db', 'shop/production/web'?",
        ),
        (
            "services",
            "shop/staging/web",
            "no service is named 'shop/staging/web'. Did you mean: 'shop/production/web'?",
        ),
        ("services", "none", "There are: 'shop/production/db', 'shop/production/web'."),
        (
            "environments",
            "staging",
            "environments: no environment is named 'staging'. A path is PROJECT/ENVIRONMENT. "
            "Did you mean: 'shop/staging'?",
        ),
        ("environments", "shop/stagin", "Did you mean: 'shop/staging'"),
        ("projects", "shpo", "projects: no project is named 'shpo'. Did you mean: 'shop'?"),
    ],
)
def test_rights_to_what_does_not_exist_are_refused(
    sim: Simulator, host: Host, option: str, wrong: str, message: str
) -> None:
    """A mistyped name takes no right away."""
    places(host)
    host.ok(OPERATION, **DEV, **PLACES)
    host.new_task()
    sim.reset_stats()
    refused = host.failed(OPERATION, email="dev@example.com", **{option: [*PLACES[option], wrong]})
    assert message in refused["msg"] and refused["error"]["kind"] == "reference"
    assert sim.calls("mutation") == []
    predicted = host.ok(OPERATION, check=True, email="dev@example.com", **{option: [*PLACES[option], wrong]})
    assert message in predicted["warnings"][0] and "Check mode assumes" in predicted["warnings"][0]
    assert set(predicted["diff"]["after"][option]) - set(predicted["diff"]["before"][option]) == {wrong}


def test_two_services_of_one_path_need_their_ids(sim: Simulator, host: Host) -> None:
    ids = places(host)
    environment = sim.server.store.services["application"].rows[ids["services"][0]]["environmentId"]
    other = host.call("application.create", name="db", environmentId=environment)["applicationId"]
    refused = host.failed(OPERATION, **DEV, services=["shop/production/db"])
    assert refused["error"]["kind"] == "ambiguous" and refused["ids"] == sorted([other, ids["services"][1]])
    assert host.ok(OPERATION, **DEV, services=[other])["user"]["services"] == [other]


def test_a_slash_in_a_name_has_a_backslash_before_it(host: Host) -> None:
    environment = host.call("project.create", name="a/b")["environment"]["environmentId"]
    service = host.call("application.create", name="c/d", environmentId=environment)["applicationId"]
    made = host.ok(OPERATION, **DEV, projects=["a/b"], services=[r"a\/b/production/c\/d"])
    assert made["user"]["services"] == [service] and made["diff"]["after"]["services"] == [r"a\/b/production/c\/d"]
    host.new_task()
    assert host.ok(OPERATION, email="dev@example.com", services=[r"a\/b//c\/d"])["changed"] is False


NULL = pytest.param(
    None,
    marks=pytest.mark.skipif(
        not hasattr(template, "trust_as_template"), reason="ansible-core before 2.19 refuses null in a list of texts"
    ),
)


@pytest.mark.parametrize("unknown", ["", NULL, "(generated)"])
def test_the_id_that_check_mode_cannot_know_is_accepted(host: Host, unknown: str | None) -> None:
    """The result of a creation in check mode, and null, of which Ansible makes an empty text."""
    ids = places(host)
    predicted = host.ok(OPERATION, check=True, **DEV, services=[ids["services"][0], unknown])
    (warning,) = predicted["warnings"]
    assert predicted["changed"] and "Check mode assumes" in warning
    assert "stands for an ID that is not known yet" in warning or not unknown
    assert host.failed(OPERATION, **DEV, services=[ids["services"][0], unknown])["error"]["kind"] == "reference"


def test_a_server_that_cannot_create_users_is_told(sim: Simulator, host: Host) -> None:
    sim.config(version="0.28.0")
    assert "Creating a user needs Dokploy 0.29.0" in host.failed(OPERATION, **DEV)["msg"]


def test_what_the_server_does_not_store_is_named(sim: Simulator, host: Host) -> None:
    sim.config(drop_fields={"user.assignPermissions": ["canAccessToDocker"]})
    refused = host.failed(OPERATION, **DEV, permissions={"docker": True})
    assert refused["error"]["kind"] == "not_applied" and refused["options"] == ["permissions.docker"]
    assert refused["changed"]

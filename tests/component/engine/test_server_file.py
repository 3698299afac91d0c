# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traefik's file of an application: whatever is managed from whatever state, no request leaves one that is refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import ENVIRONMENT_OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    OPERATION as PROJECT_OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import (
    operations as children,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import (
    READ_FILE,
    WRITE_FILE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services import application
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import OPERATION
from tests.support.host import Host

Row = dict[str, Any]
WEB: Row = {"project": "shop", "name": "web"}
IN_WEB: Row = {"project": "shop", "application": "web"}
BAD = "http:\n  routers: {}\n  services: {}\n"

HOST = {"host": "a.example.com"}
USER = {"username": "anna", "password": "s3cret-anna"}
REDIRECT = {"regex": "^a$", "replacement": "b"}
DOMAINS: tuple[list[Row], ...] = ([], [HOST], [{**HOST, "enabled": False}], [{"host": "b.example.com"}])
OTHERS: tuple[tuple[list[Row], list[Row]], ...] = (
    ([], []),
    ([REDIRECT], []),
    ([], [USER]),
    ([{**REDIRECT, "regex": "^b$"}], [{**USER, "username": "berta"}]),
)


def lists(domains: list[Row], redirects: list[Row], users: list[Row]) -> Row:
    return {"domains": domains, "redirects": redirects, "basic_auth": users}


STATES = [lists(domains, *others) for domains in DOMAINS for others in OTHERS]


@pytest.fixture
def web(host: Host) -> str:
    made: str = host.sim.seed(project="shop", applications=1, name="web")["applicationIds"][0]
    host.new_task()
    host.sim.reset_stats()
    return made


def text(host: Host, resource_id: str) -> str | None:
    found: str | None = host.read(READ_FILE, applicationId=resource_id)
    return found


def every_way(count: int) -> Iterator[int]:
    """A walk over so many states that goes from each to each, itself included."""
    for one in range(count):
        yield one
        for other in range(one + 1, count):
            yield from (one, other) if other > one + 1 else (other,)
    yield 0


def test_the_walk_goes_every_way() -> None:
    ways = set(itertools.pairwise(every_way(5)))
    assert ways >= {(one, other) for one, other in itertools.product(range(5), repeat=2) if one != other}


def test_no_list_after_another_leaves_a_file_that_is_refused(host: Host, web: str) -> None:
    for number in every_way(len(STATES)):
        host.ok(OPERATION, application_id=web, **STATES[number])
        assert host.sim.refused_files() == [], number


ALONE: list[tuple[Operation, Row, str]] = [
    (application.BASIC_AUTH_OPERATION, USER, "present"),
    (application.BASIC_AUTH_OPERATION, {**USER, "password": "s3cret-other"}, "present"),
    (application.BASIC_AUTH_OPERATION, {"username": "anna"}, "absent"),
    (application.REDIRECT_OPERATION, REDIRECT, "present"),
    (application.REDIRECT_OPERATION, {**REDIRECT, "permanent": True}, "present"),
    (application.REDIRECT_OPERATION, {"regex": "^a$"}, "absent"),
    (children.DOMAIN_OPERATION, HOST, "present"),
    (children.DOMAIN_OPERATION, {**HOST, "enabled": False}, "present"),
    (children.DOMAIN_OPERATION, HOST, "absent"),
]


@pytest.mark.parametrize(("operation", "stated", "state"), ALONE)
def test_no_child_alone_leaves_a_file_that_is_refused(
    host: Host, web: str, operation: Operation, stated: Row, state: str
) -> None:
    for start in STATES:
        host.ok(OPERATION, application_id=web, **start)
        host.ok(operation, application_id=web, **stated, state=state)
        assert host.sim.refused_files() == [], start


def leave_bad(host: Host, resource_id: str) -> None:
    """Another client adds and removes a redirect."""
    host.call("redirects.create", applicationId=resource_id, regex="a", replacement="b", permanent=False)
    row = host.read("application.one", applicationId=resource_id)["redirects"][-1]
    host.call("redirects.delete", redirectId=row["redirectId"])
    assert text(host, resource_id) == BAD
    host.new_task()
    host.sim.reset_stats()


MENDERS: list[tuple[Operation, Row]] = [
    (OPERATION, {**WEB, "domains": []}),
    (OPERATION, {**WEB, "redirects": []}),
    (OPERATION, {**WEB, "basic_auth": []}),
    (children.DOMAIN_OPERATION, {**IN_WEB, **HOST, "state": "absent"}),
    (application.REDIRECT_OPERATION, {**IN_WEB, "regex": "x", "state": "absent"}),
    (application.BASIC_AUTH_OPERATION, {**IN_WEB, "username": "x", "state": "absent"}),
]


@pytest.mark.parametrize(("operation", "stated"), MENDERS, ids=range(len(MENDERS)))
def test_an_invalid_file_is_repaired(host: Host, web: str, operation: Operation, stated: Row) -> None:
    leave_bad(host, web)
    predicted = host.ok(operation, check=True, **stated)
    assert (host.sim.calls("mutation"), text(host, web)) == ([], BAD)
    real = host.ok(operation, **stated)
    assert real == predicted
    assert real["changed"]
    assert real["diff"]["before"] == {READ_FILE: BAD.split("\n")}
    assert real["diff"]["after"] == {READ_FILE: ["{}", ""]}
    (warning,) = real["warnings"]
    assert warning == (
        "application 'web': what application.readTraefikConfig reads is empty. Traefik refuses the file and ignores"
        " every later change of a route on this server. It is replaced with a valid file."
    )
    assert host.sim.calls("mutation") == [WRITE_FILE]
    assert host.sim.refused_files(now=True) == []
    again = host.ok(operation, **stated)
    assert not again["changed"]
    assert not again.get("warnings")


@pytest.mark.parametrize(
    ("operation", "stated"),
    [
        (OPERATION, {**WEB, "state": "absent"}),
        (ENVIRONMENT_OPERATION, {"project": "shop", "name": "staging", "state": "absent", "force": True}),
        (PROJECT_OPERATION, {"name": "shop", "state": "absent", "force": True}),
    ],
    ids=("application", "environment", "project"),
)
def test_the_file_goes_with_the_application(host: Host, operation: Operation, stated: Row) -> None:
    place = {} if operation is OPERATION else {"environment": "staging"}
    resource_id = host.sim.seed(project="shop", applications=1, name="web", **place)["applicationIds"][0]
    leave_bad(host, resource_id)
    host.ok(operation, **stated)
    assert host.sim.refused_files(now=True) == []


def test_other_content_of_the_file_is_kept(host: Host, web: str) -> None:
    own = "tcp:\n  routers:\n    own:\n      rule: HostSNI(`*`)\n"
    host.call(WRITE_FILE, applicationId=web, traefikConfig=own)
    host.ok(OPERATION, **WEB, **lists([], [REDIRECT], [USER]))
    host.ok(OPERATION, **WEB, **lists([], [], []))
    assert text(host, web) == own


@pytest.mark.parametrize("before", ["", "# my notes\n", "\n"])
def test_an_empty_file_is_replaced_with_a_valid_one(host: Host, web: str, before: str) -> None:
    host.call(WRITE_FILE, applicationId=web, traefikConfig=before)
    assert not host.ok(OPERATION, **WEB, basic_auth=[])["changed"]
    assert text(host, web) == before
    host.ok(OPERATION, **WEB, basic_auth=[USER])
    assert host.sim.refused_files() == []


def test_an_application_with_a_domain_costs_nothing_more(host: Host, web: str) -> None:
    host.ok(OPERATION, **WEB, **lists([HOST], [REDIRECT], [USER]))
    assert host.sim.calls("mutation") == ["domain.create", "redirects.create", "security.create"]
    host.ok(OPERATION, **WEB, **lists([], [], []))
    assert host.sim.calls("mutation")[3:] == ["redirects.delete", "security.delete", "domain.delete"]
    assert READ_FILE not in host.sim.calls()
    assert text(host, web) is None


def test_a_renamed_user_leaves_no_moment_without_one(host: Host, web: str) -> None:
    host.ok(OPERATION, **WEB, **lists([HOST], [], [USER]))
    host.sim.reset_stats()
    host.ok(OPERATION, **WEB, basic_auth=[{**USER, "username": "berta"}])
    assert host.sim.calls("mutation") == ["security.create", "security.delete"]


def test_without_the_right_to_read_the_file_the_rest_is_managed(host: Host, web: str) -> None:
    message = 'unauthorized to access resource "traefikFiles"'
    body = {"message": message, "code": "UNAUTHORIZED", "data": {"code": "UNAUTHORIZED", "httpStatus": 401}}
    host.sim.fault("status", READ_FILE, times=2, status=401, body=body)
    assert not host.ok(OPERATION, **WEB, domains=[])["changed"]
    # Nothing is written that could stop the routing of the server.
    assert message in host.failed(OPERATION, **WEB, basic_auth=[USER])["msg"]
    assert host.sim.calls("mutation") == []

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a backup set: the jobs that they are, and what their outputs prove."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import (
    AT_LEAST,
    BETWEEN,
    EQUAL,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.checks import (
    Check,
    check_node,
    difference,
    proves_nothing,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.coverage import Service
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.stack_data import (
    StackData,
    StackMount,
)

PLACE = {"environmentId": "e1", "environment": {"projectId": "p1"}}
LOGIN = {"databaseName": "shop", "databaseUser": "shopper", "databasePassword": "secret"}
CHECK = Check("rows", "true")


def params(service: Service, check: Check = CHECK) -> dict[str, Any]:
    return dict(check_node(check, service, "key").params)


def database(kind: str, **row: Any) -> Service:
    image = {"dockerImage": f"{kind}:1", "appName": "db-1"}
    return Service("database", kind, "shop/production/db", {**PLACE, **image, **LOGIN, **row})


def test_of_a_database_it_gets_the_login() -> None:
    known = params(database("postgres", networkIds=["n1"], serverId="s1"))
    assert known["name"] == "job-check-db-1-rows"
    assert (known["project"], known["environment"], known["server"]) == ("p1", "e1", "s1")
    assert (known["docker"]["image"], known["networks"], known["mounts"]) == ("postgres:1", ["n1"], [])
    assert (known["command"], known["args"]) == ("/bin/sh", ["-ec", "true"])
    assert known["env"] == {
        "DB_HOST": "db-1",
        "DB_PORT": "5432",
        "DB_NAME": "shop",
        "DB_USER": "shopper",
        "DB_PASSWORD": "secret",
        "PGHOST": "db-1",
        "PGPORT": "5432",
        "PGUSER": "shopper",
        "PGPASSWORD": "secret",
        "PGDATABASE": "shop",
    }


@pytest.mark.parametrize(
    ("kind", "variable"), [("mysql", "MYSQL_PWD"), ("mariadb", "MYSQL_PWD"), ("redis", "REDISCLI_AUTH")]
)
def test_clients_of_other_kinds_have_their_variables(kind: str, variable: str) -> None:
    assert params(database(kind))["env"][variable] == "secret"


def test_what_a_database_has_not_is_no_variable() -> None:
    env = params(database("redis", databaseName=None, databaseUser=None))["env"]
    assert env.keys() == {"DB_HOST", "DB_PORT", "DB_PASSWORD", "REDISCLI_AUTH"}


def test_an_application_has_its_volumes_and_folders() -> None:
    mounts = [
        {"type": "volume", "volumeName": "uploads", "mountPath": "/data"},
        {"type": "bind", "hostPath": "/srv", "mountPath": "/srv"},
        {"type": "file", "mountPath": "/a.conf"},
    ]
    row = {**PLACE, "appName": "web-1", "sourceType": "docker", "dockerImage": "web:1", "mounts": mounts}
    known = params(Service("application", "application", "shop/production/web", row))
    assert known["mounts"] == [
        {"path": "/data", "type": "volume", "name": "uploads"},
        {"path": "/srv", "type": "bind", "host_path": "/srv"},
    ]
    assert known["docker"]["image"] == "web:1" and known["env"] == {}


STACK = StackData(
    mounts=[StackMount("a", "data", "/data"), StackMount("b", "data", "/data"), StackMount("c", "/srv", "/data")],
    networks=["stack-1_default"],
)


@pytest.mark.parametrize("kind", ["stack", "docker-compose"])
def test_a_stack_has_what_its_services_mount(kind: str) -> None:
    row = {**PLACE, "appName": "stack-1", "composeType": kind}
    service = Service("compose", "compose", "shop/production/forum", row, stack=STACK)
    known = params(service, Check("rows", "true", "busybox"))
    assert known["mounts"] == [
        {"path": "/data", "type": "volume", "name": "data"},
        # Another one at that path.
        {"path": "/c/data", "type": "bind", "host_path": "/srv"},
    ]
    # A job reaches no network of Docker Compose.
    attached = known["network_attachments"] or []
    expected = ["dokploy-network", "stack-1_default"] if kind == "stack" else []
    assert [network["target"] for network in attached] == expected


@pytest.mark.parametrize(
    ("kind", "row"),
    [("compose", {}), ("application", {"sourceType": "github", "dockerImage": "old:1"}), ("application", {})],
)
def test_without_an_image_it_is_refused(kind: str, row: dict[str, Any]) -> None:
    service = Service(kind, kind, "shop/production/web", {**PLACE, "appName": "web-1", **row})
    with pytest.raises(OptionError, match=f"checks: 'rows' of {kind} shop/production/web needs image"):
        params(service)


@pytest.mark.parametrize(
    ("compare", "expected", "output", "why"),
    [
        (EQUAL, "12\n", "12", None),
        (EQUAL, "12", "13", "its output is '13', not '12'"),
        (AT_LEAST, "12", "12", None),
        (AT_LEAST, "12\n3.5", "13\n3.5", None),
        (AT_LEAST, "12", "11", "line 1 of its output has 11, which is less than 12"),
        (AT_LEAST, "9", "10", None),
        (AT_LEAST, "orders 12", "orders 13", None),
        (AT_LEAST, "1\norders 12", "1\nposts 13", "line 2 of its output has posts, not orders"),
        (AT_LEAST, "orders 12", "orders", "line 1 of its output has 1 words, not 2"),
        (AT_LEAST, "12", "none", "line 1 of its output has none, not 12"),
        (AT_LEAST, "12\n13", "12", "its output has 1 lines, not 2"),
        # Without a second output, there is one bound.
        (BETWEEN, "12", "12\n", None),
        (BETWEEN, "12", "13", "its output is '13', not '12'"),
    ],
)
def test_what_differs(compare: str, expected: str, output: str, why: str | None) -> None:
    assert difference(compare, expected, output) == why


@pytest.mark.parametrize(
    ("before", "after", "output", "why"),
    [
        ("3\n", "5\n", "4", None),
        ("3", "5", "3\n", None),
        # What is removed meanwhile.
        ("5", "3.5", "4", None),
        ("3", "5", "2", "its output is '2', not between '3' and '5'"),
        ("9", "10", "6", "its output is '6', not between '9' and '10'"),
        ("orders 3 open", "orders 5 closed", "orders 4 open", None),
        ("orders 3 open", "orders 5 closed", "orders 4 new", "not between 'orders 3 open' and 'orders 5 closed'"),
        ("none", "2", "1", "its output is '1', not between 'none' and '2'"),
        ("none", "2", "none", None),
        ("nan", "nan", "nan", None),
        ("nan", "2", "1", "its output is '1', not between 'nan' and '2'"),
        ("a 1\nb 1", "a 2\nb 3", "a 1\nb 4", "line 2 of its output is 'b 4', not between 'b 1' and 'b 3'"),
        ("a 1\nb 1", "a 2\nb 3", "a 1", "its output is 'a 1', not between 'a 1\\nb 1' and 'a 2\\nb 3'"),
        ("a", "a b", "a", None),
        ("a", "a b", "a c", "its output is 'a c', not between 'a' and 'a b'"),
        # A list that grows.
        ("a", "a\nb\nc", "a\nc", None),
        ("a", "a\nb\nc", "a\nd", "its output is 'a\\nd', not between 'a' and 'a\\nb\\nc'"),
        ("a\nb", "a\nb\nc", "a", "its output is 'a', not between 'a\\nb' and 'a\\nb\\nc'"),
    ],
)
def test_what_is_not_between_two_outputs(before: str, after: str, output: str, why: str | None) -> None:
    told = difference(BETWEEN, before, output, after)
    assert told is None if why is None else told is not None and told.endswith(why)
    assert (difference(BETWEEN, after, output, before) is None) == (why is None)


@given(st.integers(), st.integers(), st.integers())
def test_a_number_is_between_two_others(first: int, second: int, number: int) -> None:
    within = min(first, second) <= number <= max(first, second)
    assert (difference(BETWEEN, str(first), str(number), str(second)) is None) == within


def test_an_output_without_a_number_proves_nothing() -> None:
    assert proves_nothing(AT_LEAST, "no rows\n") and proves_nothing(AT_LEAST, "")
    assert not proves_nothing(AT_LEAST, "rows 0") and not proves_nothing(EQUAL, "")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recovery into an instance that has something of the same names: it is refused, or left as it is."""

from __future__ import annotations

import pytest

from tests.component.manifest.lost_shop import Content, document, recover, saved_and_lost
from tests.component.manifest.test_manifest import apply, counts
from tests.component.manifest.test_recovery import DEPLOY, FORUM, LOGIN
from tests.support.effort import slow
from tests.support.host import Host


@pytest.fixture
def saved(host: Host) -> Content:
    return saved_and_lost(host)


def test_a_database_of_another_type_is_refused(host: Host, saved: Content) -> None:
    mysql = {"name": "db", "type": "mysql", "image": "mysql:8", "root_password": "madeup2", **LOGIN}
    apply(host, document(databases=[mysql], applications=[]), **DEPLOY)
    result = recover(host, saved)
    assert (
        "database shop/production/db exists with the type mysql, and a set tells services by their names"
        in result["msg"]
    )
    assert host.sim.calls("mutation") == []


def test_what_is_live_is_left_as_it_is(host: Host, saved: Content) -> None:
    """A database with other rows, and an application, of which nothing tells that a recovery has made them."""
    apply(host, document(), **DEPLOY)
    host.sim.act(insert="db", table="orders", count=1)
    host.sim.act(write="uploads", path="dog.png", data="bark")
    result = recover(host, saved)
    assert result["failed"] and (result["changed"], host.sim.calls("mutation")) == (False, [])
    reasons = {archive["path"]: archive["reason"] for archive in result["archives"]}
    assert set(reasons.values()) == {"it exists, with data of which nothing tells that it is that of the set"}
    assert len(reasons) == 2 and {archive["outcome"] for archive in result["archives"]} == {"missing"}
    assert host.sim.rows("db", "orders") == ["1"] and host.sim.data()["uploads"]["files"] == {"dog.png": "bark"}


@slow
def test_a_stack_of_the_name_of_an_application_is_another_service(host: Host, saved: Content) -> None:
    stack = {**FORUM, "name": "web", "backups": []}
    names = apply(host, document(databases=[], applications=[], compose=[stack]), **DEPLOY)["resources"]
    (name,) = (row["app_name"] for row in names if "app_name" in row)
    host.sim.act(write=f"{name}_files", path="f", data="text")
    result = recover(host, saved)
    assert result.get("msg") is None and counts(result) == {"create": 2, "restore": 2, "deploy": 2}
    assert host.sim.data()[f"{name}_files"]["files"] == {"f": "text"}
    assert host.sim.data()["uploads"]["files"] == {"cat.png": "miaow"}
    assert not [call for call in host.sim.calls("mutation") if call.startswith("compose.")]

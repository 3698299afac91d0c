# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host and path in two applications: a warning that names the other application, and what the check costs."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import PermissionDenied
from ansible_collections.community.dokploy.plugins.module_utils._reads.listings import LISTING_FRESH
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import (
    operations as children,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as STACK
from tests.support.fake_clients import FakeClock, ScriptedClient, batch
from tests.support.host import Host

DOMAIN = children.DOMAIN_OPERATION
ALREADY = (
    "application 'web-1' in shop/production already has a domain with host 'a.example.com' and path '/'. "
    "On one server, Traefik serves only one of them."
)


@pytest.fixture
def ids(host: Host) -> list[str]:
    """Three applications, of which the second one has a domain."""
    found: list[str] = host.sim.seed(project="shop", applications=3, name="web-{}")["applicationIds"]
    host.ok(DOMAIN, application_id=found[1], host="a.example.com")
    again(host)
    return found


def again(host: Host) -> None:
    host.new_task()
    host.sim.reset_stats()


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(
    ("domain", "warned"),
    [
        ({"host": "a.example.com"}, True),
        ({"host": "A.Example.com", "path": "/"}, True),
        ({"host": "a.example.com", "path": "/api"}, False),
        ({"host": "b.example.com"}, False),
        # One that is not enabled has no router.
        ({"host": "a.example.com", "enabled": False}, False),
    ],
)
def test_a_domain_of_another_application(
    host: Host, ids: list[str], domain: dict[str, Any], warned: bool, check: bool
) -> None:
    result = host.ok(DOMAIN, application_id=ids[0], **domain, check=check)
    assert result.get("warnings", []) == ([ALREADY] if warned else [])


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_a_list_of_domains(host: Host, ids: list[str], check: bool) -> None:
    domains = [{"host": "b.example.com"}, {"host": "a.example.com"}]
    assert host.ok(APPLICATION, application_id=ids[0], domains=domains, check=check)["warnings"] == [ALREADY]
    named = {"project": "shop", "environment": "production", "name": "new"}
    found = host.ok(APPLICATION, **named, domains=domains, check=check)["warnings"]
    # When both are run, the first one has both hosts as well.
    assert ALREADY in found and len(found) == (1 if check else 3)


def test_a_disabled_domain_is_no_duplicate(host: Host, ids: list[str]) -> None:
    host.ok(DOMAIN, application_id=ids[1], host="a.example.com", enabled=False)
    assert "warnings" not in host.ok(DOMAIN, application_id=ids[0], host="a.example.com")


def test_a_domain_gets_the_host_of_another_one(host: Host, ids: list[str]) -> None:
    made = host.ok(DOMAIN, application_id=ids[0], host="b.example.com")["domain"]
    again(host)
    renamed = host.ok(DOMAIN, application_id=ids[0], domain_id=made["domain_id"], host="a.example.com")
    assert renamed["warnings"] == [ALREADY]


def test_enabling_a_domain_can_make_a_duplicate(host: Host, ids: list[str]) -> None:
    host.ok(DOMAIN, application_id=ids[0], host="a.example.com", enabled=False)
    assert "warnings" not in host.ok(DOMAIN, application_id=ids[0], host="a.example.com", enabled=False, port=1)
    assert host.ok(DOMAIN, application_id=ids[0], host="a.example.com", enabled=True)["warnings"] == [ALREADY]


def test_duplicates_are_queried_only_where_a_key_is_new(host: Host, ids: list[str]) -> None:
    host.ok(DOMAIN, application_id=ids[1], host="a.example.com", port=8080)
    host.ok(DOMAIN, application_id=ids[1], host="a.example.com", port=8080)
    host.ok(DOMAIN, application_id=ids[1], host="a.example.com", state="absent")
    assert "domain.byApplicationId" not in host.sim.calls() and "project.all" not in host.sim.calls()


def test_it_costs_one_batch_in_a_loop(host: Host, ids: list[str]) -> None:
    host.ok(DOMAIN, project="shop", application="web-0", host="b.example.com")
    assert host.sim.calls() == [
        "project.all",
        "application.one",
        "domain.byApplicationId",
        "domain.byApplicationId",
        "domain.create",
        "application.one",
    ]
    assert host.sim.stats()["http"] == 5
    host.ok(DOMAIN, project="shop", application="web-2", host="c.example.com")
    # What the loop itself has written is known.
    twin = host.ok(DOMAIN, project="shop", application="web-1", host="b.example.com")
    assert "application 'web-0'" in twin["warnings"][0]
    assert host.sim.calls().count("domain.byApplicationId") == 2


def test_without_another_application_it_costs_nothing(host: Host) -> None:
    resource_id = host.sim.seed(project="shop", applications=1, name="web")["applicationIds"][0]
    again(host)
    host.ok(APPLICATION, project="shop", name="web", domains=[{"host": "a.example.com"}])
    assert host.sim.calls("query") == ["project.all", "application.one", "application.one"]
    assert host.read("application.one", applicationId=resource_id)["domains"]


def test_children_are_read_once_and_again_after_a_minute() -> None:
    clock = FakeClock()

    def asked(*answers: Any) -> Any:
        return batch(
            *(
                ("domain.byApplicationId", {"applicationId": resource_id}, answer)
                for resource_id, answer in zip("ab", answers, strict=True)
            )
        )

    refused = PermissionDenied("You don't have access to this service")
    client: Any = ScriptedClient(asked([{"host": "x"}], refused), asked([], []))
    cache = Reads(client, clock)
    known = {"a": [{"host": "x"}], "b": []}
    for _time in range(2):
        assert cache.children.of("domain.byApplicationId", "applicationId", ["a", "b"]) == known
    cache.children.keep("domain.byApplicationId", "b", [{"host": "y"}])
    assert cache.children.of("domain.byApplicationId", "applicationId", ["b"]) == {"b": [{"host": "y"}]}
    clock.now += LISTING_FRESH + 0.01
    assert cache.children.of("domain.byApplicationId", "applicationId", ["a", "b"]) == {"a": [], "b": []}
    client.done()


def test_a_domain_of_a_stack_and_of_an_application(host: Host, ids: list[str]) -> None:
    raw = {"content": "services: {web: {image: nginx}}"}
    stack = {"project": "shop", "name": "stack", "raw": raw}
    domains = [{"host": host_name, "service": "web"} for host_name in ("a.example.com", "c.example.com")]
    assert host.ok(STACK, **stack, domains=domains)["warnings"] == [ALREADY]
    again(host)
    assert "warnings" not in host.ok(STACK, **stack, domains=domains)
    again(host)
    (warning,) = host.ok(DOMAIN, application_id=ids[0], host="c.example.com")["warnings"]
    assert warning.startswith("compose 'stack' in shop/production already has a domain with host 'c.example.com'")

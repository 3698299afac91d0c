# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates: their list, and stacks that begin as one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.template import INFO_OPERATION
from tests.support.host import Host

Result = dict[str, Any]
MINI = {"id": "mini"}
CONTENT = {
    "compose": "services:\n  web:\n    image: nginx\n",
    "config": '[config]\nenv = ["A=1"]\n[[config.domains]]\nserviceName = "web"\nport = 80\nhost = "a.example.com"\n',
}


def encoded(content: Any) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


@pytest.fixture
def shop(host: Host) -> Host:
    host.sim.seed(project="shop")
    return host


def run(host: Host, check: bool = False, **params: Any) -> Result:
    host.new_task()
    host.sim.reset_stats()
    return host.ok(OPERATION, check=check, project="shop", name="stack", **params)


def refused(host: Host, **params: Any) -> str:
    """The message of an error after which nothing was written."""
    host.new_task()
    host.sim.reset_stats()
    result = host.failed(OPERATION, project="shop", name="stack", **params)
    assert not result["changed"] and host.sim.calls("mutation") == []
    return str(result["msg"])


def stacks(host: Host) -> list[Result]:
    (project,) = host.read("project.all")
    rows: list[Result] = project["environments"][0]["compose"]
    return rows


def test_a_template_makes_a_stack_once(shop: Host) -> None:
    domains = [{"host": "mine.example.com", "service": "web", "port": 80}]
    foretold = run(shop, check=True, template=MINI, description="mine", domains=domains)
    assert foretold["changed"] and stacks(shop) == []
    created = run(shop, template=MINI, description="mine", domains=domains)
    assert created["changed"] and created["diff"]["after"]["template"] == "mini"
    assert foretold["diff"] == created["diff"]
    assert foretold["deploy_needed"] is created["deploy_needed"] is True
    assert created["compose"].items() >= {"name": "stack", "description": "mine", "source": "raw"}.items()
    assert [one["host"] for one in created["compose"]["domains"]] == ["mine.example.com"]
    assert [one["file_path"] for one in created["compose"]["mounts"]] == ["app.conf"]
    again = run(shop, template=MINI, description="mine", domains=domains)
    assert not again["changed"] and shop.sim.calls() == ["project.all", "compose.one"]
    assert [one["name"] for one in stacks(shop)] == ["stack"]


def test_a_new_stack_is_known_to_the_next_items_of_a_loop(shop: Host) -> None:
    shop.ok(OPERATION, project="shop", name="one", template=MINI)
    assert not shop.ok(OPERATION, project="shop", name="one", template=MINI)["changed"]
    assert shop.ok(OPERATION, project="shop", name="two", template=MINI)["changed"]
    assert sorted(one["name"] for one in stacks(shop)) == ["one", "two"]


def test_a_failure_after_the_template_was_used_is_repeated_without_another_stack(shop: Host) -> None:
    shop.connection["max_retries"] = 2
    shop.sim.fault(kind="status", procedure="compose.update", status=502, times=1)
    assert run(shop, template=MINI)["changed"]
    assert [one["name"] for one in stacks(shop)] == ["stack"]


def test_an_imported_template(shop: Host) -> None:
    stated: Result = {"template": {"base64": encoded(CONTENT)}, "app_name": "mine", "env": {"B": "2"}}
    foretold = run(shop, check=True, **stated)
    assert foretold["changed"] and stacks(shop) == []
    created = run(shop, **stated)
    shown = created["compose"]
    assert (
        foretold["diff"] == created["diff"] and created["diff"]["after_header"] == "compose 'stack' in shop/production"
    )
    assert created["diff"]["after"].items() >= {"name": "stack", "template": "(imported)"}.items()
    assert foretold["compose"]["raw"] == shown["raw"] and foretold["deploy_needed"] is created["deploy_needed"] is True
    assert shown["raw"]["content"] == CONTENT["compose"] and shown["app_name"].startswith("mine-")
    assert [one["host"] for one in shown["domains"]] == ["a.example.com"]
    # What is stated counts more than what the template has.
    assert shop.read("compose.one", composeId=shown["compose_id"])["env"] == "B=2"
    assert not run(shop, template={"base64": encoded(CONTENT)}, env={"B": "2"})["changed"]


def test_a_template_that_the_server_cannot_import_leaves_no_stack(shop: Host) -> None:
    shop.new_task()
    text = encoded({"compose": "services: {web: {image: nginx}}", "config": "= broken"})
    result = shop.failed(OPERATION, project="shop", name="stack", template={"base64": text})
    assert result["error"]["procedure"] == "compose.import" and stacks(shop) == []
    assert result["msg"].startswith("template.base64: Dokploy cannot import it: Error importing template: ")
    # What was created and deleted again is no change.
    assert not result["changed"]


@pytest.mark.parametrize("after", [True, False])
def test_an_import_whose_answer_is_lost_is_sent_again(shop: Host, after: bool) -> None:
    shop.connection["max_retries"] = 2
    shop.sim.fault(kind="status", procedure="compose.import", status=502, times=1, after=after)
    created = run(shop, template={"base64": encoded(CONTENT)})
    assert [one["host"] for one in created["compose"]["domains"]] == ["a.example.com"]
    assert shop.sim.calls("mutation").count("compose.create") == len(stacks(shop)) == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"template": {"id": "mina"}}, "template.id: there is no template 'mina'. Did you mean: 'mini'?"),
        ({"template": {"id": "mini", "base_url": "http://127.0.0.1:9"}}, "template: the server found no templates"),
        ({"template": MINI, "app_name": "mine"}, "app_name is not supported with template.id"),
        ({"template": MINI, "raw": {"content": "["}}, "raw.content: it is not valid YAML"),
        ({"template": {"base64": "?"}}, "template.base64 is not the Base64 text of JSON"),
        ({"template": {"base64": encoded({"compose": "x"})}}, "template.base64 has no template: the keys compose and"),
        (
            {"template": {"base64": encoded({**CONTENT, "compose": ""})}},
            "template.base64: compose: it must be a mapping",
        ),
        (
            {"template": {"base64": encoded(CONTENT)}, "domains": [{"host": "b.example.com", "service": "api"}]},
            "domains[0].service: the stack has no service 'api'; it has web",
        ),
    ],
)
def test_what_no_template_can_be_is_refused(shop: Host, params: Result, message: str) -> None:
    assert message in refused(shop, **params)


def test_templates_are_listed_and_filtered(host: Host) -> None:
    assert [one["id"] for one in host.ok(INFO_OPERATION)["templates"]] == ["bare", "mini"]
    (mini,) = host.ok(INFO_OPERATION, tags=["DEMO", "small"])["templates"]
    assert mini.items() >= {"id": "mini", "name": "Mini", "version": "1.0"}.items() and "logo" not in mini
    assert [one["id"] for one in host.ok(INFO_OPERATION, id="bare")["templates"]] == ["bare"]


def test_a_list_that_is_out_of_reach_is_empty_with_a_warning(host: Host) -> None:
    result = host.ok(INFO_OPERATION, base_url="http://127.0.0.1:9")
    assert result["templates"] == [] and "cannot reach their list" in result["warnings"][0]

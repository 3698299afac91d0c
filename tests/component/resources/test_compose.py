# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compose stacks: their sources, what belongs to their services, and what is refused before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    INFO_OPERATION,
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL
from tests.support.builders import REFERENCE_NAMES, create_references
from tests.support.host import Host

FILE = """\
services:
  web:
    image: nginx:1.29
    ports: ["80"]
  worker:
    image: busybox
    environment:
      ENABLED: 1
volumes:
  data:
"""
SAME = FILE.replace("\n", "\r\n").replace("nginx:1.29", '"nginx:1.29"') + "# a comment\r\n"
DEFINITION = {
    "volumes": {"data": None},
    "services": {
        "worker": {"environment": {"ENABLED": 1}, "image": "busybox"},
        "web": {"image": "nginx:1.29", "ports": ["80"]},
    },
}
GIT = {"url": "https://git.example.com/acme/shop.git", "branch": "main", "compose_path": "deploy/compose.yml"}
DOMAIN = {"host": "shop.example.com", "service": "web", "port": 80}
Result = dict[str, Any]


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


def row(host: Host, result: Result) -> Result:
    found: Result = host.read("compose.one", composeId=result["compose"]["compose_id"])
    return found


def test_a_stack_is_created_and_then_unchanged_at_the_price_of_two_reads(shop: Host) -> None:
    foretold = run(shop, check=True, raw={"content": FILE}, env={"A": "1"}, domains=[DOMAIN])
    created = run(shop, raw={"content": FILE}, env={"A": "1"}, domains=[DOMAIN])
    assert created["changed"] and created["diff"] == foretold["diff"]
    assert created["deploy_needed"] and created["deployment"] is None
    assert created["compose"].items() >= {"source": "raw", "raw": {"content": FILE}, "type": "docker-compose"}.items()
    assert created["compose"]["domains"][0].items() >= DOMAIN.items()
    again = run(shop, raw={"content": FILE}, env={"A": "1"}, domains=[DOMAIN])
    assert not again["changed"] and shop.sim.calls() == ["project.all", "compose.one"]


@pytest.mark.parametrize("raw", [{"content": SAME}, {"definition": DEFINITION}], ids=["text", "mapping"])
def test_the_same_content_in_another_spelling_is_no_change(shop: Host, raw: Result) -> None:
    created = run(shop, raw={"content": FILE})
    assert not run(shop, raw=raw)["changed"]
    assert row(shop, created)["composeFile"] == FILE


def test_a_mapping_is_written_in_its_order(shop: Host) -> None:
    created = run(shop, raw={"definition": DEFINITION})
    assert row(shop, created)["composeFile"].startswith("volumes:\n  data: null\nservices:\n  worker:\n")
    assert not run(shop, raw={"content": FILE})["changed"]


def test_a_file_of_the_controller_is_read(shop: Host, tmp_path: Path) -> None:
    path = tmp_path / "compose.yml"
    path.write_text(FILE)
    assert row(shop, run(shop, raw={"src": str(path)}))["composeFile"] == FILE
    assert not run(shop, raw={"src": str(path)})["changed"]
    path.write_text(FILE.replace("busybox", "busybox:1"))
    changed = run(shop, raw={"src": str(path)})
    assert "busybox:1" in str(changed["diff"]["after"]) and "busybox:1" not in str(changed["diff"]["before"])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"content": "services: ["}, "raw.content: it is not valid YAML: line 1, column 12"),
        ({"content": "- web\n"}, "raw.content: it must be a mapping such as {services: ...}, not a list"),
        ({"content": "volumes: {data: }\n"}, "raw.content: it has no services"),
        ({"content": "services: {}\n"}, "raw.content: it has no services"),
        ({"content": "services: {web: }\n"}, "raw.content: the service web must be a mapping"),
        ({"content": "services: {web: {}, web: {}}\n"}, "raw.content: it has the key 'web' twice"),
        ({"content": "--- {}\n--- {}\n"}, "raw.content: it has 2 YAML documents; Docker Compose reads one"),
        ({"definition": {"service": {}}}, "raw.definition: it has no services"),
        ({"content": FILE, "definition": DEFINITION}, "raw.content and raw.definition are mutually exclusive"),
        ({"content": ""}, "raw.content is needed, and it is empty"),
        ({"definition": {}}, "raw.definition is needed, and it is empty"),
        ({}, "raw.content is needed, and it is missing"),
    ],
)
def test_a_broken_file_is_refused_before_anything_is_written(shop: Host, raw: Result, message: str) -> None:
    assert message in refused(shop, raw=raw)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("domains", [{**DOMAIN, "service": "api"}]),
        ("schedules", [{"name": "clean", "service": "api", "cron": "0 4 * * *", "command": "true"}]),
        (
            "volume_backups",
            [{"name": "b", "service": "api", "volume": "data", "cron": "0 4 * * *", "destination": "destination eins"}],
        ),
    ],
)
@pytest.mark.parametrize("there", [False, True], ids=["new", "existing"])
def test_an_unknown_service_is_refused_before_anything_is_written(
    shop: Host, option: str, value: Any, there: bool
) -> None:
    create_references(shop)
    if there:
        run(shop, raw={"content": FILE})
    stated = {option: value} if there else {option: value, "raw": {"content": FILE}}
    assert "%s[0].service: the stack has no service 'api'; it has web, worker" % option in refused(shop, **stated)


def test_a_file_that_loses_a_service_is_refused_where_it_is_used(shop: Host) -> None:
    run(shop, raw={"content": FILE}, domains=[DOMAIN])
    other = {"content": "services: {api: {image: nginx}}"}
    assert "domains: the stack has no service 'web'; it has api" in refused(shop, raw=other, domains=[DOMAIN])
    # Where the domains are not stated, nothing is known of what is wanted of them.
    result = run(shop, raw=other)
    assert result["changed"] and "has no service web (domains) any more" in result["warnings"][0]
    assert run(shop, domains=[{**DOMAIN, "service": "api"}])["changed"]


def test_randomized_names_have_the_suffix(shop: Host) -> None:
    stated = {"raw": {"content": FILE}, "randomize": True, "suffix": "blue"}
    assert "it has web-blue, worker-blue" in refused(shop, **stated, domains=[DOMAIN])
    assert run(shop, **stated, domains=[{**DOMAIN, "service": "web-blue"}])["changed"]


def test_networks_of_services_are_named_and_checked(shop: Host) -> None:
    create_references(shop)
    name = REFERENCE_NAMES["network"][0]
    wanted = [{"service": "web", "networks": [name], "detach_dokploy_network": True}, {"service": "worker"}]
    created = run(shop, raw={"content": FILE}, service_networks=wanted)
    stored = row(shop, created)["serviceNetworks"]
    assert [sorted(one) for one in stored] == [["detachDokployNetwork", "networkIds", "serviceName"]] * 2
    assert stored[0]["networkIds"] != [name]
    assert created["compose"]["service_networks"][0] == wanted[0]
    assert not run(shop, service_networks=wanted[::-1])["changed"]
    assert "service_networks: the stack has no service 'api'" in refused(shop, service_networks=[{"service": "api"}])
    assert "web is listed twice" in refused(shop, service_networks=[{"service": "web"}, {"service": "web"}])
    assert run(shop, service_networks=[])["changed"]
    assert not run(shop, service_networks=[])["changed"]


def test_the_services_of_a_repository_count_once_they_are_known(shop: Host) -> None:
    created = run(shop, git=GIT, domains=[DOMAIN])
    assert "compose.loadServices" not in shop.sim.calls()
    assert created["compose"]["git"].items() >= GIT.items()
    assert not run(shop, git=GIT, domains=[DOMAIN])["changed"]
    # It was never cloned.
    assert run(shop, domains=[{**DOMAIN, "service": "api"}])["changed"]
    assert shop.sim.calls("query").count("compose.loadServices") == 1


def test_another_branch_may_have_other_services(shop: Host) -> None:
    created = run(shop, git=GIT, domains=[DOMAIN])
    shop.call("compose.deploy", composeId=created["compose"]["compose_id"])
    shop.sim.settle()
    other = [{**DOMAIN, "service": "new"}]
    message = refused(shop, git=GIT, domains=other)
    assert "domains[0].service: the stack has no service 'new'" in message
    assert message.endswith("Deploy it first if a newer commit has the service.")
    assert run(shop, git={**GIT, "branch": "next"}, domains=other)["changed"]


def test_a_stack_that_leaves_its_repository_gets_the_usual_path(shop: Host) -> None:
    created = run(shop, git=GIT)
    assert row(shop, created)["composePath"] == "deploy/compose.yml"
    changed = run(shop, raw={"content": FILE})
    assert row(shop, created)["composePath"] == "./docker-compose.yml"
    assert changed["diff"]["after"]["raw"]["compose_path"] == "./docker-compose.yml"
    assert not run(shop, raw={"content": FILE})["changed"]


def test_an_empty_path_is_the_usual_one(shop: Host) -> None:
    created = run(shop, git=GIT)
    assert run(shop, git={**GIT, "compose_path": ""})["changed"]
    assert row(shop, created)["composePath"] == "./docker-compose.yml"
    assert not run(shop, git={**GIT, "compose_path": "docker-compose.yml"})["changed"]


@pytest.mark.parametrize("mode", ["replace", "merge"])
def test_variables_never_touch_the_fingerprint(shop: Host, mode: str) -> None:
    created = run(shop, raw={"content": FILE}, env="# mine\nA=1\n")
    mark = f"# {FINGERPRINT_LABEL}=1 source=aa config=bb\n"
    shop.call("compose.update", composeId=created["compose"]["compose_id"], env=mark + "# mine\nA=1\n")
    assert not run(shop, env={"A": "1"}, env_mode=mode)["changed"]
    changed = run(shop, env={"B": "2"}, env_mode=mode)
    assert row(shop, created)["env"] == mark + ("# mine\nB=2" if mode == "replace" else "# mine\nA=1\nB=2")
    assert FINGERPRINT_LABEL not in str(changed)
    run(shop, env="")
    assert row(shop, created)["env"] == mark
    shop.new_task()
    (shown,) = shop.ok(INFO_OPERATION, include_secrets=True)["compose_stacks"]
    assert shown["env"] == {}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("up -d; id", "command: Dokploy refuses ;"),
        ("compose up -d & id", "command: Dokploy refuses ;"),
        ("compose pull && rm -rf /", "command: each command after && must begin with docker compose"),
        ("docker compose up -d", 'command: Dokploy runs "docker" before it'),
    ],
)
def test_a_command_that_dokploy_refuses_at_the_deployment_is_refused(shop: Host, command: str, message: str) -> None:
    assert message in refused(shop, command=command)


def test_a_good_command_is_written_and_cleared(shop: Host) -> None:
    created = run(shop, raw={"content": FILE}, command="compose pull && docker compose up -d")
    assert created["compose"]["command"] == "compose pull && docker compose up -d"
    assert run(shop, command="")["changed"] and not run(shop, command="")["changed"]


def test_options_without_an_effect_cause_warnings(shop: Host) -> None:
    result = run(shop, suffix="x", isolated_volumes=True)
    assert sorted(result["warnings"]) == [
        "isolated_volumes has no effect: isolated_deployment is not true.",
        "suffix has no effect: neither randomize nor isolated_deployment is true.",
    ]
    assert "warnings" not in run(shop, suffix="", isolated_volumes=False)


@pytest.mark.parametrize(
    ("files", "warns"),
    [
        (".env", True),
        (["./.env"], True),
        ([{"path": ".env", "required": True}], True),
        ("other.env", False),
        (["config/.env"], False),
        (None, False),
    ],
)
def test_variables_of_several_lines_in_the_file_of_a_stack_cause_a_warning(shop: Host, files: Any, warns: bool) -> None:
    service = {"image": "nginx", **({"env_file": files} if files else {})}
    stated = {"raw": {"definition": {"services": {"web": service}}}, "env": {"KEY": "one\ntwo", "PLAIN": "one"}}
    assert "warnings" not in run(shop, **stated)
    for _again in range(2):
        result = run(shop, **stated, type="stack")
        assert ("warnings" in result) is warns
        if warns:
            (warning,) = result["warnings"]
            assert warning.startswith("env: of 'KEY' only the first line arrives") and "two" not in warning
    assert "warnings" not in run(shop, env={"KEY": "one"}) and "warnings" not in run(shop, description="d")
    assert ("warnings" in run(shop, env_mode="merge", env={"PEM": "a\nb"}, check=True)) is warns


def test_a_new_type_of_a_stack_that_runs_causes_a_warning(shop: Host) -> None:
    created = run(shop, raw={"content": FILE})
    # Nothing runs yet.
    assert "warnings" not in run(shop, type="stack") and "warnings" not in run(shop, type="docker-compose")
    shop.call("compose.deploy", composeId=created["compose"]["compose_id"])
    shop.sim.settle()
    (warning,) = run(shop, type="stack", check=True)["warnings"]
    assert warning.startswith("type: the containers of the type docker-compose keep running")
    assert run(shop, type="stack")["warnings"] == [warning] and "warnings" not in run(shop, type="stack")


def test_mounts_are_files_whose_names_are_their_key(shop: Host) -> None:
    file = {"file_path": "nginx/app.conf", "content": "secret one"}
    created = run(shop, raw={"content": FILE}, mounts=[file])
    (mount,) = row(shop, created)["mounts"]
    assert (mount["type"], mount["filePath"], mount["content"]) == ("file", "nginx/app.conf", "secret one")
    assert "secret one" not in str(created)
    assert not run(shop, mounts=[file])["changed"]
    assert run(shop, mounts=[{**file, "content": "two"}])["changed"]
    assert row(shop, created)["mounts"][0]["mountId"] == mount["mountId"]
    assert run(shop, mounts=[])["changed"] and row(shop, created)["mounts"] == []


def test_volumes_are_removed_on_request_only(shop: Host) -> None:
    created = run(shop, raw={"content": FILE})
    gone = run(shop, state="absent", delete_volumes=True)
    assert gone["changed"] and gone["compose"]["compose_id"] == created["compose"]["compose_id"]
    assert not run(shop, state="absent", delete_volumes=True)["changed"]


def test_the_volumes_of_a_swarm_stack_cannot_be_removed(shop: Host) -> None:
    run(shop, raw={"content": FILE}, type="stack")
    message = refused(shop, state="absent", delete_volumes=True)
    assert message.startswith("delete_volumes: Dokploy does not remove the volumes of a compose with the type stack")
    assert run(shop, state="absent")["changed"]


def test_the_list_names_what_runs_on_request(shop: Host) -> None:
    run(shop, raw={"content": FILE})
    shop.new_task()
    (shown,) = shop.ok(INFO_OPERATION, project="shop", include=["running", "schedules"])["compose_stacks"]
    assert shown["running"]["tasks"] == [] and shown["schedules"] == []
    assert shown.items() >= {"name": "stack", "environment": "production", "source": "raw"}.items()

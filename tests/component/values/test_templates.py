# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables with values that Docker reads as templates, as measured with Docker."""

from __future__ import annotations

from typing import Any

import pytest

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
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import template_warnings
from tests.support.host import Host
from tests.support.sample_rows import application


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{{", True),
        ("a{{b", True),
        ("{{ foo }}", True),
        ("{{/* c */}}z", True),
        ('{{ "x" }}', True),
        ("{{.Node.Hostname}} and {{ foo }}", True),
        ("${{project.TEMPLATE}}", True),
        ("${{environment.TEMPLATE}}", True),
        ("x${{OWN}}", True),
        # Meant, or no template.
        ("{{.Node.Hostname}}", False),
        ("{{ .Task.Slot }}-{{.Service.Name}}", False),
        ('{{ index .Service.Labels "a" }}', False),
        ('x{{"{{"}}y}}', False),
        ("{{`{{`}} foo }}", False),
        ("}}", False),
        ('{"a":{"b":1}}', False),
        ("{ {x} }", False),
        ("${{project.PLAIN}}", False),
        ("${{project.MISSING}}", False),
        ("${{vault.db.PASSWORD}}", False),
    ],
)
def test_values_that_docker_changes_or_refuses(value: str, told: bool) -> None:
    env = dotenv.render({"A": "plain", "B": value, "OWN": "{{ own }}"})
    home = {"env": "TEMPLATE={{ x }}", "project": {"env": "TEMPLATE={{ x }}\nPLAIN=plain"}}
    (warning,) = template_warnings(application(env=env, environment=home), "web")
    assert warning.startswith("web: Docker takes {{ for the beginning of a template in env of ")
    assert ("'B'" in warning.partition(". It changes")[0].rpartition(" of ")[2]) is told
    assert "OWN" in warning
    assert "own }}" not in warning


def warned(result: dict[str, Any]) -> list[str]:
    return [line.partition("env of ")[2].partition(". It")[0] for line in result.get("warnings", []) if "{{" in line]


@pytest.mark.parametrize("check", [False, True])
def test_a_task_with_such_a_value_warns_each_time(host: Host, check: bool) -> None:
    web: dict[str, Any] = {"project": "shop", "name": "web"}
    host.ok(PROJECT, name="shop", env={"SHARED": "{{ x }}"})
    host.ok(APPLICATION, **web, docker={"image": "nginx"}, env={"OLD": "{{ y }}"})
    env = {"A": "{{ foo }}", "B": "{{.Task.Slot}}", "C": "${{project.SHARED}}"}
    for _run in range(2):
        host.new_task()
        stated = host.ok(APPLICATION, check=check, **web, env=env, preview={"env": {"P": "{{"}})
        assert warned(stated) == ["'A', 'C'", "'P'"]
        merged = host.ok(APPLICATION, check=check, **web, env={"D": "1"}, env_mode="merge")
        assert warned(merged) == (["'OLD'"] if check else ["'A', 'C'"])
    assert warned(host.ok(APPLICATION, check=check, **web, replicas=2)) == []


def test_a_deployment_of_such_a_value_warns(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(ENVIRONMENT, project="shop", name="production", env={"SHARED": "{{ x }}"})
    host.ok(APPLICATION, project="shop", name="web", docker={"image": "nginx"}, env={"A": "${{environment.SHARED}}"})
    deployed = host.ok(DEPLOYMENT, project="shop", application="web", verify=False)
    assert warned(deployed) == ["'A'"]
    assert "warnings" not in host.ok(DEPLOYMENT, project="shop", application="web", verify=False)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role setup finds what it must not remove before it removes anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.template
import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible.parsing.dataloader import DataLoader

VARIABLES: dict[str, Any] = yaml_load(
    (Path(__file__).resolve().parents[3] / "roles/setup/vars/main.yml").read_text(encoding="utf-8")
)
LISTED: dict[str, Any] = {
    "name": "rt",
    "environments": [
        {"name": "production", "applications": [{"name": "web"}, {"name": 2024}]},
        {
            "name": "staging",
            "applications": [{"name": "web"}],
            "compose": [{"name": "mail"}],
            "databases": [{"name": "db", "type": "postgres"}, {"name": "cache"}],
        },
    ],
}
THERE = {
    "production": [("application", "web"), ("application", "2024")],
    "staging": [("application", "web"), ("compose", "mail"), ("postgres", "db"), ("redis", "cache")],
}


def trusted(value: Any) -> Any:
    """Templates that ansible-core 2.19 and newer render."""
    trust = getattr(ansible.template, "trust_as_template", None)
    if isinstance(value, dict):
        return {name: trusted(item) for name, item in value.items()}
    return trust(value) if trust and isinstance(value, str) else value


def refusals(
    listed: dict[str, Any], there: dict[str, list[tuple[str, str]]], tags: tuple[str, ...] = ("all",), **extra: Any
) -> list[str]:
    """What the role says where these services are in the environments of a project."""
    environments = [
        {
            "name": name,
            "services": [{"type": kind, "name": one, "id": str(number)} for number, (kind, one) in enumerate(of)],
        }
        for name, of in there.items()
    ]
    addresses = {
        "projects": "{{ _setup_projects }}",
        "environments": "{{ _setup_environments }}",
        **{
            kind: "{{ _setup_services | selectattr('kind', 'eq', '%s') | list }}" % kind
            for kind in VARIABLES["_setup_kinds"]
        },
    }
    variables = {
        **trusted(VARIABLES),
        "setup_projects": [listed],
        "setup_state": "absent",
        "setup_force": False,
        "setup_deploy": "changed",
        "ansible_run_tags": list(tags),
        "ansible_skip_tags": [],
        "_setup_addresses": trusted(addresses),
        "_setup_projects_before": {"results": [{"projects": [{"name": "rt", "environments": environments}]}]},
        **extra,
    }
    templar = ansible.template.Templar(loader=DataLoader(), variables=variables)
    result: list[str] = templar.template(trusted("{{ _setup_refusals }}"))
    return result


def with_more(environment: str, *services: tuple[str, str]) -> dict[str, list[tuple[str, str]]]:
    return {**THERE, environment: [*THERE[environment], *services]}


def test_a_project_of_which_everything_is_listed_may_go() -> None:
    assert refusals(LISTED, THERE) == []
    assert refusals(LISTED, {"production": []}) == []


def test_services_that_are_not_listed_are_named_with_their_environment() -> None:
    assert refusals(LISTED, with_more("staging", ("application", "worker"))) == [
        "project 'rt' has a service that is not listed: application staging/worker."
    ]
    # The same name in another environment, and of another type, is another service.
    there = {**with_more("staging", ("mysql", "db")), "qa": [("application", "web")]}
    assert refusals(LISTED, there) == [
        "project 'rt' has 2 services that are not listed: application qa/web, mysql staging/db."
    ]


def test_force_removes_what_is_not_listed() -> None:
    there = with_more("staging", ("application", "worker"))
    assert refusals(LISTED, there, setup_force=True) == []
    assert refusals({**LISTED, "force": True}, there) == []


@pytest.mark.parametrize("force", [True, False])
def test_a_name_that_is_there_twice_does_not_say_which_one_is_listed(force: bool) -> None:
    there = with_more("staging", ("application", "web"))
    assert refusals(LISTED, there, setup_force=force) == [
        "project 'rt' has a service that is not listed: application staging/web (one of 2 with this name)."
    ]


@pytest.mark.parametrize(
    ("tags", "skipped", "kept"),
    [
        (("projects", "applications", "databases"), (), ["compose staging/mail"]),
        (("all",), ("databases",), ["postgres staging/db", "redis staging/cache"]),
        # A tag of the role as a whole.
        (("shop",), (), []),
    ],
)
def test_what_tags_leave_out_keeps_the_project(
    tags: tuple[str, ...], skipped: tuple[str, ...], kept: list[str]
) -> None:
    found = refusals(LISTED, THERE, tags, ansible_skip_tags=list(skipped))
    assert [line.partition("listed: ")[2] for line in found] == ([", ".join(kept) + "."] if kept else [])


def test_an_environment_is_removed_alone() -> None:
    production, staging = LISTED["environments"]
    listed = {"name": "rt", "environments": [production, {**staging, "state": "absent"}]}
    there = {**with_more("staging", ("application", "worker")), "qa": [("application", "web")]}
    assert refusals(listed, there, setup_state="present") == [
        "environment 'rt/staging' has a service that is not listed: application staging/worker."
    ]

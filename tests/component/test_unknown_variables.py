# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables the roles and the playbooks refuse, and which they take for those that are meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._roles.options import whole_specification
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.variables import not_read, specification, unknown

ROLES = Path(__file__).resolve().parents[2] / "roles"


def variables_of(role: str) -> dict[str, Any]:
    return whole_specification(role, specification(str(ROLES / role / "meta/argument_specs.yml")))


def of_role(role: str, *names: str, own: tuple[str, ...] = ()) -> list[str]:
    return unknown(role + "_", names, variables_of(role), own)


@pytest.mark.parametrize(
    ("role", "name", "hint"),
    [
        ("setup", "setup_project", "'setup_projects'"),
        ("server", "server_admin_emial", "'server_admin_email'"),
        ("setup", "setup_deploy_timout", "'setup_deploy_timeout'"),
        ("setup", "setup_applications", "'setup_projects.environments.applications'"),
    ],
)
def test_a_misspelt_variable_is_told_with_the_one_that_is_meant(role: str, name: str, hint: str) -> None:
    (told,) = of_role(role, name, "other_variable", "_%s_own" % role)
    start, _colon, names = told.partition(" Did you mean: ")
    assert start == "'%s' is not a known variable." % name
    assert hint in names.rstrip("?").split(", ")


def test_what_resembles_nothing_is_told_without_a_hint() -> None:
    assert of_role("setup", "setup_zzz") == ["'setup_zzz' is not a known variable."]


@pytest.mark.parametrize("role", ["server", "setup"])
def test_every_variable_of_a_role_is_known(role: str) -> None:
    assert of_role(role, *variables_of(role)) == []


def test_what_the_user_has_of_his_own_is_left_alone() -> None:
    names = ["setup_version", "setup_port_a", "setup_port_b", "setup_ports_c"]
    own = ("setup_version", " setup_port_*")
    assert of_role("setup", *names, own=own) == of_role("setup", "setup_ports_c")


@pytest.mark.parametrize(
    ("text", "file"),
    [("vars.yml", "vars.yml"), ("a=1 ../x/vars.json", "../x/vars.json"), ("hunter2", "vars.yml")],
)
def test_extra_variables_from_a_file_need_an_at_sign(text: str, file: str) -> None:
    """Ansible stores what it does not understand of C(-e) as this variable."""
    (told,) = not_read({"_raw_params": text, "setup_projects": []})
    assert told.endswith(" -e @%s." % file) and "hunter2" not in told
    assert list(not_read({"setup_projects": []})) == []

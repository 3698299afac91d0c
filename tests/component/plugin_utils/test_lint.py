# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an action plugin tells ansible-lint of the arguments of a task."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.action import dokploy_application


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: dict[str, Any]) -> str:
    """The message about arguments, or an empty one."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
    try:
        dokploy_application.main()
    except SystemExit as ended:
        assert ended.code == 1
        return str(json.loads(capsys.readouterr().out)["msg"])
    assert capsys.readouterr().out == ""
    return ""


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"project": "shop"},
        {"name": "web", "application_id": "a", "docker": {}},
        {"state": "{{ wanted }}", "replicas": "{{ count }}", "docker": "{{ source }}", "domains": "{{ domains }}"},
        {"domains": ["{{ first }}", {"host": "{% if x %}a{% endif %}", "port": "{{ port }}"}]},
        {"domains": [{"path": "/"}]},
    ],
    ids=[
        "nothing",
        "set elsewhere",
        "exclusive",
        "templates",
        "templates in a list",
        "no host",
    ],
)
def test_what_may_be_right_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: dict[str, Any]
) -> None:
    assert said(monkeypatch, capsys, arguments) == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nmae": "{{ name }}"}, "module: nmae. Did you mean: 'name'?"),
        ({"domains": [{"host": "{{ host }}", "prot": 80}]}, "module: domains[0].prot. Did you mean: 'domains[0].port'"),
        ({"domains": ["{{ first }}", {"prot": 80}]}, "module: domains[1].prot. Did you mean: 'domains[1].port'"),
        ({"name": {"first": "web"}}, "name is a mapping; it takes text"),
        ({"docker": "nginx"}, "docker is text; it takes a mapping"),
        ({"state": "running"}, "value of state must be one of: present, absent"),
        ({"replicas": "many"}, "we were unable to convert to int"),
        ({"domains": [{"https": "perhaps"}]}, "found in 'domains'. and we were unable to convert"),
        ({"domains": [{"certificate": "none at all"}]}, "value of certificate must be one of"),
    ],
)
def test_what_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], message: str
) -> None:
    assert message in said(monkeypatch, capsys, arguments)

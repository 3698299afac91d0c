# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run tells at its end what another run has changed of what it has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest import manifest
from tests.component.manifest.test_manifest import apply
from tests.support.host import Host
from tests.support.interleaved import interleaved

WEB = "shop/production/web"


def document(**options: Any) -> dict[str, Any]:
    web = {"name": "web", "docker": {"image": "nginx:1"}, **options}
    return {"projects": [{"name": "shop", "environments": [{"name": "production", "applications": [web]}]}]}


@pytest.fixture
def both(host: Host, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The result of a run that has written the application and deploys it, while another one runs as a whole."""
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0, build_seconds=0)
    assert not apply(host, document(), deploy="never").get("failed")
    other = Host(host.sim)

    def run(mine: dict[str, Any], others: dict[str, Any], **options: Any) -> dict[str, Any]:
        first, second = interleaved(
            lambda: apply(host, mine, deploy="changed", verify=False, **options),
            lambda: apply(other, others, deploy="never"),
            lambda procedure, _text: procedure == "application.deploy",
            monkeypatch,
        )
        assert second is not None and second.get("msg") is None
        assert second["overtaken"] == []
        other.close()
        return first

    return run


def test_what_another_run_has_changed_is_told_without_secrets(both: Any, host: Host) -> None:
    mine = document(env={"TOKEN": "mine-made-up"}, command="run", domains=[{"host": "a.example.com"}])
    others = document(env={"TOKEN": "other-made-up"}, domains=[{"host": "b.example.com"}])
    result = both(mine, others)
    assert not result.get("failed"), result["msg"]
    (overtaken,) = result["overtaken"]
    assert overtaken["path"] == WEB and overtaken["kind"] == "application" and "env" in overtaken["options"]
    assert "command" not in overtaken["options"]
    (warning,) = [text for text in result["warnings"] if "was overtaken" in text]
    assert WEB in warning and "made-up" not in warning + repr(overtaken)


def test_a_run_of_a_reviewed_plan_fails(both: Any, host: Host) -> None:
    mine = document(command="mine")
    plan = apply(host, mine, check=True, deploy="changed", verify=False)["plan"]["id"]
    result = both(mine, document(command="other"), expected_plan=plan)
    assert result["failed"] and result["error"]["kind"] == "incomplete"
    assert result["msg"].endswith(
        f"application {WEB} was overtaken: since this run has written it, something else has changed command."
    )
    assert result["overtaken"] == [{"kind": "application", "path": WEB, "options": ["command"]}]


def test_what_another_run_has_removed_is_told(both: Any) -> None:
    result = both(document(command="mine"), {"projects": [{"name": "shop", "state": "absent", "force": True}]})
    assert result["overtaken"] == [{"kind": "application", "path": WEB, "options": ["state"]}]


def test_the_same_from_another_run_is_no_news(both: Any) -> None:
    result = both(document(command="same"), document(command="same"))
    assert not result.get("failed"), result["msg"]
    assert result["overtaken"] == [] and "overtaken" not in repr(result.get("warnings"))


@pytest.mark.parametrize("count", [1, 20])
def test_it_takes_one_request_more(host: Host, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    names = [f"web{number}" for number in range(count)]

    def requests(image: str) -> int:
        applications = [{"name": name, "docker": {"image": image}} for name in names]
        production = {"name": "production", "applications": applications}
        written = {"projects": [{"name": "shop", "environments": [production]}]}
        result = apply(host, written, deploy="never")
        assert result["changed"] and result["overtaken"] == []
        return int(host.sim.stats()["http"])

    requests("nginx:1")
    with_look = requests("nginx:2")
    monkeypatch.setattr(manifest, "overtaken", lambda *_arguments: [])
    assert with_look - requests("nginx:3") == 1

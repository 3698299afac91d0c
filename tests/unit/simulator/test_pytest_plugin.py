# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixture that users of the simulator's package have in their own tests; pytest loads it here, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dokploy_simulator.api.errors import ValidationError
from dokploy_simulator.api.releases import NEWEST
from dokploy_simulator.control.tested_server import TestedServer


def test_the_connection(dokploy: TestedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOKPLOY_CA_PATH", "/nonexistent")
    env = dokploy.env
    assert {name: value for name, value in env.items() if name.startswith("DOKPLOY_")} == {
        "DOKPLOY_URL": dokploy.url,
        "DOKPLOY_API_KEY": dokploy.api_key,
    }
    answer = requests.get(f"{env['DOKPLOY_URL']}/api/project.all", headers={"x-api-key": dokploy.api_key}, timeout=120)
    assert answer.json() == []
    assert [(call["procedure"], call["kind"]) for call in dokploy.requests()] == [("project.all", "query")]
    dokploy.forget_requests()
    assert dokploy.requests() == []


def test_what_there_is(dokploy: TestedServer) -> None:
    assert dokploy.services() == {} and dokploy.state()["resources"]["registries"] == []
    dokploy.seed()
    assert dokploy.services()["bakery/production/web"] == "done"
    web = dokploy.service("bakery/production/web")
    assert (web["dockerImage"], web["replicas"], web["env"]) == ("docker.io/library/nginx:1.27", 2, "LOG_LEVEL=info")
    assert dokploy.state()["resources"]["registries"][0]["name"] == "company-registry"
    with pytest.raises(KeyError, match=r"no service bakery/production/nothing; there are: .*bakery/production/orders"):
        dokploy.service("bakery/production/nothing")
    dokploy.reset()
    assert dokploy.services() == {}


def test_what_is_called_is_not_counted(dokploy: TestedServer) -> None:
    made = dokploy.call("project.create", name="shop")
    made["project"]["name"] = "changed here"
    (row,) = dokploy.call("project.all")
    assert row["name"] == "shop" and dokploy.requests() == [] == dokploy.changes()
    destination = dict.fromkeys(("accessKey", "bucket", "region", "endpoint", "secretAccessKey"), "x")
    assert dokploy.call("destination.create", name="backups", provider=None, **destination)["name"] == "backups"
    generated = dokploy.call("sshKey.generate", type="ed25519")
    assert dokploy.call("sshKey.create", name="key", organizationId="", **generated) is None


def test_a_test_begins_with_nothing(dokploy: TestedServer) -> None:
    assert dokploy.services() == {} and dokploy.state()["projects"] == []


@pytest.mark.dokploy(version="v0.29.8", build_seconds=30)
class TestMarked:
    def test_of_the_class(self, dokploy: TestedServer) -> None:
        assert dokploy.state()["version"] == "0.29.8"
        assert dokploy.simulator.config()["build_seconds"] == 30

    @pytest.mark.dokploy(version="0.25.0")
    def test_the_nearest_mark_wins(self, dokploy: TestedServer) -> None:
        assert dokploy.state()["version"] == "0.25.0"
        assert dokploy.simulator.config()["build_seconds"] == 30


def test_a_mark_is_over_with_its_test(dokploy: TestedServer) -> None:
    assert dokploy.state()["version"] == NEWEST


@pytest.mark.dokploy(fresh=True)
def test_a_fresh_server_has_no_key(dokploy: TestedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOKPLOY_API_KEY", "that of another server")
    assert "DOKPLOY_API_KEY" not in dokploy.env
    with pytest.raises(ValueError, match="seeded needs an administrator"):
        dokploy.seed()


def test_an_input_that_is_refused(dokploy: TestedServer) -> None:
    with pytest.raises(ValidationError, match="^Input validation failed: name: Invalid input"):
        dokploy.call("project.create", nme="shop")


TESTS = """
import pytest

def test_the_release(dokploy):
    assert dokploy.state()["version"] == "0.28.8"

@pytest.mark.dokploy(speed=1)
def test_an_unknown_setting(dokploy):
    pass

@pytest.mark.dokploy("0.29.8")
def test_a_setting_without_a_name(dokploy):
    pass

@pytest.mark.dokploy(version=0.29)
def test_a_release_that_is_no_text(dokploy):
    pass
"""


def pytest_says(folder: Path, *options: str) -> str:
    """What another pytest says to these tests, where the setting is another release."""
    (folder / "pytest.ini").write_text("[pytest]\ndokploy_version = 0.25.0\n")
    (folder / "test_it.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False).stdout


def test_the_release_of_a_whole_run(tmp_path: Path) -> None:
    said = pytest_says(tmp_path, "--dokploy-version", "0.28.8")
    assert "1 passed, 3 errors" in said and "mark dokploy: unknown setting speed" in said
    assert 'mark dokploy: settings have names, for example version="0.29.8"' in said
    assert "mark dokploy: 0.29 is not a release that it plays" in said


def test_an_unknown_release(tmp_path: Path) -> None:
    said = pytest_says(tmp_path, "--dokploy-version", "0.31.0")
    assert "dokploy_version: '0.31.0' is not a release that it plays: 0.25.0" in said and "4 errors" in said

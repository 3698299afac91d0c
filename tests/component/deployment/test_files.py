# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments of files, on the simulator: what is uploaded, and when."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from dokploy_simulator.api.releases import NEWEST_MEASURED
from tests.support.builders import wait_until_idle
from tests.support.host import Host

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
PAGE: dict[str, Any] = {**PLACE, "application": "page", "verify": False}
UPLOAD = "application.dropDeployment"


def state(host: Host, **options: Any) -> str:
    host.new_task()
    return str(host.ok(APPLICATION, **PLACE, name="page", **options)["application"]["application_id"])


@pytest.fixture
def page(host: Host) -> str:
    """An application without a source."""
    host.ok(PROJECT, name="shop")
    return state(host, build={"type": "static"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "site"
    (found / "assets").mkdir(parents=True)
    (found / "index.html").write_text("<h1>Shop</h1>")
    (found / "assets/style.css").write_text("h1 {}")
    (found / "debug.log").write_text("nothing")
    return found


def deploy(host: Host, check: bool = False, **options: Any) -> dict[str, Any]:
    """A task; ``writes`` are the procedures that wrote."""
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(DEPLOYMENT, check=check, **PAGE, **options)
    result["writes"] = host.sim.calls("mutation")
    assert not check or result["writes"] == []
    return result


def both(host: Host, **options: Any) -> dict[str, Any]:
    predicted = deploy(host, check=True, **options)
    real = deploy(host, **options)
    for key in ("changed", "diff", "reason"):
        assert predicted[key] == real[key]
    wait_until_idle(host)
    return real


def test_a_folder_is_uploaded_once(host: Host, page: str, folder: Path) -> None:
    first = both(host, path=str(folder), exclude=["*.log"])
    assert (first["changed"], first["deployment"]["status"]) == (True, "done")
    assert first["writes"] == ["application.update", UPLOAD]
    expected = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("index.html", "assets/style.css")
    }
    assert host.sim.uploads()[page]["files"] == expected
    again = both(host, path=str(folder), exclude=["*.log"])
    assert (again["changed"], again["writes"]) == (False, [])
    # Without the files, nothing changes either.
    assert not both(host)["changed"]
    (folder / "index.html").write_text("<h1>Another</h1>")
    second = both(host, path=str(folder), exclude=["*.log"])
    assert second["reason"] == "files changed"
    assert host.sim.uploads()[page]["count"] == 2


def test_a_zip_with_the_same_files_is_the_same(host: Host, page: str, folder: Path, tmp_path: Path) -> None:
    both(host, path=str(folder))
    archive = tmp_path / "site.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name in ("debug.log", "index.html", "assets/style.css"):
            made.write(folder / name, name)
    assert not both(host, archive=str(archive))["changed"]
    with zipfile.ZipFile(archive, "a") as made:
        made.writestr("more.html", "x")
    assert both(host, archive=str(archive))["writes"] == ["application.update", UPLOAD]


def test_a_change_of_the_configuration_alone_uploads_nothing(host: Host, page: str, folder: Path) -> None:
    both(host, path=str(folder))
    state(host, env={"A": "1"})
    changed = both(host, path=str(folder))
    assert changed["reason"] == "configuration changed"
    assert changed["writes"] == ["application.update", "application.deploy"]
    assert not both(host, path=str(folder))["changed"]
    assert both(host, path=str(folder), trigger="always")["writes"] == ["application.deploy"]


def test_files_of_a_failed_build_are_uploaded_again(host: Host, page: str, folder: Path) -> None:
    host.sim.config(next_results=["error"])
    failed = host.failed(DEPLOYMENT, **PAGE, path=str(folder))
    assert failed["error"]["kind"] == "deployment"
    wait_until_idle(host)
    assert both(host, path=str(folder))["writes"] == [UPLOAD]
    assert not both(host, path=str(folder))["changed"]


def test_a_lost_upload_is_repeated(host: Host, page: str, folder: Path) -> None:
    both(host, path=str(folder))
    (folder / "index.html").write_text("<h1>Another</h1>")
    host.new_task()
    host.sim.fault("reset_before", UPLOAD, times=1)
    assert host.failed(DEPLOYMENT, **PAGE, path=str(folder))["error"]["kind"] == "connection"
    again = both(host, path=str(folder))
    assert again["writes"] == [UPLOAD]
    assert host.sim.uploads()[page]["count"] == 2


def test_the_build_path_is_kept(host: Host, page: str, folder: Path) -> None:
    """The server forgets the path when it does not come with the files."""
    state(host, drop={"build_path": "/assets"})
    both(host, path=str(folder))
    row = host.read("application.one", applicationId=page)
    assert (row["sourceType"], row["dropBuildPath"]) == ("drop", "/assets")
    assert not both(host, path=str(folder))["changed"]


def test_another_source_is_not_replaced_by_files(host: Host, page: str, folder: Path) -> None:
    state(host, docker={"image": "nginx"})
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **PAGE, path=str(folder))
    assert failed["error"]["kind"] == "refused"
    assert "another source (docker)" in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_a_server_without_uploads_is_an_error_before_any_write(host: Host, page: str, folder: Path) -> None:
    host.sim.config(version="0.28.8")
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **PAGE, path=str(folder))
    assert failed["msg"].startswith("a deployment of files needs Dokploy 0.29.0 or newer; this server is 0.28.8")
    assert host.sim.calls("mutation") == []


def test_names_that_the_server_refuses_are_an_error_before_its_folder_is_emptied(
    host: Host, page: str, folder: Path
) -> None:
    (folder / "+page.svelte").write_text("x")
    host.sim.config(version=NEWEST_MEASURED)
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **PAGE, path=str(folder))
    assert failed["error"]["kind"] == "refused"
    assert "refuses 1 of the files for their names, such as '+page.svelte'" in failed["msg"]
    assert host.sim.calls("mutation") == []
    assert both(host, path=str(folder), exclude=["+*"])["changed"]


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("archive", "none.zip", "archive: "),
        ("archive", "text.zip", "archive: "),
        ("archive", ".", "archive: "),
        ("path", "none", "path: "),
        ("path", "text.zip", "path: "),
        ("path", "empty", "path: "),
    ],
)
def test_invalid_files(host: Host, page: str, tmp_path: Path, option: str, name: str, message: str) -> None:
    (tmp_path / "text.zip").write_text("this is no archive")
    (tmp_path / "empty").mkdir()
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **PAGE, **{option: str(tmp_path / name)})
    assert failed["error"]["kind"] == "option"
    assert failed["msg"].startswith(message)
    assert "\n" not in failed["msg"]
    assert host.sim.calls() == []


def test_a_zip_that_the_server_cannot_read(host: Host, page: str, folder: Path) -> None:
    body = {"error": {"json": {"message": "ADM-ZIP: Invalid or unsupported zip format. No END header found"}}}
    host.sim.fault("status", UPLOAD, status=500, body=body, times=1)
    failed = host.failed(DEPLOYMENT, **PAGE, path=str(folder))
    assert failed["error"]["kind"] == "server"
    assert failed["changed"]
    assert "ADM-ZIP" in failed["msg"]
    assert "The source of the application is drop now." in failed["msg"]


def test_the_packed_archive_is_removed(
    host: Host, page: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    host.sim.fault("status", UPLOAD, status=500, body={"message": "boom"}, times=1)
    host.failed(DEPLOYMENT, **PAGE, path=str(folder))
    both(host, path=str(folder))
    # Only the lock file stays.
    assert [name for name in os.listdir(scratch) if not name.endswith(".lock")] == []

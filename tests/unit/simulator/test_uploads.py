# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ZIP uploads: what is unpacked, what is refused, what is built afterwards."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from collections.abc import Iterable
from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api


def packed(entries: Iterable[str | zipfile.ZipInfo], content: str = "x", **how: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **how) as archive:
        for entry in entries:
            name = entry if isinstance(entry, str) else entry.filename
            archive.writestr(entry, "" if name.endswith("/") else content)
    return buffer.getvalue()


def of_kind(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o644) << 16
    return entry


def names(api: Api, application: str) -> list[str]:
    return list(api.sim.uploads()[application]["files"])


def problem(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["json"]["message"]


def source(api: Api, application: str) -> tuple[str, str]:
    row = api.get("application.one", applicationId=application).json()
    return row["sourceType"], row["dropBuildPath"]


def test_what_was_unpacked_can_be_seen(api: Api) -> None:
    application = api.application(buildType="dockerfile")
    assert api.sim.uploads() == {}
    archive = packed(["Dockerfile", "src/", "src/a.txt"], "hello")
    assert api.upload(application, archive, dropBuildPath="/").json() == {"result": {"data": {"json": True}}}
    api.idle()
    digest = hashlib.sha256(b"hello").hexdigest()
    expected = {"count": 1, "files": {"Dockerfile": digest, "src/a.txt": digest}, "bytes": 10}
    assert api.sim.uploads() == {application: expected}
    assert requests.get(f"{api.sim.url}/_sim/uploads", timeout=120).json() == {application: expected}
    row = api.deployments(application)[0]
    assert (row["title"], row["description"], row["status"]) == ("Manual deployment", "", "done")
    # The next upload takes the place of the first.
    api.upload(application, packed(["Dockerfile"]))
    assert api.sim.uploads()[application]["count"] == 2 and names(api, application) == ["Dockerfile"]
    assert source(api, application) == ("drop", "")
    api.post("application.delete", applicationId=application)
    assert api.sim.uploads() == {}


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        (["app/", "app/a", "app/b/c"], ["a", "b/c"]),
        (["app/a", "app/b/c"], ["app/a", "app/b/c"]),
        (["app/", "app/a", "b"], ["app/a", "b"]),
        (["app/", "app/a", "lib/b"], ["a", "lib/b"]),
        (["app/", "lib/", "app/a"], ["app/a"]),
        (["app/", "app/a", "__MACOSX/", "__MACOSX/app/._a"], ["a"]),
        (["/etc/a", "../b", "c\\d"], ["etc/a", "../b", "c/d"]),
        ([], []),
    ],
    ids=["one folder", "untold", "file beside", "untold beside", "two", "macOS", "odd names", "empty"],
)
def test_a_single_folder_is_taken_off(api: Api, entries: list[str], left: list[str]) -> None:
    application = api.application()
    assert api.upload(application, packed(entries)).status_code == 200
    assert names(api, application) == left


TRAVERSAL = "Path traversal detected: resolved path escapes output directory: "
NODE = "Dangerous node entries are not allowed: "


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("../../../../../etc/cron.d/x", TRAVERSAL + "../../../../../etc/cron.d/x"),
        # What has other than plain characters in it is taken for the same.
        ("node_modules/@types/x.ts", TRAVERSAL + "node_modules/@types/x.ts"),
        ("größe.txt", TRAVERSAL + "größe.txt"),
        (of_kind("link", stat.S_IFLNK), NODE + "link"),
        (of_kind("block", stat.S_IFBLK), NODE + "block"),
        (of_kind("char", stat.S_IFCHR), NODE + "char"),
        (of_kind("pipe", stat.S_IFIFO), NODE + "pipe"),
    ],
    ids=["outside", "at", "umlaut", "link", "block", "char", "pipe"],
)
def test_what_is_refused(api: Api, entry: str | zipfile.ZipInfo, message: str) -> None:
    application = api.application()
    refused = api.upload(application, packed(["first", entry, "last"]), dropBuildPath="/x")
    assert problem(refused) == (500, message)
    # What came before it stays, the source is changed, and nothing is deployed.
    assert names(api, application) == ["first"] and api.sim.uploads()[application]["count"] == 0
    assert source(api, application) == ("drop", "/x")
    assert api.get("deployment.queueList").json() == [] == api.deployments(application)


def test_broken_archives(api: Api) -> None:
    application = api.application()
    stored = packed(["a"], "hello")
    for archive, words in (
        (b"this is no zip", "Invalid or unsupported zip format. No END header found"),
        (stored.replace(b"hello", b"jello"), 'CRC32 checksum failed "a"'),
        (stored.replace(b"PK\x01\x02", b"PK\x01\x09"), "Invalid CEN header (bad signature)"),
        (packed(["a"], compression=zipfile.ZIP_LZMA), "Invalid/unsupported compression method"),
    ):
        assert problem(api.upload(application, archive)) == (500, f"ADM-ZIP: {words}")
    in_the_way = api.upload(application, packed(["a", "a/b"]))
    assert in_the_way.status_code == 500 and "EEXIST: file already exists, mkdir" in problem(in_the_way)[1]


def test_no_archive(api: Api) -> None:
    application = api.application()
    status, message = problem(api.upload(application, b""))
    assert status == 400 and "Invalid input: expected File, received undefined" in message
    url = f"{api.sim.url}/api/trpc/application.dropDeployment"
    text = api.session.post(url, files={"applicationId": (None, application), "zip": (None, "text")})
    assert problem(text)[0] == 400 and "received string" in problem(text)[1]
    assert problem(api.upload("nope", packed(["a"]))) == (404, "Application not found")
    assert source(api, application)[0] == "github"


def test_large_archives_pass(api: Api) -> None:
    application = api.application()
    content = "0123456789" * 500_000
    assert api.upload(application, packed(["big"], content)).status_code == 200
    assert api.sim.uploads()[application]["bytes"] == 5_000_000


def test_a_deployment_builds_what_was_uploaded_last(api: Api) -> None:
    application = api.application(sourceType="drop", buildType="dockerfile", dockerfile="docker/Dockerfile")

    def status(verb: str) -> tuple[str, str]:
        api.post(f"application.{verb}", applicationId=application)
        api.idle()
        return api.deployments(application)[0]["status"], api.log(application)

    for verb in ("deploy", "redeploy"):
        result, log = status(verb)
        assert result == "error" and "/code/ does not exist" in log
    api.upload(application, packed(["app/docker/Dockerfile"]), dropBuildPath="app")
    api.idle()
    assert [status(verb)[0] for verb in ("deploy", "redeploy")] == ["done", "done"]
    api.upload(application, packed(["Dockerfile"]))
    result, log = status("deploy")
    assert result == "error" and "failed to read dockerfile: open Dockerfile: no such file" in log
    # The folder is empty once the server has looked at what is no archive.
    api.post("application.update", applicationId=application, buildType="nixpacks")
    assert status("deploy")[0] == "done"
    api.upload(application, b"no zip")
    assert status("deploy")[0] == "error"


def test_releases_before_0_29_take_no_archive(api: Api) -> None:
    application = api.application()
    api.sim.config(version="0.28.8")
    assert api.upload(application, packed(["a"])).status_code == 404

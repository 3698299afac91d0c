# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments from what C(make real) has: Git over HTTP and SSH, a registry with a login, a remote server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.real.playbooks import Play, Server, run, task


def variable(name: str) -> str:
    return os.environ.get(name) or pytest.skip(f"no {name}")


def deploy(at: Server, folder: Path, path: str, /, *before: dict[str, Any], **options: Any) -> Play:
    """Create a project with one application of these options, and deploy it."""
    home = {"project": at.project, "environment": "production"}
    tasks = [
        task("project", "dokploy_project", name=at.project),
        *before,
        task("application", "dokploy_application", **home, name="web", **options),
        task("deploy", "dokploy_deployment", **home, application="web", wait_timeout=600),
    ]
    return run(at, folder, tasks, path)


def key(server: Server) -> dict[str, Any]:
    private = Path(variable("REAL_SSH_KEY")).read_text()
    return task("key", "dokploy_ssh_key", name=server.project, private_key=private)


def remove_key(server: Server, folder: Path) -> None:
    removal = [
        task("project", "dokploy_project", name=server.project, state="absent", force=True),
        task("server", "dokploy_server", name=server.project, state="absent"),
        task("key", "dokploy_ssh_key", name=server.project, state="absent"),
    ]
    play = run(server, folder, removal)
    assert play.status == 0, play.output


DOCKERFILE = {"type": "dockerfile", "dockerfile": "Dockerfile"}


@pytest.mark.parametrize("name", ["REAL_REPOSITORY", "REAL_PRIVATE_REPOSITORY"])
def test_git_over_http(name: str, server: Server, tmp_path: Path) -> None:
    git = {"url": variable(name), "branch": "main"}
    play = deploy(server, tmp_path / "run", "action", git=git, build=DOCKERFILE)
    assert play.status == 0 and play.of("deploy")["deployment"]["status"] == "done", play.output


def test_failed_build(server: Server, path: str, tmp_path: Path) -> None:
    git = {"url": variable("REAL_REPOSITORY"), "branch": "broken"}
    play = deploy(server, tmp_path / "run", path, git=git, build=DOCKERFILE)
    assert play.status and "BUILD-FAILS: this line is why" in play.of("deploy")["msg"], play.output


def test_git_over_ssh(server: Server, path: str, tmp_path: Path) -> None:
    git = {"url": variable("REAL_SSH_REPOSITORY"), "branch": "main", "ssh_key": server.project}
    try:
        play = deploy(server, tmp_path / "run", path, key(server), git=git, build=DOCKERFILE)
        assert play.status == 0, play.output
    finally:
        remove_key(server, tmp_path / "removal")


def test_registry_with_login(server: Server, path: str, tmp_path: Path) -> None:
    address, user, password = variable("REAL_REGISTRY_LOGIN").split()
    git = {"url": variable("REAL_REPOSITORY"), "branch": "main"}
    entry = {"name": server.project, "url": address, "username": user}
    registry = task("registry", "dokploy_registry", **entry, password=password)
    wrong = run(
        server, tmp_path / "wrong", [task("registry", "dokploy_registry", **entry, password="s3cret-wrong")], path
    )
    assert wrong.status and "s3cret-wrong" not in wrong.of("registry")["msg"], wrong.output
    try:
        play = deploy(server, tmp_path / "run", path, registry, git=git, build=DOCKERFILE, registry=server.project)
        assert play.status == 0, play.output
    finally:
        removal = [
            task("project", "dokploy_project", name=server.project, state="absent", force=True),
            task("registry", "dokploy_registry", name=server.project, state="absent"),
        ]
        assert run(server, tmp_path / "removal", removal).status == 0


def test_remote_server(server: Server, image: str, path: str, tmp_path: Path) -> None:
    address, port, user = variable("REAL_SSH_SERVER").split()
    entry = {"name": server.project, "ip_address": address, "port": int(port), "user": user, "ssh_key": server.project}
    # What a machine of Debian alone has.
    needed = ["docker", "swarm", "network", "main_directory"]
    ready = task("server", "dokploy_server", **entry, state="validated", required_components=needed)
    try:
        play = deploy(
            server, tmp_path / "run", path, key(server), ready, docker={"image": image}, server=server.project
        )
        assert play.status == 0, play.output
    finally:
        remove_key(server, tmp_path / "removal")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the matrix plays: deployments, what runs of them, and single children."""

from __future__ import annotations

import os
import zipfile
from typing import Any

from dokploy_simulator import Simulator
from tests.system.fault_injection.resource_scenarios import (
    CHANGED_CHILDREN,
    CHILDREN,
    HOME,
    WEB,
    existing,
    others,
    play,
    running,
)
from tests.system.fault_injection.task_runner import Scenario, Task
from tools.workspace import CACHE

API = {**HOME, "application": "api"}
FILES: Task = ("dokploy_application", {**HOME, "name": "files", "drop": {}, "env": {"A": "1"}})


def archive() -> str:
    """A ZIP file that is the same each time."""
    path = CACHE / "fault_injection" / "files.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(part, "w") as file:
        file.writestr(zipfile.ZipInfo("Dockerfile"), "FROM scratch\n")
        file.writestr(zipfile.ZipInfo("index.html"), "<p>Hello</p>\n" * 50)
    part.replace(path)
    return str(path)


def repository(sim: Simulator) -> None:
    """An application that is built from a repository."""
    existing(sim)
    git = {"url": "https://git.example.com/api.git", "branch": "main"}
    play(sim, ("dokploy_application", {**HOME, "name": "api", "git": git}))


def drop(sim: Simulator) -> None:
    existing(sim)
    play(sim, FILES)


def stack(sim: Simulator) -> None:
    """A compose stack, beside one of another user's."""
    existing(sim)
    home = sim.execute("project.all")[0]["environments"][0]["environmentId"]
    sim.execute("compose.create", name="theirs", environmentId=home)
    raw = {"definition": {"services": {"web": {"image": "nginx:1"}, "db": {"image": "postgres:15"}}}}
    play(sim, ("dokploy_compose", {**HOME, "name": "metrics", "raw": raw, "env": {"A": "1"}}))


def changed(sim: Simulator) -> None:
    """Deployed, and then configured otherwise."""
    running(sim)
    play(sim, ("dokploy_application", {**HOME, "name": "web", "env": {"LEVEL": "debug"}}))


def stopped(sim: Simulator) -> None:
    running(sim)
    play(sim, ("dokploy_application", {**HOME, "name": "web", "state": "stopped"}))


def twice(sim: Simulator) -> None:
    """Two deployments that can be gone back to."""
    existing(sim)
    login = {"username": "u", "password": "p", "registryUrl": "registry.example.com"}
    sim.execute("registry.create", registryName="ours", registryType="cloud", imagePrefix=None, **login)
    back = {"enabled": True, "registry": "ours"}
    for image in ("nginx:1.27", "nginx:1.28"):
        play(
            sim,
            ("dokploy_application", {**HOME, "name": "web", "docker": {"image": image}, "rollback": back}),
            ("dokploy_deployment", WEB),
        )


def queued(sim: Simulator) -> None:
    """One deployment runs, two wait."""
    for _unused in range(3):
        sim.act(deploy="web")


def previewed(sim: Simulator) -> None:
    """Pull request 1 has a preview."""
    others(sim)
    provider = sim.act(git_provider="github", name="hub")
    fields = {
        "sourceType": "github",
        "githubId": provider["githubId"],
        "owner": "a",
        "repository": "b",
        "branch": "main",
    }
    fields |= {"isPreviewDeploymentsActive": True, "previewWildcard": "*.p.example.com"}
    sim.seed(project="shop", applications=2, name="front-{}", fields=fields)
    for number in (1, 2):
        sim.act(preview="front-1", branch=f"f/{number}", pull_request=number, title=f"PR {number}")


# --- single children -------------------------------------------------------------------------------------------------

_ONE: dict[str, tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    option: (module, CHILDREN[option][0], CHANGED_CHILDREN[option][0], key)
    for option, module, key in (
        ("domains", "dokploy_domain", ("host",)),
        ("mounts", "dokploy_mount", ("path",)),
        ("ports", "dokploy_port", ("published_port",)),
        ("redirects", "dokploy_redirect", ("regex",)),
        ("basic_auth", "dokploy_basic_auth", ("username",)),
        ("schedules", "dokploy_schedule", ("name",)),
    )
}
_ONE["patches"] = (
    "dokploy_patch",
    {"path": "a.txt", "content": "one\n"},
    {"path": "a.txt", "content": "two\n", "enabled": False},
    ("path",),
)
_BACKUP = {"name": "nightly", "volume": "data", "destination": "s3", "cron": "0 3 * * *", "prefix": "/"}
_ONE["volume_backups"] = ("dokploy_volume_backup", _BACKUP, {**_BACKUP, "cron": "0 4 * * *", "keep": 3}, ("name",))


def _bare(sim: Simulator) -> None:
    """The application with a sibling of each child, which another user has made."""
    others(sim)
    made = sim.seed(project="shop", applications=1, name="web", domains=1, mounts=1)
    resource_id = made["applicationIds"][0]
    sim.execute("port.create", applicationId=resource_id, publishedPort=7000, targetPort=70)
    sim.execute("redirects.create", applicationId=resource_id, regex="^a$", replacement="b", permanent=False)
    sim.execute("security.create", applicationId=resource_id, username="theirs", password="theirs")


def _children() -> list[Scenario]:
    found = []
    for module, first, second, key in _ONE.values():

        def with_it(sim: Simulator, module: str = module, first: dict[str, Any] = first) -> None:
            _bare(sim)
            play(sim, (module, {**WEB, **first}))

        name = module.replace("dokploy_", "")
        gone = {**WEB, **{option: first[option] for option in key}, "state": "absent"}
        found += [
            Scenario(f"{name} created", ((module, {**WEB, **first}),), _bare),
            Scenario(f"{name} updated", ((module, {**WEB, **second}),), with_it),
            Scenario(f"{name} removed", ((module, gone),), with_it),
        ]
    return found


def _run(state: str) -> tuple[Task, ...]:
    return (("dokploy_application", {**HOME, "name": "web", "state": state}),)


def scheduled(sim: Simulator) -> None:
    running(sim)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("deploy", (("dokploy_deployment", {**WEB, "title": "Ours"}),), existing),
    Scenario("deploy a change", (("dokploy_deployment", WEB),), changed),
    Scenario("deploy a repository", (("dokploy_deployment", API),), repository),
    Scenario("upload", (("dokploy_deployment", {**HOME, "application": "files", "archive": archive()}),), drop),
    Scenario("deploy a stack", (("dokploy_deployment", {**HOME, "compose": "metrics"}),), stack),
    Scenario("start", _run("started"), stopped),
    Scenario("stop", _run("stopped"), running),
    Scenario("reload", _run("reloaded"), running, idempotent=False),
    Scenario("roll back", (("dokploy_deployment", {**WEB, "state": "rolled_back"}),), twice, idempotent=False),
    Scenario("cancel", (("dokploy_deployment", {**WEB, "state": "cancelled"}),), existing, False, False, queued),
    Scenario(
        "refresh the token", (("dokploy_application_action", {**WEB, "action": "refresh_token"}),), existing, False
    ),
    Scenario("disconnect", (("dokploy_application_action", {**API, "action": "disconnect_git_provider"}),), repository),
    Scenario(
        "run a schedule", (("dokploy_schedule", {**WEB, "name": "cleanup", "state": "executed"}),), scheduled, False
    ),
    Scenario(
        "traefik",
        (("dokploy_traefik_config", {**WEB, "content": {"http": {"routers": {"own": {"rule": "Host(`a`)"}}}}}),),
        existing,
    ),
    Scenario(
        "preview",
        (("dokploy_preview_deployment", {"project": "shop", "application": "front-1", "pull_request": 1}),),
        previewed,
        idempotent=False,
    ),
    Scenario(
        "preview removed",
        (
            (
                "dokploy_preview_deployment",
                {"project": "shop", "application": "front-1", "branch": "f/2", "state": "absent"},
            ),
        ),
        previewed,
    ),
    Scenario(
        "raw", (("dokploy_api", {"procedure": "project.create", "input": {"name": "raw"}}),), others, False, False
    ),
    Scenario("generate a domain", (("dokploy_domain", {**WEB, "generate": True, "port": 80}),), _bare),
    Scenario("information", (("dokploy_application_info", HOME), ("dokploy_deployment_info", WEB)), running),
    *_children(),
)

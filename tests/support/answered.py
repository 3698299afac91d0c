# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of every module that reads as many kinds of answers as it can, taken down on a tape."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, Session, run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from tests.simulator import Simulator
from tests.support.furnish import furnish
from tests.support.host import Host, validated
from tests.support.scenes import idle, previewed
from tests.support.scenes_resources import CHILDREN, SWARM
from tests.support.stage import OPERATIONS
from tests.support.tape import Exchange, Tape
from tests.support.values import NAMES

Params = dict[str, Any]

WEB: Params = {"project": "shop", "application": "web"}
GIT: Params = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}, "build": {"type": "dockerfile"}}
REFERENCES: Params = {
    "registry": NAMES["registry"][0],
    "networks": [NAMES["network"][0]],
    "build": {"server": NAMES["build server"][0], "registry": NAMES["registry"][0]},
    "rollback": {"enabled": True, "registry": NAMES["registry"][0]},
}
WHOLE: Params = {
    **{name: value for name, value in SWARM.items() if name not in ("networks", "registry")},
    **{
        name: [{**item, "destination": NAMES["destination"][0]} for item in items]
        if name == "volume_backups"
        else items
        for name, items in CHILDREN.items()
    },
    **REFERENCES,
    "github": {"provider": NAMES["GitHub provider"][0], "owner": "acme", "repository": "shop", "branch": "main"},
    "env": {"A": "one"},
    "replicas": 3,
    "args": ["a b"],
}


@dataclass(frozen=True)
class Scene:
    """A run of a module, and what is there before.

    :param before: brings the server into the state in which the run is worth looking at.
    """

    name: str
    module: str
    params: Callable[[Host], Params]
    before: Callable[[Host], None] = lambda host: None

    def __str__(self) -> str:
        return self.name


def _ran(module: str, **params: Any) -> Callable[[Host], None]:
    return lambda host: void(host.ok(OPERATIONS[module], **params))


def void(_value: Any) -> None:
    """Nothing."""


def _first(*steps: Callable[[Host], None]) -> Callable[[Host], None]:
    def all_of_them(host: Host) -> None:
        for step in steps:
            step(host)
        idle(host)

    return all_of_them


_DEPLOYABLE = _ran("dokploy_application", project="shop", name="web", docker={"image": "nginx:1"})
_DEPLOYED = _ran("dokploy_deployment", trigger="always", verify=False, **WEB)
_WHOLE = _ran("dokploy_application", project="shop", name="web", **WHOLE)
_KEEPING = _ran(
    "dokploy_application",
    project="shop",
    name="web",
    docker={"image": "nginx:1"},
    rollback={"enabled": True, "registry": NAMES["registry"][0]},
)


def _say(host: Host) -> None:
    host.sim.act(say="web", lines=["ready", "TOKEN=x"])


def _previews(host: Host) -> None:
    previewed(host, 1, 2)


def _services(host: Host) -> None:
    host.sim.seed(project="old", environment="production", applications=1, name="gone", deployed=True)
    host.new_task()


def _archive(_host: Host) -> Params:
    folder = Path(tempfile.mkdtemp(prefix="dokploy-answers-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "index.html").write_text("hello")
    return {**WEB, "path": str(folder), "verify": False}


def _handles(host: Host) -> Params:
    handle = host.ok(OPERATIONS["dokploy_deployment"], wait=False, trigger="always", **WEB)["handle"]
    return {"state": "finished", "handles": [handle], "verify_period": 0}


def _is(**params: Any) -> Callable[[Host], Params]:
    return lambda _host: params


def _deployment_id(host: Host) -> str:
    found = host.ok(OPERATIONS["dokploy_deployment_info"], **WEB)["deployments"]
    return str(found[0]["deployment_id"])


def _children() -> Iterator[Scene]:
    for option, items in CHILDREN.items():
        singular = {"redirects": "redirect", "basic_auth": "basic_auth", "patches": "patch"}.get(option, option[:-1])
        module = f"dokploy_{singular}"
        item = dict(items[0])
        if option == "volume_backups":
            item["destination"] = NAMES["destination"][0]
        yield Scene(f"{singular} comes", module, _is(**WEB, **item), _DEPLOYABLE)
        yield Scene(f"{singular} stays", module, _is(**WEB, **item), _WHOLE)
        yield Scene(f"{singular} goes", module, _is(state="absent", **WEB, **item), _WHOLE)


SCENES: list[Scene] = [
    Scene("project comes", "dokploy_project", _is(name="blog", description="d", env={"A": "1"})),
    Scene("project changes", "dokploy_project", _is(name="shop", description="d", env={"A": "1"}, env_mode="merge")),
    Scene("project goes", "dokploy_project", _is(name="old", state="absent", force=True), _services),
    Scene("project info", "dokploy_project_info", _is(include_secrets=True), _services),
    Scene("environment comes", "dokploy_environment", _is(project="shop", name="test", env={"A": "1"})),
    Scene("environment changes", "dokploy_environment", _is(project="shop", name="production", description="d")),
    Scene("environment info", "dokploy_environment_info", _is(), _services),
    Scene("application comes", "dokploy_application", _is(project="shop", name="new", **WHOLE)),
    Scene("application stays", "dokploy_application", _is(project="shop", name="web", **WHOLE), _WHOLE),
    Scene(
        "application changes",
        "dokploy_application",
        _is(project="shop", name="web", **GIT, domains=[], mounts=[], env={"B": "2"}, env_mode="merge"),
        _WHOLE,
    ),
    Scene("application goes", "dokploy_application", _is(project="shop", name="web", state="absent"), _WHOLE),
    Scene(
        "application stops",
        "dokploy_application",
        _is(project="shop", name="web", state="stopped"),
        _first(_DEPLOYABLE, _DEPLOYED),
    ),
    Scene(
        "application reloads",
        "dokploy_application",
        _is(project="shop", name="web", state="reloaded"),
        _first(_DEPLOYABLE, _DEPLOYED),
    ),
    Scene(
        "application info",
        "dokploy_application_info",
        _is(
            include=["schedules", "volume_backups", "patches", "logs", "monitoring", "running", "traefik_config"],
            include_secrets=True,
        ),
        _first(_DEPLOYABLE, _DEPLOYED, _WHOLE, _say),
    ),
    Scene("deploys", "dokploy_deployment", _is(verify_period=0, **WEB), _DEPLOYABLE),
    Scene("deploys again", "dokploy_deployment", _is(verify_period=0, **WEB), _first(_DEPLOYABLE, _DEPLOYED)),
    Scene(
        "deploys a tag",
        "dokploy_deployment",
        _is(verify=False, revision="1", **WEB),
        _DEPLOYABLE,
    ),
    Scene("deploys files", "dokploy_deployment", _archive),
    Scene("finishes", "dokploy_deployment", _handles, _DEPLOYABLE),
    Scene("cancels", "dokploy_deployment", _is(state="cancelled", **WEB), _first(_DEPLOYABLE, _DEPLOYED)),
    Scene(
        "rolls back",
        "dokploy_deployment",
        _is(state="rolled_back", verify_period=0, **WEB),
        _first(_KEEPING, _DEPLOYED, _DEPLOYED),
    ),
    Scene(
        "deployment info", "dokploy_deployment_info", _is(log_lines=5, **WEB), _first(_DEPLOYABLE, _DEPLOYED, _DEPLOYED)
    ),
    Scene(
        "deployments of a project",
        "dokploy_deployment_info",
        _is(project="shop", since="1h"),
        _first(_DEPLOYABLE, _DEPLOYED),
    ),
    Scene("disconnects", "dokploy_application_action", _is(action="disconnect_git_provider", **WEB), _WHOLE),
    Scene("marks", "dokploy_application_action", _is(action="mark_running", **WEB), _DEPLOYABLE),
    Scene(
        "refreshes",
        "dokploy_application_action",
        _is(action="refresh_token", include_secrets=True, **WEB),
        _DEPLOYABLE,
    ),
    Scene("cleans", "dokploy_application_action", _is(action="clean_queues", **WEB), _first(_DEPLOYABLE, _DEPLOYED)),
    Scene(
        "removes a deployment",
        "dokploy_application_action",
        lambda host: {**WEB, "action": "remove_deployment", "deployment_id": _deployment_id(host)},
        _first(_DEPLOYABLE, _DEPLOYED),
    ),
    Scene("traefik changes", "dokploy_traefik_config", _is(content={}, **WEB), _WHOLE),
    Scene(
        "preview again",
        "dokploy_preview_deployment",
        _is(project="shop", application="previewed", pull_request=1),
        _previews,
    ),
    Scene(
        "preview goes",
        "dokploy_preview_deployment",
        _is(project="shop", application="previewed", pull_request=2, state="absent"),
        _previews,
    ),
    Scene("previews", "dokploy_preview_deployment_info", _is(project="shop", application="previewed"), _previews),
    Scene(
        "schedule runs",
        "dokploy_schedule",
        _is(state="executed", name="nightly", **WEB),
        _first(_WHOLE, _DEPLOYABLE, _DEPLOYED),
    ),
    Scene("domain is made up", "dokploy_domain", _is(generate=True, **WEB), _DEPLOYABLE),
    Scene("any query", "dokploy_api", _is(procedure="project.all", include_secrets=True)),
    Scene("any mutation", "dokploy_api", _is(procedure="project.create", input={"name": "blog"})),
    *_children(),
]


class Recorded:
    """A scene as it went, to be played again."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.operation: Operation = OPERATIONS[scene.module]
        self.tape = Tape()
        with Simulator() as sim:
            host = Host(sim)
            furnish(host)
            sim.config(scale_seconds=0, linger_seconds=0)
            sim.seed(project="shop", applications=1, name="web")
            scene.before(host)
            params = scene.params(host)
            host.new_task()
            with self.tape.recording():
                self.result = host.ok(self.operation, **params)
            host.close()
            self.params = validated(self.operation, **host.connection, rate_limit_timeout=0, **params)

    def play(self, number: int = -1, changed: Exchange | None = None) -> tuple[dict[str, Any], list[str]]:
        """The result where one answer is another one, and the names of what was asked for."""
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        opened: list[Session] = []

        def opening(params: Any) -> Session:
            opened.append(Session.open(params))
            return opened[0]

        # Long waits are what a changed answer may lead to; on this clock they take no time.
        waiter = Waiter(clock=lambda: now[0], sleep=sleep)
        with self.tape.playing(number, changed or self.tape.exchanges[0]) as asked:
            result = run(self.operation, self.params, opening, check_mode=False, diff_mode=True, waiter=waiter)
        return result, asked

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One recorded run of every module, with as many kinds of responses as it can read."""

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
from dokploy_simulator import Simulator
from tests.support.builders import (
    REFERENCE_NAMES,
    create_previews,
    create_records,
    create_references,
    create_stack,
    wait_until_idle,
)
from tests.support.examples import child_example, example_of, named
from tests.support.host import Host, validated
from tests.support.http_recorder import Exchange, HttpRecorder
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OPERATIONS, ManagedResource
from tests.support.scenarios.resources import CHILDREN, SWARM
from tests.support.snapshots import restore_store, save_store

Params = dict[str, Any]

WEB: Params = {"project": "shop", "application": "web"}
STACK: Params = {"project": "shop", "compose": "metrics"}
GIT: Params = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}, "build": {"type": "dockerfile"}}
REFERENCES: Params = {
    "registry": REFERENCE_NAMES["registry"][0],
    "networks": [REFERENCE_NAMES["network"][0]],
    "build": {"server": REFERENCE_NAMES["build server"][0], "registry": REFERENCE_NAMES["registry"][0]},
    "rollback": {"enabled": True, "registry": REFERENCE_NAMES["registry"][0]},
}
WHOLE: Params = {
    **{name: value for name, value in SWARM.items() if name not in ("networks", "registry")},
    **{
        name: [{**item, "destination": REFERENCE_NAMES["destination"][0]} for item in items]
        if name == "volume_backups"
        else items
        for name, items in CHILDREN.items()
    },
    **REFERENCES,
    "github": {
        "provider": REFERENCE_NAMES["GitHub provider"][0],
        "owner": "acme",
        "repository": "shop",
        "branch": "main",
    },
    "env": {"A": "one"},
    "replicas": 3,
    "args": ["a b"],
}


@dataclass(frozen=True)
class RunScenario:
    """A run of a module, and what is there before.

    :param before: brings the server into the state in which the run is worth looking at.
    """

    name: str
    module: str
    params: Callable[[Host], Params]
    before: Callable[[Host], None] = lambda host: None

    def __str__(self) -> str:
        return self.name


def _run_before(module: str, **params: Any) -> Callable[[Host], None]:
    return lambda host: _discard(host.ok(OPERATIONS[module], **params))


def _discard(_value: Any) -> None:
    """Nothing."""


def _in_order(*steps: Callable[[Host], None]) -> Callable[[Host], None]:
    def all_of_them(host: Host) -> None:
        for step in steps:
            step(host)
        wait_until_idle(host)

    return all_of_them


_DEPLOYABLE = _run_before("dokploy_application", project="shop", name="web", docker={"image": "nginx:1"})
_DEPLOYED = _run_before("dokploy_deployment", trigger="always", verify=False, **WEB)
_WHOLE = _run_before("dokploy_application", project="shop", name="web", **WHOLE)
_NEWER_IMAGE = _run_before("dokploy_application", project="shop", name="web", docker={"image": "nginx:2"})
_KEEPING = _run_before(
    "dokploy_application",
    project="shop",
    name="web",
    docker={"image": "nginx:1"},
    rollback={"enabled": True, "registry": REFERENCE_NAMES["registry"][0]},
)


def _stack(type: str) -> Callable[[Host], None]:
    return lambda host: _discard(create_stack(host, type=type))


def _stack_deployed(host: Host) -> None:
    create_stack(host)
    host.ok(OPERATIONS["dokploy_deployment"], verify=False, **STACK)
    host.sim.act(say="metrics", lines=["ready", "TOKEN=x"])


def _log_lines(host: Host) -> None:
    host.sim.act(say="web", lines=["ready", "TOKEN=x"])


def _previews(host: Host) -> None:
    create_previews(host, 1, 2)


def _services(host: Host) -> None:
    host.sim.seed(project="old", environment="production", applications=1, name="gone", deployed=True)
    host.new_task()


_BUCKET = REFERENCE_NAMES["destination"][0]


def _dumped(host: Host) -> None:
    """A database that is deployed, and a file with a backup of it."""
    db = {"project": "shop", "name": "db", "type": "postgres", "database": "shop", "user": "shop"}
    host.ok(OPERATIONS["dokploy_database"], **db, image="postgres:17")
    host.ok(OPERATIONS["dokploy_database"], **db, state="deployed")
    backup = {"project": "shop", "database": "db", "database_name": "shop", "destination": _BUCKET, "prefix": "nightly"}
    host.ok(OPERATIONS["dokploy_backup"], **backup, cron="@daily")
    host.ok(OPERATIONS["dokploy_backup"], **backup, state="executed")
    host.new_task()


def _folder_params(_host: Host) -> Params:
    folder = Path(tempfile.mkdtemp(prefix="dokploy-answers-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "index.html").write_text("hello")
    return {**WEB, "path": str(folder), "verify": False}


def _finish_params(host: Host) -> Params:
    handle = host.ok(OPERATIONS["dokploy_deployment"], wait=False, trigger="always", **WEB)["handle"]
    return {"state": "finished", "handles": [handle], "verify_period": 0}


def _params(**params: Any) -> Callable[[Host], Params]:
    return lambda _host: params


_STACK_PARAMS = _params(verify_period=0, **STACK)


def _deployment_id(host: Host) -> str:
    found = host.ok(OPERATIONS["dokploy_deployment_info"], **WEB)["deployments"]
    return str(found[0]["deployment_id"])


def _example(managed: ManagedResource, name: str = "web") -> Params:
    """A task for a resource as its example says, with one of each of its children."""
    resource = managed.resource
    home = dict(zip([one.label for one in resource.parents if not one.optional], ("shop", "production"), strict=False))
    children = {child.option: [child_example(resource, child).item] for child in resource.children}
    example = example_of(resource)
    return {**home, **managed.kind, **named(resource, name), **example.item, **example.existing, **children}


def _resources() -> Iterator[RunScenario]:
    """Those without a scene of their own; of several kinds one in each scene, in turn."""
    for module in dict.fromkeys(one.operation.name for one in MANAGED):
        kinds = [one for one in MANAGED if one.operation.name == module and one.resource.creation.procedure]
        if kinds[0].name in ("project", "environment", "application"):
            continue
        for number, word in enumerate(("comes", "stays", "goes", "info")):
            one = kinds[number % len(kinds)]
            params, name = _example(one), one.name
            before = {} if word == "comes" else {"before": _run_before(module, **params)}
            if word == "goes":
                located = ("project", "environment", "type", one.resource.name_option)
                params = {"state": "absent", **{option: params[option] for option in located if option in params}}
                params.update(example_of(one.resource).removal)
            if word == "info":
                module, params = one.info.name, dict(one.opened)
            yield RunScenario(f"{name} {word}", module, _params(**params), **before)


def _children() -> Iterator[RunScenario]:
    """Each in its first parent in three states; in the others in one of them, in turn."""
    seen: dict[str, int] = {}
    for one in MANAGED_CHILDREN:
        module, child, parent = one.operation.name, one.child, one.parent
        own = parent.name == "application"
        item = WHOLE[child.option][0] if own else child_example(parent.resource, child).item
        existing = _example(parent)
        address = {"project": "shop", **parent.as_parent({**parent.kind, "name": "web"})}
        bare = {
            name: value for name, value in existing.items() if name not in {c.option for c in parent.resource.children}
        }
        without = _DEPLOYABLE if own else _run_before(parent.operation.name, **bare)
        whole = _WHOLE if own else _run_before(parent.operation.name, **existing)
        words = ("comes", "stays", "goes")
        if not own:
            seen[module] = seen.get(module, 0) + 1
            # As many scenes as there are states, whatever the number of kinds.
            words = words[seen[module] - 1 : seen[module]]
        for word in words:
            state = {"state": "absent"} if word == "goes" else {}
            before = without if word == "comes" else whole
            yield RunScenario(
                f"{one} {word}".replace("-of-application", ""), module, _params(**address, **item, **state), before
            )


RUN_SCENARIOS: list[RunScenario] = [
    RunScenario("project comes", "dokploy_project", _params(name="blog", description="d", env={"A": "1"})),
    RunScenario(
        "project changes", "dokploy_project", _params(name="shop", description="d", env={"A": "1"}, env_mode="merge")
    ),
    RunScenario("project goes", "dokploy_project", _params(name="old", state="absent", force=True), _services),
    RunScenario("project info", "dokploy_project_info", _params(include_secrets=True), _services),
    RunScenario("environment comes", "dokploy_environment", _params(project="shop", name="test", env={"A": "1"})),
    RunScenario(
        "environment changes", "dokploy_environment", _params(project="shop", name="production", description="d")
    ),
    RunScenario("environment info", "dokploy_environment_info", _params(), _services),
    RunScenario("application comes", "dokploy_application", _params(project="shop", name="new", **WHOLE)),
    RunScenario("application stays", "dokploy_application", _params(project="shop", name="web", **WHOLE), _WHOLE),
    RunScenario(
        "application changes",
        "dokploy_application",
        _params(project="shop", name="web", **GIT, domains=[], mounts=[], env={"B": "2"}, env_mode="merge"),
        _WHOLE,
    ),
    RunScenario("application goes", "dokploy_application", _params(project="shop", name="web", state="absent"), _WHOLE),
    RunScenario(
        "application stops",
        "dokploy_application",
        _params(project="shop", name="web", state="stopped"),
        _in_order(_DEPLOYABLE, _DEPLOYED),
    ),
    RunScenario(
        "application reloads",
        "dokploy_application",
        _params(project="shop", name="web", state="reloaded"),
        _in_order(_DEPLOYABLE, _DEPLOYED),
    ),
    RunScenario(
        "application info",
        "dokploy_application_info",
        _params(
            include=["schedules", "volume_backups", "patches", "logs", "monitoring", "running", "traefik_config"],
            include_secrets=True,
        ),
        _in_order(_DEPLOYABLE, _DEPLOYED, _WHOLE, _log_lines),
    ),
    RunScenario(
        "applies a document",
        "dokploy_manifest",
        _params(
            tags=[{"name": "team-a", "color": "#22c55e"}],
            projects=[
                {
                    "name": "shop",
                    "tags": ["team-a"],
                    "environments": [
                        {
                            "name": "production",
                            "applications": [
                                {"name": "web", "docker": {"image": "nginx:2"}, "domains": [{"host": "a.example.com"}]}
                            ],
                        }
                    ],
                }
            ],
            verify_period=0,
        ),
        _DEPLOYABLE,
    ),
    RunScenario("deploys", "dokploy_deployment", _params(verify_period=0, **WEB), _DEPLOYABLE),
    RunScenario(
        "deploys again", "dokploy_deployment", _params(verify_period=0, **WEB), _in_order(_DEPLOYABLE, _DEPLOYED)
    ),
    RunScenario(
        "deploys a tag",
        "dokploy_deployment",
        _params(verify=False, revision="1", **WEB),
        _DEPLOYABLE,
    ),
    RunScenario("deploys files", "dokploy_deployment", _folder_params),
    RunScenario("deploys containers", "dokploy_deployment", _STACK_PARAMS, _stack("docker-compose")),
    RunScenario("deploys a stack", "dokploy_deployment", _STACK_PARAMS, _stack("stack")),
    RunScenario("finishes", "dokploy_deployment", _finish_params, _DEPLOYABLE),
    RunScenario("cancels", "dokploy_deployment", _params(state="cancelled", **WEB), _in_order(_DEPLOYABLE, _DEPLOYED)),
    RunScenario(
        "rolls back",
        "dokploy_deployment",
        _params(state="rolled_back", verify_period=0, **WEB),
        _in_order(_KEEPING, _DEPLOYED, _DEPLOYED),
    ),
    RunScenario(
        "rolls back to an image",
        "dokploy_deployment",
        _params(state="rolled_back", verify_period=0, **WEB),
        _in_order(_DEPLOYABLE, _DEPLOYED, _NEWER_IMAGE, _DEPLOYED),
    ),
    RunScenario(
        "deployment info",
        "dokploy_deployment_info",
        _params(log_lines=5, **WEB),
        _in_order(_DEPLOYABLE, _DEPLOYED, _DEPLOYED),
    ),
    RunScenario(
        "deployments of a project",
        "dokploy_deployment_info",
        _params(project="shop", since="1h"),
        _in_order(_DEPLOYABLE, _DEPLOYED),
    ),
    RunScenario("logs", "dokploy_logs_info", _params(**WEB), _in_order(_DEPLOYABLE, _DEPLOYED, _log_lines)),
    RunScenario(
        "logs until a line",
        "dokploy_logs_info",
        _params(follow=True, until="ready", **WEB),
        _in_order(_DEPLOYABLE, _DEPLOYED, _log_lines),
    ),
    RunScenario("logs of a stack", "dokploy_logs_info", _params(**STACK), _stack_deployed),
    RunScenario("job", "dokploy_job", _params(project="shop", name="count", image="nginx", args=["true"]), _WHOLE),
    RunScenario("disconnects", "dokploy_application_action", _params(action="disconnect_git_provider", **WEB), _WHOLE),
    RunScenario("marks", "dokploy_application_action", _params(action="mark_running", **WEB), _DEPLOYABLE),
    RunScenario(
        "refreshes",
        "dokploy_application_action",
        _params(action="refresh_token", include_secrets=True, **WEB),
        _DEPLOYABLE,
    ),
    RunScenario(
        "cleans", "dokploy_application_action", _params(action="clean_queues", **WEB), _in_order(_DEPLOYABLE, _DEPLOYED)
    ),
    RunScenario(
        "removes a deployment",
        "dokploy_application_action",
        lambda host: {**WEB, "action": "remove_deployment", "deployment_id": _deployment_id(host)},
        _in_order(_DEPLOYABLE, _DEPLOYED),
    ),
    RunScenario("traefik changes", "dokploy_traefik_config", _params(content={}, **WEB), _WHOLE),
    RunScenario(
        "preview again",
        "dokploy_preview_deployment",
        _params(project="shop", application="previewed", pull_request=1),
        _previews,
    ),
    RunScenario(
        "preview goes",
        "dokploy_preview_deployment",
        _params(project="shop", application="previewed", pull_request=2, state="absent"),
        _previews,
    ),
    RunScenario(
        "previews", "dokploy_preview_deployment_info", _params(project="shop", application="previewed"), _previews
    ),
    RunScenario(
        "schedule runs",
        "dokploy_schedule",
        _params(state="executed", name="nightly", **WEB),
        _in_order(_WHOLE, _DEPLOYABLE, _DEPLOYED),
    ),
    RunScenario("domain is made up", "dokploy_domain", _params(generate=True, **WEB), _DEPLOYABLE),
    RunScenario("templates", "dokploy_template_info", _params()),
    RunScenario("everything", "dokploy_info", _params(), create_records),
    RunScenario("backup files", "dokploy_backup_info", _params(destination=_BUCKET), _dumped),
    RunScenario("backups", "dokploy_backup_info", _params(max_age="36h", sizes=True), create_records),
    RunScenario(
        "first key",
        "dokploy_bootstrap",
        _params(email="admin@example.com", password="simulator", include_secrets=True),
    ),
    RunScenario(
        "settings change",
        "dokploy_settings",
        _params(
            domain={"host": "dokploy.example.com", "https": True},
            server_ip="192.0.2.1",
            log_cleanup="",
            traefik={"environment": {"A": "1"}, "dashboard": True, "access_log": True},
            actions=["clean_images"],
        ),
    ),
    RunScenario("API key comes", "dokploy_api_key", _params(name="ci", include_secrets=True)),
    RunScenario("organization comes", "dokploy_organization", _params(name="acme", default_role="admin")),
    RunScenario(
        "user comes",
        "dokploy_user",
        _params(
            email="dev@example.com",
            password="long enough",
            role="member",
            permissions={"docker": True},
            projects=["shop"],
        ),
    ),
    RunScenario("any query", "dokploy_api", _params(procedure="project.all", include_secrets=True)),
    RunScenario("any mutation", "dokploy_api", _params(procedure="project.create", input={"name": "blog"})),
    *_resources(),
    *_children(),
]


class ScenarioServer:
    """A server for one scene after the other."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        host = Host(sim)
        create_references(host)
        sim.seed(project="shop", applications=1, name="web")
        self._kept = save_store(sim)
        host.close()

    def reset(self) -> None:
        """The application C(web), and everything that options can refer to."""
        self.sim.reset(config=True)
        self.sim.config(scale_seconds=0, linger_seconds=0)
        restore_store(self.sim, self._kept)


class RecordedRun:
    """A scene as it went, to be played again."""

    def __init__(self, scene: RunScenario, server: ScenarioServer) -> None:
        self.scene = scene
        self.operation: Operation = OPERATIONS[scene.module]
        self.recorder = HttpRecorder()
        server.reset()
        host = Host(server.sim)
        scene.before(host)
        params = scene.params(host)
        host.new_task()
        with self.recorder.record():
            self.result = host.ok(self.operation, **params)
        host.close()
        connection = {**host.connection, "rate_limit_timeout": 0}
        known = {name: value for name, value in connection.items() if name in self.operation.argument_spec}
        self.params = validated(self.operation, **known, **params)

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
        with self.recorder.replay(number, changed or self.recorder.exchanges[0]) as asked:
            result = run(self.operation, self.params, opening, check_mode=False, diff_mode=True, waiter=waiter)
        return result, asked

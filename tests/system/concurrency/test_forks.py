# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twenty hosts of one play that all want the same things: one of each, whoever comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.system.concurrency.playbooks import FORKS, Playbook, ServerState, run, task

HOME = {"project": "shop", "environment": "staging"}
WEB = {**HOME, "application": "web"}
CHILDREN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "domain": ("dokploy_domain", "domains", {"host": "a.example.com", "port": 80}),
    "mount": ("dokploy_mount", "mounts", {"type": "volume", "name": "data", "path": "/data"}),
    "port": ("dokploy_port", "ports", {"published_port": 8080, "target_port": 80}),
    "redirect": ("dokploy_redirect", "redirects", {"regex": "^/a$", "replacement": "/b"}),
    "user": ("dokploy_basic_auth", "basic_auth", {"username": "u", "password": "s3cret-p"}),
    "schedule": ("dokploy_schedule", "schedules", {"name": "s", "cron": "0 4 * * *", "command": "echo"}),
    "patch": ("dokploy_patch", "patches", {"path": "Dockerfile", "content": "FROM scratch\n"}),
    "backup": (
        "dokploy_volume_backup",
        "volume_backups",
        {"name": "b", "volume": "data", "destination": "s3", "cron": "0 4 * * *"},
    ),
}
CREATE = (
    *("project.create", "environment.create", "application.create", "domain.create", "mounts.create", "port.create"),
    *("redirects.create", "security.create", "schedule.create", "patch.create", "volumeBackups.create"),
)
THINGS = [
    task("project", "dokploy_project", name="shop"),
    task("environment", "dokploy_environment", project="shop", name="staging"),
    task("application", "dokploy_application", **HOME, name="web", docker={"image": "nginx:1"}, replicas=2),
]
ALONE = [task(name, module, **WEB, **params) for name, (module, _option, params) in CHILDREN.items()]
LISTED = [
    task(
        "lists",
        "dokploy_application",
        **HOME,
        name="web",
        **{option: [params] for _m, option, params in CHILDREN.values()},
    )
]
OWN = [task("own", "dokploy_application", **HOME, name="{{ inventory_hostname }}", replicas=1)]


@pytest.mark.parametrize(
    ("path", "strategy", "children"),
    [
        ("action", "linear", ALONE),
        ("action", "free", LISTED),
        ("module", "linear", LISTED),
        ("module", "free", ALONE[:1]),
    ],
    ids=["in process, linear", "in process, free", "modules, linear", "modules, free"],
)
def test_one_of_each(
    path: str, strategy: str, children: list[dict[str, Any]], server: ServerState, tmp_path: Path
) -> None:
    server.sim.act(destination="s3")
    # No one continues before all have seen that there is nothing.
    server.sim.hold("project.all", count=FORKS, stage="after", seconds=900)
    own = OWN if path == "action" else []
    play = Playbook(THINGS + children + own, hosts=FORKS, strategy=strategy, path=path)
    run(server.sim, tmp_path, play)
    assert [result["msg"] for result in play.failed()] == []
    assert server.sim.holds()[0]["released"] == "all"
    assert server.sim.stats()["most_in_transaction"] <= 4
    for name in ("project", "environment", "application", *(one["name"] for one in children)):
        results = play.of(name)
        assert len(results) == FORKS
        changed = sum(result["changed"] for result in results)
        # Who finds it between its creation and what follows writes the same.
        assert changed == 1 or (changed > 1 and name in ("application", "lists")), name
    made = {"project.create", "environment.create", "domain.create"}
    made |= set(CREATE[4:]) if len(children) != 1 or children is LISTED else set()
    assert {name: server.count(name) for name in made} == dict.fromkeys(made, 1)
    # One for all, and one for each.
    assert server.count("application.create") == 1 + FORKS * len(own)
    assert all(result["changed"] for result in play.of("own"))
    again = Playbook(THINGS + children)
    run(server.sim, tmp_path / "again", again)
    assert not any(row["result"]["changed"] for row in again.results)


def test_hosts_that_share_no_lock(server: ServerState, tmp_path: Path) -> None:
    """As twenty machines, or containers: all create, and one stays."""
    for create in ("project.create", "environment.create", "application.create"):
        server.sim.hold(create, count=FORKS, seconds=900)
    play = Playbook(THINGS, hosts=FORKS, path="module", apart=True)
    run(server.sim, tmp_path, play)
    assert server.count("project.create") == FORKS
    assert [hold["released"] for hold in server.sim.holds()] == ["all"] * 3
    assert play.failed() == []
    for kind, name in (("project", "shop"), ("environment", "staging"), ("application", "web")):
        only = server.one(kind, name)
        assert {result[kind][f"{kind}_id"] for result in play.of(kind)} == {only[f"{kind}Id"]}
    again = Playbook(THINGS)
    run(server.sim, tmp_path / "again", again)
    assert not any(row["result"]["changed"] for row in again.results)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A promotion that is killed late: the next run ends with the digest that was wanted, which runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.real import shop
from tests.real.losing import Proxy, losing
from tests.real.playbooks import Play, Running, Server, run, start_playbook, task
from tests.real.shop import Images

pytestmark = pytest.mark.long

# The first deployment pulls the image, the second one is that of the promotion.
TRIGGER, NUMBER = "/api/application.deploy", 2
#: After the deployment was triggered: at once, and while its containers are watched.
SECONDS = (0, 4)


def document(server: Server, images: Images) -> list[dict[str, Any]]:
    """The image to promote is tested, and another one runs in production."""

    def web(image: str) -> dict[str, Any]:
        return {"applications": [{"name": "web", "docker": {"image": image}, "command": "sleep 100000"}]}

    tested = {"name": "tested", **web(images.redis)}
    return [{"name": server.project, "environments": [tested, {"name": "live", **web(images.busybox)}]}]


def kill_late(proxy: Proxy, running: Running, seconds: float) -> None:
    """End a promotion that many seconds after it has triggered the deployment."""
    end = time.monotonic() + 300
    while proxy.writes.count(TRIGGER) < NUMBER:
        assert time.monotonic() < end and running.process.poll() is None
        time.sleep(0.05)
    time.sleep(seconds)
    running.kill()
    assert running.end().status == -9


def test_killed_promotion(server: Server, images: Images, path: str, tmp_path: Path) -> None:
    digests = shop.docker("image", "inspect", "--format", '{{ join .RepoDigests " " }}', images.redis)
    wanted = next(digest for digest in digests.split() if digest.startswith(images.redis.rpartition(":")[0]))
    variables = {
        "dokploy_api_key": server.key,
        "dokploy_in_process": path == "action",
        "dokploy_promote_from": f"{server.project}/tested/web",
        "dokploy_promote_to": f"{server.project}/live/web",
    }

    def promoted(name: str) -> Play:
        play = start_playbook("promote", tmp_path / name, {"dokploy_url": server.url, **variables}).end()
        assert play.status == 0, play.output
        return play

    for seconds in SECONDS:
        fill = task("apply", "dokploy_manifest", projects=document(server, images), verify_period=1)
        filled = run(server, tmp_path / f"fill-{seconds}", [fill])
        assert filled.status == 0, filled.output
        with losing(server.url) as proxy:
            behind = {"dokploy_url": proxy.url, **variables}
            kill_late(proxy, start_playbook("promote", tmp_path / f"killed-{seconds}", behind), seconds)
        promoted(f"goes-on-{seconds}")
        (row,) = shop.services(server, "live")
        container = shop.only_container(row["appName"])
        runs = shop.docker("inspect", "--format", "{{ .Config.Image }} {{ .State.Running }}", container)
        assert (row["dockerImage"], runs) == (wanted, f"{wanted} true")
        assert promoted(f"again-{seconds}").count == 0
        assert shop.containers(row["appName"]) == [container]

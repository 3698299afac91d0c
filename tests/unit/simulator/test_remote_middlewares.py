# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of the middlewares of a server that Dokploy reaches by SSH."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import yaml

from tests.support.builders import SERVER
from tests.support.simulator_client import Api

PATH = "/etc/dokploy/traefik/dynamic/middlewares.yml"


@pytest.fixture
def server(api: Api) -> str:
    return str(api.post("server.create", **SERVER, name="far", serverType="deploy", sshKeyId=None).json()["serverId"])


def application(api: Api, name: str, server: str) -> dict[str, Any]:
    environment = api.post("project.create", name=f"of {name}").json()["environment"]["environmentId"]
    body = {"name": name, "environmentId": environment, "serverId": server}
    made = api.post("application.create", **body).json()
    return dict(api.get("application.one", applicationId=made["applicationId"]).json())


def middlewares(api: Api, server: str) -> set[str]:
    text = api.get("settings.readTraefikFile", path=PATH, serverId=server).json()
    return set(yaml.safe_load(text)["http"]["middlewares"])


def test_each_server_has_a_file_of_its_own(api: Api, server: str) -> None:
    row = application(api, "web", server)
    own, name = {"applicationId": row["applicationId"]}, row["appName"]
    before = api.get("settings.readMiddlewareTraefikConfig").json()
    api.post("domain.create", **own, host="a.example.com", path="/p", stripPath=True, internalPath="/i")
    api.post("redirects.create", **own, regex="^/a$", replacement="/b", permanent=False)
    api.post("security.create", **own, username="u", password="p")
    paths = {f"stripprefix-{name}-1", f"addprefix-{name}-1"}
    assert middlewares(api, server) == {"redirect-to-https", *paths, f"redirect-{name}-1", f"auth-{name}"}
    assert api.get("settings.readMiddlewareTraefikConfig").json() == before
    api.post("application.delete", **own)
    # Dokploy leaves those of paths.
    assert middlewares(api, server) == {"redirect-to-https", *paths}


def test_of_two_changes_at_once_the_file_keeps_one(api: Api, server: str) -> None:
    """Although they are of different applications."""
    rows = [application(api, name, server) for name in ("web", "api")]
    api.sim.config(traefik_seconds=0.3)

    def add(row: dict[str, Any]) -> None:
        body = {"applicationId": row["applicationId"], "username": "u", "password": "p"}
        assert Api(api.sim).post("security.create", **body).status_code == 200

    threads = [threading.Thread(target=add, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(middlewares(api, server)) == 2
    assert all(len(api.get("application.one", applicationId=row["applicationId"]).json()["security"]) for row in rows)


def test_a_change_of_another_file_keeps_all(api: Api, server: str) -> None:
    """A domain without a path is in the file of its application only."""
    row = application(api, "web", server)
    own = {"applicationId": row["applicationId"]}
    api.sim.config(traefik_seconds=0.3)
    domain = threading.Thread(target=lambda: Api(api.sim).post("domain.create", **own, host="a.example.com"))
    domain.start()
    api.post(
        "settings.updateTraefikFile", path=PATH, serverId=server, traefikConfig="http:\n  middlewares:\n    a: {}\n"
    )
    domain.join()
    assert middlewares(api, server) == {"a"}


def test_a_redirect_is_answered_before_it_is_in_a_file(api: Api, server: str) -> None:
    row = application(api, "web", server)
    own = {"applicationId": row["applicationId"]}
    api.post("domain.create", **own, host="a.example.com")
    api.sim.config(traefik_seconds=0.3)
    assert api.post("redirects.create", **own, regex="^/a$", replacement="/b", permanent=False).json() is True
    name = f"redirect-{row['appName']}-1"
    assert name not in middlewares(api, server)
    api.until(lambda: name in middlewares(api, server))
    assert name in str(api.get("application.readTraefikConfig", **own).json())

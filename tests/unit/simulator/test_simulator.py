# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the contract replay does not look at: the journal, versions, lost fields, seeds, the process."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
import requests

from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST
from tests.support.simulator_client import Api

ROOT = Path(__file__).resolve().parents[3]


def test_journal_names_calls_in_order_and_no_values(api: Api) -> None:
    application = api.application(env="TOKEN=hush")
    api.sim.reset_stats()
    api.get("application.one", applicationId=application)
    api.batch(("application.one", {"applicationId": application}), ("domain.byApplicationId", {"applicationId": "x"}))
    api.post("application.update", applicationId=application, env="TOKEN=hush2", description="d")
    stats = api.sim.stats()
    assert (stats["http"], stats["batches"], stats["reads"], stats["writes"]) == (3, 1, 3, 1)
    assert [(call["http"], call["transport"], call["batch"], call["procedure"]) for call in stats["journal"]] == [
        (1, "rest", 0, "application.one"),
        (2, "trpc", 2, "application.one"),
        (2, "trpc", 2, "domain.byApplicationId"),
        (3, "rest", 0, "application.update"),
    ]
    assert stats["journal"][3]["fields"] == ["applicationId", "description", "env"]
    assert "hush" not in json.dumps(stats)


def test_an_older_release_knows_less(api: Api) -> None:
    application = api.application()
    api.sim.config(version="0.27.0")
    assert api.get("settings.getDokployVersion").json() == "v0.27.0"
    unknown = api.get("project.search", q="x")
    assert unknown.status_code == 404 and unknown.json() == {"message": "Not found", "code": "NOT_FOUND"}
    # networkIds came with 0.29.14: dropped, and alone nothing is left to set.
    alone = api.post("application.update", applicationId=application, networkIds=["n"])
    assert alone.json()["message"] == "No values to set"
    assert api.post("application.update", applicationId=application, networkIds=["n"], name="new").json() is True
    row = api.get("application.one", applicationId=application).json()
    assert row["name"] == "new" and "networkIds" not in row
    api.sim.config(version="0.25.0")
    assert api.get("application.saveGitProvider").json()["code"] == "NOT_FOUND"
    assert api.post("application.saveGitProdiver").json()["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("version", ["0.24.9", "0.31.0", "1.0.0", "latest", "0.30", ""])
def test_a_release_that_it_does_not_know(api: Api, version: str) -> None:
    with pytest.raises(ValueError, match=r"setting version is a release from 0\.25\.0 to 0\.30\.8, got"):
        api.sim.config(version=version)
    with pytest.raises(ValueError, match="setting version is a release"):
        Simulator(version=version)
    assert api.get("settings.getDokployVersion").json() == f"v{NEWEST}"


def test_what_is_not_played_is_told_from_what_does_not_exist(api: Api) -> None:
    assert api.get("stripe.getProducts").status_code == 501
    assert api.post("certificates.one").status_code == 404
    assert api.get("certificates.two").status_code == 404


def test_seed_and_actions(api: Api) -> None:
    made = api.sim.seed(applications=3, domains=1, mounts=2, fields={"env": "N={}"}, deployed=True)
    assert len(made["applicationIds"]) == 3
    row = api.get("application.one", applicationId=made["applicationIds"][2]).json()
    assert (row["name"], row["env"], row["applicationStatus"]) == ("app-002", "N=2", "done")
    assert (len(row["domains"]), len(row["mounts"])) == (1, 2)
    again = api.sim.seed(applications=1, name="more")
    assert again["environmentId"] == made["environmentId"]
    api.sim.act(set="more", fields={"env": "CHANGED=1"})
    assert api.get("application.one", applicationId=again["applicationIds"][0]).json()["env"] == "CHANGED=1"
    api.sim.act(remove="more")
    assert api.get("application.one", applicationId=again["applicationIds"][0]).status_code == 404
    with pytest.raises(ValueError, match="0 services are called more"):
        api.sim.act(remove="more")
    with pytest.raises(ValueError, match="application has no colour"):
        api.sim.act(set="app-000", fields={"colour": "red"})


@pytest.mark.parametrize("kind", ["github", "gitlab", "bitbucket", "gitea"])
def test_git_providers_without_their_secrets(api: Api, kind: str) -> None:
    made = api.sim.act(git_provider=kind, name="acme")
    (listed,) = api.get(f"{kind}.{kind}Providers").json()
    assert (listed[f"{kind}Id"], listed["gitProvider"]["name"]) == (made[f"{kind}Id"], "acme")
    application = api.application(**{f"{kind}Id": made[f"{kind}Id"], "sourceType": kind})
    joined = api.get("application.one", applicationId=application).json()[kind]
    assert joined["gitProviderId"] == made["gitProviderId"]
    assert not {"githubPrivateKey", "secret", "accessToken", "apiToken", "clientSecret"} & joined.keys()
    api.post("gitProvider.remove", gitProviderId=made["gitProviderId"])
    assert api.get("application.one", applicationId=application).json()[f"{kind}Id"] is None


def test_control_over_http(api: Api) -> None:
    url = f"{api.sim.url}/_sim"
    assert requests.get(f"{url}/health").json() == {"ok": True, "version": NEWEST}
    assert requests.post(f"{url}/config", json={"build_seconds": 0.5}).json()["build_seconds"] == 0.5
    bad = requests.post(f"{url}/config", json={"bild_seconds": 1})
    assert bad.status_code == 400 and "unknown setting bild_seconds" in bad.json()["error"]
    for values in ({"builds": 1}, {"profile": "unreal"}, {"version": "new"}, {"build_seconds": "1"}):
        assert requests.post(f"{url}/config", json=values).status_code == 400, values
    assert requests.post(f"{url}/faults", json=[{"kind": "html"}]).json()["faults"][0]["kind"] == "html"
    assert requests.post(f"{url}/faults", json={"kind": "nonsense"}).status_code == 400
    assert api.get("project.all").status_code == 502
    assert requests.get(f"{url}/stats").json()["http"] == 1
    assert requests.post(f"{url}/reset", json={"config": True}).json() == {"ok": True}
    assert requests.get(f"{url}/stats").json()["http"] == 0
    assert requests.post(f"{url}/nothing").status_code == 404


def test_rows_move_to_the_end_when_they_change(api: Api) -> None:
    """No order of environments may be relied on: the database gives them as they lie."""
    made = api.post("project.create", name="shop").json()
    staging = api.post("environment.create", name="staging", projectId=made["project"]["projectId"]).json()
    api.post("environment.update", environmentId=made["environment"]["environmentId"], env="A=1")
    names = [row["environmentId"] for row in api.get("project.all").json()[0]["environments"]]
    assert names == [staging["environmentId"], made["environment"]["environmentId"]]


def test_idle_connections_are_closed() -> None:
    with Simulator(keepalive_seconds=0.05) as sim:
        host, port = sim.url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=120)
        connection.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        received = connection.recv(4096)
        assert received.startswith(b"HTTP/1.1 200") and received.endswith(b'{"ok":true}')
        assert connection.recv(4096) == b""
        connection.close()


def test_gzip(api: Api) -> None:
    api.sim.config(gzip=True)
    api.sim.seed(applications=20)
    response = api.get("project.all")
    assert response.headers["Content-Encoding"] == "gzip" and len(response.json()) == 1


def test_a_whole_number_of_seconds_is_followed_by_a_fraction(api: Api) -> None:
    for seconds in (1, 0.05):
        api.sim.config(build_seconds=seconds)
        assert api.sim.server.config.build_seconds == seconds

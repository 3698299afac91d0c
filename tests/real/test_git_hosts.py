# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gitea and GitLab, as their stand-ins of C(make real) speak: authorization, refreshed tokens, lists, a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.real.playbooks import Server, run, task
from tests.real.test_sources import DOCKERFILE, variable
from tools.real.git_hosts import CLIENT_ID, CLIENT_SECRET, OWNER, REPOSITORY

SOURCE = {"owner": OWNER, "repository": REPOSITORY, "branch": "main"}


def ask(server: Server, procedure: str, **params: str) -> Any:
    url = f"{server.url}/api/{procedure}"
    answer = requests.get(url, params=params, headers={"x-api-key": server.key}, timeout=120)
    assert answer.ok, answer.text
    return answer.json()


def authorize(server: Server, kind: str, row: dict[str, Any]) -> None:
    """What a browser does: to the host, which agrees, and back to Dokploy with the code."""
    ids = {f"{kind}Id": row[f"{kind}Id"]}
    if kind == "gitea":
        page = requests.get(
            f"{server.url}/api/providers/gitea/authorize", params=ids, allow_redirects=False, timeout=120
        )
        start = page.headers["location"]
    else:
        back = f"{row['redirectUri']}?gitlabId={row['gitlabId']}"
        start = (
            requests.Request("GET", f"{row['gitlabUrl']}/oauth/authorize", params={"redirect_uri": back}).prepare().url
            or ""
        )
    agreed = requests.get(start, allow_redirects=False, timeout=120)
    done = requests.get(agreed.headers["location"], allow_redirects=False, timeout=120)
    assert done.status_code == 307 and "error" not in done.headers["location"], done.text


@pytest.mark.parametrize("kind", ["gitea", "gitlab"])
def test_git_host(kind: str, server: Server, tmp_path: Path) -> None:
    url = variable("REAL_GIT_HOSTS")
    redirect = f"{server.url}/api/providers/{kind}/callback"
    ids = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    if kind == "gitlab":
        ids = {"application_id": CLIENT_ID, "secret": CLIENT_SECRET}
    provider = task(
        "provider", "dokploy_git_provider", name=server.project, **{kind: {"url": url, "redirect_uri": redirect, **ids}}
    )
    tested = task("tested", "dokploy_git_provider", name=server.project, state="tested")
    try:
        assert run(server, tmp_path / "provider", [provider]).status == 0
        refused = run(server, tmp_path / "refused", [tested])
        assert refused.status, "it is not authorized yet"
        (entry,) = (row for row in ask(server, "gitProvider.getAll") if row["name"] == server.project)
        row = ask(server, f"{kind}.one", **{f"{kind}Id": entry[kind][f"{kind}Id"]})
        authorize(server, kind, row)
        source: dict[str, Any] = {"provider": server.project, **SOURCE}
        if kind == "gitlab":
            source |= {"project_id": 1, "path_namespace": f"{OWNER}/{REPOSITORY}"}
        home = {"project": server.project, "environment": "production"}
        tasks = [
            provider,
            tested,
            task("project", "dokploy_project", name=server.project),
            task("application", "dokploy_application", **home, name="web", build=DOCKERFILE, **{kind: source}),
            task("deploy", "dokploy_deployment", **home, application="web", wait_timeout=600),
        ]
        play = run(server, tmp_path / "deploy", tasks)
        assert play.status == 0 and "provider" not in play.changed, play.output
        # Each use has refreshed the token.
        assert ask(server, f"{kind}.one", **{f"{kind}Id": row[f"{kind}Id"]})["accessToken"] != row["accessToken"]
    finally:
        removal = [
            task("project", "dokploy_project", name=server.project, state="absent", force=True),
            task("provider", "dokploy_git_provider", name=server.project, state="absent"),
        ]
        assert run(server, tmp_path / "removal", removal).status == 0

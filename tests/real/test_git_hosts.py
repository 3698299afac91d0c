# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of Git repositories, as their stand-ins of C(make real) speak: authorization, tokens, lists, a deployment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.real.playbooks import Play, Server, run, task
from tests.real.test_sources import DOCKERFILE, variable
from tools.real import bitbucket_host
from tools.real.git_host import OWNER, REPOSITORY
from tools.real.oauth_hosts import CLIENT_ID, CLIENT_SECRET

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


def deployed(server: Server, folder: Path, provider: list[dict[str, Any]], source: dict[str, Any]) -> Play:
    """A run that tests the provider and deploys an application with this source."""
    home = {"project": server.project, "environment": "production"}
    tasks = [
        *provider,
        task("tested", "dokploy_git_provider", name=server.project, state="tested"),
        task("project", "dokploy_project", name=server.project),
        task("application", "dokploy_application", **home, name="web", build=DOCKERFILE, **source),
        task("deploy", "dokploy_deployment", **home, application="web", wait_timeout=600),
    ]
    return run(server, folder, tasks)


def remove(server: Server, folder: Path) -> None:
    removal = [
        task("project", "dokploy_project", name=server.project, state="absent", force=True),
        task("provider", "dokploy_git_provider", name=server.project, state="absent"),
    ]
    assert run(server, folder, removal).status == 0


def provider_of(server: Server) -> dict[str, Any]:
    (entry,) = (row for row in ask(server, "gitProvider.getAll") if row["name"] == server.project)
    return dict(entry)


@pytest.mark.parametrize("kind", ["gitea", "gitlab"])
def test_gitea_and_gitlab(kind: str, server: Server, tmp_path: Path) -> None:
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
        row = ask(server, f"{kind}.one", **{f"{kind}Id": provider_of(server)[kind][f"{kind}Id"]})
        authorize(server, kind, row)
        source: dict[str, Any] = {"provider": server.project, **SOURCE}
        if kind == "gitlab":
            source |= {"project_id": 1, "path_namespace": f"{OWNER}/{REPOSITORY}"}
        play = deployed(server, tmp_path / "deploy", [provider], {kind: source})
        assert play.status == 0 and "provider" not in play.changed, play.output
        # Each use has refreshed the token.
        assert ask(server, f"{kind}.one", **{f"{kind}Id": row[f"{kind}Id"]})["accessToken"] != row["accessToken"]
    finally:
        remove(server, tmp_path / "removal")


def test_github(server: Server, tmp_path: Path) -> None:
    """The app is made and installed in a browser, as Dokploy insists; all that follows is the collection's."""
    url, authority = variable("REAL_GITHUB"), variable("REAL_AUTHORITY")
    setup = f"{server.url}/api/providers/github/setup"
    manifest = {"name": server.project, "redirect_url": f"{setup}?githubUrl={url}", "callback_urls": [setup]}
    browser = requests.Session()
    browser.trust_env, browser.verify = False, authority
    held = {"x-api-key": server.key}
    form = {"manifest": json.dumps(manifest)}
    made = browser.post(f"{url}/settings/apps/new?state=gh_init:1", data=form, allow_redirects=False, timeout=120)
    try:
        done = browser.get(made.headers["location"], headers=held, allow_redirects=False, timeout=120)
        assert done.status_code == 307, done.text
        tested = task("tested", "dokploy_git_provider", name=server.project, state="tested")
        assert run(server, tmp_path / "refused", [tested]).status, "it is not installed yet"
        row = ask(server, "github.one", githubId=provider_of(server)["github"]["githubId"])
        page = f"{row['githubAppName']}/installations/new?state=gh_setup:{row['githubId']}"
        installed = browser.get(page, allow_redirects=False, timeout=120)
        done = browser.get(installed.headers["location"], headers=held, allow_redirects=False, timeout=120)
        assert done.status_code == 307, done.text
        play = deployed(server, tmp_path / "deploy", [], {"github": {"provider": server.project, **SOURCE}})
        assert play.status == 0, play.output
        assert row["githubPrivateKey"].strip().splitlines()[1] not in play.output
    finally:
        remove(server, tmp_path / "removal")


@pytest.mark.parametrize("by", ["token", "password"])
def test_bitbucket(by: str, server: Server, tmp_path: Path) -> None:
    variable("REAL_BITBUCKET")
    account = {"username": bitbucket_host.USERNAME, "workspace": OWNER}
    if by == "token":
        login = {"email": bitbucket_host.EMAIL, "api_token": bitbucket_host.API_TOKEN}
    else:
        login = {"app_password": bitbucket_host.APP_PASSWORD}
    provider = task("provider", "dokploy_git_provider", name=server.project, bitbucket={**account, **login})
    source = {"bitbucket": {"provider": server.project, **SOURCE}}
    try:
        play = deployed(server, tmp_path / "deploy", [provider], source)
        assert play.status == 0, play.output
        again = deployed(server, tmp_path / "again", [provider], source)
        assert again.status == 0 and not set(again.changed) - {"tested"}, again.output
        wrong = {name: "wrong" if name in ("api_token", "app_password") else value for name, value in login.items()}
        other = task(
            "provider",
            "dokploy_git_provider",
            name=server.project,
            bitbucket={**account, **wrong},
            update_secrets="always",
        )
        assert deployed(server, tmp_path / "wrong", [other], source).status
    finally:
        remove(server, tmp_path / "removal")

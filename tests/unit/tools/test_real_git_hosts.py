# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-ins of a real Dokploy for hosts of Git repositories, as Dokploy and a browser call them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tools.real import git, tls
from tools.real.bitbucket_host import API_TOKEN, APP_PASSWORD, EMAIL, USERNAME, BitbucketHost
from tools.real.git_host import serve
from tools.real.oauth_hosts import CLIENT_ID, CLIENT_SECRET
from tools.real.room import Room

BRANCHES = ["broken", "main", "slow"]


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What C(git.up) says of its servers, and C(folder): the room."""
    room = Room(tmp_path_factory.mktemp("room"), 3940)
    try:
        with pytest.MonkeyPatch.context() as patch:
            free_ports(patch, "REAL_GIT_PORT", "REAL_GIT_HOSTS_PORT", "REAL_GITHUB_PORT")
            # Bitbucket has a fixed address, which a room of this machine may have.
            patch.setattr(tls, "knows_hosts", lambda: False)
            variables = git.up(room)
        yield {**variables, "folder": str(room.folder)}
    finally:
        room.stop("git")
        room.stop("git_hosts")


def free_ports(patch: pytest.MonkeyPatch, *names: str) -> None:
    with contextlib.ExitStack() as stack:
        for name in names:
            free = stack.enter_context(socket.socket())
            free.bind(("127.0.0.1", 0))
            patch.setenv(name, str(free.getsockname()[1]))


def cloned(url: str, login: str, folder: Path, **environment: str) -> str:
    """The page in a clone of the account's repository."""
    command = ["git", "clone", "--quiet", "--depth", "1", url.replace("//", f"//{login}@") + "/acme/web.git"]
    subprocess.run([*command, str(folder)], env={**os.environ, **environment}, check=True)
    return (folder / "index.html").read_text()


def test_git_over_http(urls: dict[str, str], tmp_path: Path) -> None:
    for number, url in enumerate((urls["REAL_REPOSITORY"], urls["REAL_PRIVATE_REPOSITORY"])):
        clone = tmp_path / f"clone-{number}"
        command = ["git", "clone", "--quiet", "--depth", "1", "--branch", "broken", url, str(clone)]
        subprocess.run(command, check=True)
        assert "BUILD-FAILS" in (clone / "Dockerfile").read_text()
    push = ["git", "-C", str(clone), *git.AUTHOR, "commit", "--quiet", "--allow-empty", "--message", "more"]
    subprocess.run(push, check=True)
    subprocess.run(["git", "-C", str(clone), "push", "--quiet"], check=True)
    refused = urls["REAL_PRIVATE_REPOSITORY"].replace("git-secret", "wrong")
    other = subprocess.run(["git", "ls-remote", refused], env={**os.environ, "GIT_TERMINAL_PROMPT": "0"}, check=False)
    assert other.returncode


def test_a_code_and_refresh_tokens_of_gitea_and_gitlab(urls: dict[str, str], tmp_path: Path) -> None:
    url = urls["REAL_GIT_HOSTS"]
    assert requests.get(f"{url}/api/v1/user/repos", timeout=60).status_code == 401
    back = {"redirect_uri": "http://127.0.0.1:1/callback?id=1", "state": "1"}
    page = requests.get(f"{url}/login/oauth/authorize", params=back, allow_redirects=False, timeout=60)
    code = re.findall(r"callback\?id=1&code=(\w+)&state=1$", page.headers["location"])[0]
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    first = requests.post(f"{url}/login/oauth/access_token", data={**client, "code": code}, timeout=60).json()
    refresh = {**client, "refresh_token": first["refresh_token"]}
    # A refresh token serves once.
    second, third = (requests.post(f"{url}/oauth/token", data=refresh, timeout=60) for _time in range(2))
    assert second.ok and third.status_code == 400
    token = second.json()["access_token"]
    held = {"authorization": f"Bearer {token}"}
    branches = requests.get(f"{url}/api/v4/projects/1/repository/branches", headers=held, timeout=60)
    assert [branch["name"] for branch in branches.json()] == BRANCHES
    assert cloned(url, f"oauth2:{token}", tmp_path / "clone") == "hello from main\n"


def test_an_app_of_github(urls: dict[str, str], tmp_path: Path) -> None:
    url, session = urls["REAL_GITHUB"], requests.Session()
    session.trust_env = False
    session.verify = urls["REAL_AUTHORITY"]
    manifest = {"name": "real", "redirect_url": "http://127.0.0.1:1/made?a=1", "callback_urls": ["http://127.0.0.1:1/"]}
    form = {"manifest": json.dumps(manifest)}
    page = session.post(f"{url}/settings/apps/new?state=s", data=form, allow_redirects=False, timeout=60)
    code = re.findall(r"made\?a=1&code=(\w+)&state=s$", page.headers["location"])[0]
    conversion = f"{url}/api/v3/app-manifests/{code}/conversions"
    app = session.post(conversion, timeout=60).json()
    assert session.post(conversion, timeout=60).status_code == 404
    page = session.get(f"{app['html_url']}/installations/new?state=t", allow_redirects=False, timeout=60)
    number = re.findall(r"installation_id=(\d+)&code=\w+&setup_action=install&state=t$", page.headers["location"])[0]
    now = int(time.time())
    answers = [
        session.post(
            f"{url}/api/v3/app/installations/{number}/access_tokens",
            headers={"authorization": f"Bearer {json_web_token({'iss': issuer, 'exp': end}, app['pem'])}"},
            timeout=60,
        )
        for issuer, end in ((app["id"], now + 300), (app["id"], now - 300), (app["id"] + 1, now + 300))
    ]
    assert [answer.status_code for answer in answers] == [201, 401, 401]
    token = answers[0].json()["token"]
    assert session.get(f"{url}/api/v3/installation/repositories", timeout=60).status_code == 401
    held = {"authorization": f"token {token}"}
    listed = session.get(f"{url}/api/v3/installation/repositories", headers=held, timeout=60).json()
    assert [row["full_name"] for row in listed["repositories"]] == ["acme/web"]
    branches = session.get(f"{url}/api/v3/repos/acme/web/branches", headers=held, timeout=60).json()
    assert [branch["name"] for branch in branches] == BRANCHES
    trusting = {"GIT_SSL_CAINFO": urls["REAL_AUTHORITY"]}
    assert cloned(url, f"oauth2:{token}", tmp_path / "clone", **trusting) == "hello from main\n"


def json_web_token(claims: dict[str, int], pem: str) -> str:
    """RFC 7519, with RS256."""
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def test_tokens_and_app_passwords_of_bitbucket(urls: dict[str, str], tmp_path: Path) -> None:
    BitbucketHost.folder = f"{urls['folder']}/git"
    server = serve(BitbucketHost, ("127.0.0.1", 0))
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        url = f"{address}/2.0/repositories/acme"
        assert requests.get(url, auth=(EMAIL, "wrong"), timeout=60).status_code == 401
        rows = requests.get(url, auth=(EMAIL, API_TOKEN), timeout=60).json()["values"]
        assert [row["slug"] for row in rows] == ["web"]
        names, following = [], f"{url}/web/refs/branches?pagelen=1"
        while following:
            page = requests.get(following, auth=(USERNAME, APP_PASSWORD), timeout=60).json()
            names += [branch["name"] for branch in page["values"]]
            following = page.get("next", "").replace("https://api.bitbucket.org", address)
        assert names == BRANCHES
        for login in (f"x-bitbucket-api-token-auth:{API_TOKEN}", f"{USERNAME}:{APP_PASSWORD}"):
            assert cloned(address, login, tmp_path / login.partition(":")[0]) == "hello from main\n"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.skipif(not tls.knows_hosts(), reason="only root gives a process a table of hosts of its own")
def test_the_names_of_bitbucket_are_loopback_to_dokploy_alone(tmp_path: Path) -> None:
    command = tls.with_hosts(Room(tmp_path, 3940), ["getent", "hosts", "api.bitbucket.org"])
    assert subprocess.check_output(command, text=True).split()[0] == "127.0.0.3"
    assert "bitbucket" not in Path("/etc/hosts").read_text()

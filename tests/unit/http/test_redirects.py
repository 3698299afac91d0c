# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redirects: every status, to every kind of place, of reads, writes, batches and uploads. None is followed."""

from __future__ import annotations

import itertools
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import RedirectError
from ansible_collections.community.dokploy.plugins.module_utils._http import transport
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Form
from tests.support.scripted_server import ScriptedServer, answer
from tests.system.network.servers import CallbackServer
from tools.certificates import Authority

KEY = "k3y-of-the-redirects"
STATUSES = (300, 301, 302, 303, 304, 305, 307, 308, 399)
# {there} is another server, which must never be asked; {here} the one that redirects.
TARGETS = {
    "another port": "http://127.0.0.1:{there}/api/project.all",
    "another host": "http://localhost:{there}/api/project.all",
    "the same host": "http://127.0.0.1:{here}/api/project.all",
    "https": "https://localhost:{there}/api/project.all",
    "credentials": "http://me:sesame@localhost:{there}/api/project.all",
    "no scheme": "//localhost:{there}/api/project.all",
    "relative": "/login?next=sesame",
    "relative without a slash": "login",
    "a query": "?sesame=1",
    "a fragment": "#sesame",
    "another scheme": "ftp://sesame@localhost:{there}/",
    "nothing": "",
    "no address": "http://[::1",
    "no text": "\udcff\udcfe",
    "long": "http://localhost:{there}/" + "x" * 50000,
}


def call(client: Client, kind: str, file: Path) -> Any:
    if kind == "batch":
        return client.call_many([Call("project.all", {}), Call("project.all", {})])
    if kind == "upload":
        return client.upload("project.all", Form({}, "zip", "a.zip", "application/zip", str(file)))
    return client.query("project.all") if kind == "read" else client.mutate("project.all")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("NO_PROXY", "*")
    # For the host that it leads to requests looks there, even when it does not follow.
    (tmp_path / "netrc").write_text("default login me password sesame\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with CallbackServer(lambda connection, path: None) as server:
        yield server


@pytest.mark.parametrize("kind", ["read", "write", "batch", "upload"])
@pytest.mark.parametrize("target", list(TARGETS))
def test_no_redirect_is_followed(kind: str, target: str, there: CallbackServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 1000)
    with ScriptedServer() as here:
        client = Client(ClientConfig(here.url, KEY), sleep=lambda seconds: pytest.fail("slept"))
        location = TARGETS[target].replace("{there}", str(there.port)).replace("{here}", str(here.port))
        for status in STATUSES:
            headers = {"Location": location.encode("utf-8", "surrogateescape").decode("latin-1")}
            here.steps = [answer(status, {"url": "sesame"}, headers if location else {})]
            with pytest.raises(RedirectError) as caught:
                call(client, kind, tmp_path / "file")
            message = str(caught.value)
            assert f"(HTTP {status}); the key is not sent on" in message
            assert "dokploy_url" in message
            assert not any(secret in message for secret in ("sesame", KEY))
            assert len(message) < 1200
        assert len(here.seen) == len(STATUSES)
        assert there.connections == 0
        client.close()


def test_what_a_redirect_says_beside_is_read_no_further_than_any_answer(
    there: CallbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST", 1024 * 1024)
    sent = itertools.count()

    def endless(connection: socket.socket, path: str) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n")
        while next(sent) < 1000:
            connection.sendall(b"x" * 65536)

    with CallbackServer(endless) as here, pytest.raises(Exception, match="answers more than"):
        Client(ClientConfig(f"http://127.0.0.1:{here.port}", KEY)).query("project.all")
    assert next(sent) < 1000


# --- the advice, followed ---------------------------------------------------------------------------------------------

# Where a server that answers below a path redirects to, from an address that does not.
PUBLISHED = {
    "another scheme": ("/dokploy", "https://{answering}/dokploy"),
    "another scheme, from a server that does not know the path": ("/dokploy", "https://{answering}"),
    "below the path": ("/dokploy/inner", "http://{answering}/dokploy/inner"),
    "a path that ends in /api": ("/v1/api", "http://{answering}/v1/api"),
    "without a scheme": ("/dokploy", "//{answering}/dokploy"),
}


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_the_address_that_is_advised_answers(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    path, location = PUBLISHED[name]
    authority = Authority(tmp_path)
    context = authority.certificate("127.0.0.1") if location.startswith("https:") else None

    def answers(connection: socket.socket, asked: str) -> None:
        status = "200 OK" if asked == path + "/api/project.all" else "404 Not Found"
        connection.sendall(
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]".encode()
        )

    with CallbackServer(answers, context) as answering:
        to = location.replace("{answering}", f"127.0.0.1:{answering.port}") + "/api/project.all"
        redirects = f"HTTP/1.1 301 Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
        with CallbackServer(lambda connection, _path: connection.sendall(redirects)) as redirecting:
            config = ClientConfig(f"http://127.0.0.1:{redirecting.port}/dokploy", KEY, ca_path=authority.bundle)
            with pytest.raises(RedirectError) as caught:
                Client(config).query("project.all")
        advised = re.search(r"Set dokploy_url to (\S+?)[.,]? ", str(caught.value) + " ")
        assert advised is not None, str(caught.value)
        assert Client(replace(config, url=advised.group(1))).query("project.all") == []

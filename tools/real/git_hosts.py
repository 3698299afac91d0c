# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for Gitea and GitLab on loopback, C(git_hosts.py FOLDER PORT), as far as Dokploy calls them.

An account authorizes an application (in the browser, at once), a code and then refresh tokens are exchanged for tokens
that end after a minute, and with them repositories and branches are listed and cloned. Its account C(acme) has the
repository C(demo). The paths of Gitea and of GitLab do not meet, so that one server speaks for both.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import subprocess
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from tools.real.git_http import Backend

OWNER, REPOSITORY = "acme", "demo"
CLIENT_ID, CLIENT_SECRET = "real-client", "real-client-secret"
# Dokploy refreshes a token five minutes (GitLab: one) before its end: each time, then.
SECONDS = 60
_GITEA, _GITLAB = "/api/v1", "/api/v4"


class Hosts(Backend):
    """C(grants): codes and refresh tokens, each for one use; C(tokens): what they were exchanged for."""

    grants: ClassVar[set[str]] = set()
    tokens: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        if address.path.endswith("/oauth/authorize"):
            self._authorize(query)
        elif address.path in ("/login/oauth/access_token", "/oauth/token"):
            self._token()
        elif address.path.startswith((_GITEA, _GITLAB)):
            word, _, token = self.headers.get("authorization", "").partition(" ")
            allowed = token in self.tokens and word == ("token" if address.path.startswith(_GITEA) else "Bearer")
            self._answer(
                200 if allowed else 401, self._listed(address.path, query) if allowed else {"message": "no token"}
            )
        else:
            self.serve(address.path.removeprefix(f"/{OWNER}"), self._login() in self.tokens)

    do_POST = do_GET

    def _answer(self, status: int, content: Any, **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _authorize(self, query: dict[str, str]) -> None:
        """The account agrees at once."""
        code = self._granted()
        joint = "&" if "?" in query["redirect_uri"] else "?"
        target = query["redirect_uri"] + joint + urlencode({"code": code, "state": query.get("state", "")})
        self._answer(302, {}, Location=target)

    def _granted(self) -> str:
        grant = secrets.token_hex(16)
        self.grants.add(grant)
        return grant

    def _token(self) -> None:
        form = {name: values[-1] for name, values in parse_qs(self.body().decode()).items()}
        grant = form.get("code") or form.get("refresh_token") or ""
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET) or grant not in self.grants:
            self._answer(400, {"error": "invalid_grant"})
            return
        self.grants.remove(grant)
        token = secrets.token_hex(16)
        self.tokens.add(token)
        self._answer(
            200,
            {"access_token": token, "refresh_token": self._granted(), "expires_in": SECONDS, "token_type": "bearer"},
        )

    def _login(self) -> str:
        """The token of a login of Git."""
        try:
            login = base64.b64decode(self.headers.get("authorization", "").removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return login.removeprefix("oauth2:")

    def _listed(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        """The account's repositories, or the branches of its repository; all on the first page."""
        if query.get("page", "1") != "1":
            return []
        if "branches" in path:
            return [{"name": name, "commit": {"id": commit}} for name, commit in self._branches()]
        full = f"{OWNER}/{REPOSITORY}"
        gitea = {"id": 1, "name": REPOSITORY, "full_name": full, "owner": {"login": OWNER}}
        namespace = {"kind": "user", "path": OWNER, "full_path": OWNER}
        return [{**gitea, "path_with_namespace": full, "namespace": namespace}]

    def _branches(self) -> list[list[str]]:
        command = ["git", "-C", str(Path(self.folder) / f"{REPOSITORY}.git"), "for-each-ref", "refs/heads"]
        words = "--format=%(refname:short) %(objectname)"
        return [line.split() for line in subprocess.check_output([*command, words], text=True).splitlines()]


if __name__ == "__main__":
    Hosts.folder = sys.argv[1]
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Hosts).serve_forever()

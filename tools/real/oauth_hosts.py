# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for Gitea and GitLab, as far as Dokploy calls them.

An account authorizes an application (in the browser, at once), a code and then refresh tokens are exchanged for tokens
that end after a minute, and with them repositories and branches are listed and cloned. The paths of Gitea and of GitLab
do not meet, so that one server speaks for both.
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tools.real.git_host import FULL_NAME, OWNER, REPOSITORY, GitHost, last_values

CLIENT_ID, CLIENT_SECRET = "real-client", "real-client-secret"
# Dokploy refreshes a token five minutes (GitLab: one) before its end: each time, then.
SECONDS = 60
_GITEA, _GITLAB = "/api/v1", "/api/v4"


class OAuthHosts(GitHost):
    """C(grants): codes and refresh tokens, each for one use; C(tokens): what they were exchanged for."""

    grants: ClassVar[set[str]] = set()
    tokens: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = last_values(address.query)
        if address.path.endswith("/oauth/authorize"):
            # The account agrees at once.
            self.back(query["redirect_uri"], code=self._granted(), state=query.get("state", ""))
        elif address.path in ("/login/oauth/access_token", "/oauth/token"):
            self._token()
        elif address.path.startswith((_GITEA, _GITLAB)):
            word, token = self.headers.get("authorization", "").partition(" ")[::2]
            allowed = token in self.tokens and word == ("token" if address.path.startswith(_GITEA) else "Bearer")
            self.answer(
                200 if allowed else 401, self._listed(address.path, query) if allowed else {"message": "no token"}
            )
        else:
            self.clone(address.path, self.login()[1] in self.tokens)

    do_POST = do_GET

    def _granted(self) -> str:
        grant = secrets.token_hex(16)
        self.grants.add(grant)
        return grant

    def _token(self) -> None:
        form = self.form()
        grant = form.get("code") or form.get("refresh_token") or ""
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET) or grant not in self.grants:
            self.answer(400, {"error": "invalid_grant"})
            return
        self.grants.remove(grant)
        token = secrets.token_hex(16)
        self.tokens.add(token)
        self.answer(
            200,
            {"access_token": token, "refresh_token": self._granted(), "expires_in": SECONDS, "token_type": "bearer"},
        )

    def _listed(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        """The account's repositories, or the branches of its repository; all on the first page."""
        if query.get("page", "1") != "1":
            return []
        if "branches" in path:
            return [{"name": name, "commit": {"id": commit}} for name, commit in self.branches()]
        gitea = {"id": 1, "name": REPOSITORY, "full_name": FULL_NAME, "owner": {"login": OWNER}}
        namespace = {"kind": "user", "path": OWNER, "full_path": OWNER}
        return [{**gitea, "path_with_namespace": FULL_NAME, "namespace": namespace}]

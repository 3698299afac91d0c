# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Bitbucket, as far as Dokploy calls it: an API token, or a user's app password, lists and clones.

Dokploy knows Bitbucket by its names only, so that it is started with a table of hosts in which these are loopback.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tools.real.git_host import OWNER, REPOSITORY, GitHost, last_values

# Port 443 of 127.0.0.1 is that of Traefik.
ADDRESS = ("127.0.0.3", 443)
NAMES = ("bitbucket.org", "api.bitbucket.org")
EMAIL, API_TOKEN = "acme@example.com", "real-api-token"
USERNAME, APP_PASSWORD = "acme-user", "real-app-password"
_API = "/2.0/repositories/"
# The API takes the account's email address with a token, and Git this name.
_LISTS = {(EMAIL, API_TOKEN), (USERNAME, APP_PASSWORD)}
_CLONES = {("x-bitbucket-api-token-auth", API_TOKEN), (USERNAME, APP_PASSWORD)}


class BitbucketHost(GitHost):
    """One request to Bitbucket."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not address.path.startswith(_API):
            self.clone(address.path, self.login() in _CLONES)
        elif self.login() not in _LISTS:
            self.answer(401, {"type": "error"})
        else:
            self._listed(address.path.removeprefix(_API), last_values(address.query))

    do_POST = do_GET

    def _listed(self, path: str, query: dict[str, str]) -> None:
        """Answer with a page of the account's repositories, or of the branches of its repository."""
        if path == OWNER:
            links = {"html": {"href": f"https://{NAMES[0]}/{OWNER}/{REPOSITORY}"}}
            rows = [{"name": REPOSITORY, "slug": REPOSITORY, "links": links, "workspace": {"slug": OWNER}}]
        elif path == f"{OWNER}/{REPOSITORY}/refs/branches":
            rows = [{"name": name, "target": {"hash": commit}} for name, commit in self.branches()]
        else:
            self.answer(404, {"type": "error"})
            return
        page, size = int(query.get("page", "1")), int(query.get("pagelen", "10"))
        following = f"https://{NAMES[1]}{_API}{path}?pagelen={size}&page={page + 1}"
        more = {"next": following} if page * size < len(rows) else {}
        self.answer(200, {"values": rows[(page - 1) * size : page * size], **more})

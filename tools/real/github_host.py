# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for GitHub Enterprise, as far as Dokploy calls it.

The browser makes an app of a manifest, and installs it; both send it back to Dokploy with a code. The app proves itself
with a JSON Web Token (RFC 7519) that its private key has signed, gets a token for its installation, which ends after an
hour, and lists and clones with that.
"""

from __future__ import annotations

import base64
import datetime
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tools.real.git_host import FULL_NAME, OWNER, REPOSITORY, GitHost, last_values

API = "/api/v3"
HOUR = datetime.timedelta(hours=1)
# GitHub takes no token of an app that ends later.
LONGEST = 600


@dataclass(frozen=True)
class App:
    """An app that a manifest has made."""

    number: int
    manifest: dict[str, Any]
    key: rsa.RSAPrivateKey

    def signed(self, token: str) -> bool:
        """Whether a JSON Web Token is this app's, and valid now."""
        try:
            text, signature = token.rpartition(".")[::2]
            header, claims = (json.loads(_decoded(part)) for part in text.split("."))
            self.key.public_key().verify(_decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, InvalidSignature):
            return False
        now = time.time()
        return (
            header.get("alg") == "RS256"
            and str(claims.get("iss")) == str(self.number)
            and now <= claims.get("exp", 0) <= now + LONGEST + 60
        )


class GitHubHost(GitHost):
    """C(apps): by their number, which is that of their installation, too; C(codes): of manifests, each for one use."""

    apps: ClassVar[dict[int, App]] = {}
    codes: ClassVar[dict[str, int]] = {}
    tokens: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = last_values(address.query)
        parts = address.path.strip("/").split("/")
        if address.path == "/settings/apps/new":
            self._make(query)
        elif address.path.endswith("/installations/new"):
            app = self.apps[int(parts[1])]
            values = {"code": secrets.token_hex(10), "setup_action": "install", "state": query.get("state", "")}
            self.back(app.manifest["callback_urls"][0], installation_id=str(app.number), **values)
        elif address.path.startswith(API):
            self._call(parts[2:])
        else:
            self.clone(address.path, self.login()[1] in self.tokens)

    do_POST = do_GET

    def _make(self, query: dict[str, str]) -> None:
        """Make an app of the manifest in the form, and send the browser back with a code for it."""
        number, code = len(self.apps) + 1, secrets.token_hex(20)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.apps[number] = App(number, json.loads(self.form()["manifest"]), key)
        self.codes[code] = number
        self.back(self.apps[number].manifest["redirect_url"], code=code, state=query.get("state", ""))

    def _call(self, parts: list[str]) -> None:
        """Answer a request to the API."""
        word, token = self.headers.get("authorization", "").partition(" ")[::2]
        if parts[0] == "app-manifests":
            number = self.codes.pop(parts[1], 0)
            self.answer(*((201, self._converted(self.apps[number])) if number else (404, {"message": "Not Found"})))
        elif parts[:2] == ["app", "installations"]:
            app = self.apps.get(int(parts[2]))
            proven = app is not None and word.lower() == "bearer" and app.signed(token)
            self.answer(*((201, self._granted()) if proven else (401, {"message": "Bad credentials"})))
        elif token not in self.tokens:
            self.answer(401, {"message": "Bad credentials"})
        elif parts == ["installation", "repositories"]:
            row = {"id": 1, "name": REPOSITORY, "full_name": FULL_NAME, "owner": {"login": OWNER}}
            self.answer(200, {"total_count": 1, "repositories": [row]})
        elif parts == ["repos", OWNER, REPOSITORY, "branches"]:
            self.answer(200, [{"name": name, "commit": {"sha": commit}} for name, commit in self.branches()])
        else:
            self.answer(404, {"message": "Not Found"})

    def _converted(self, app: App) -> dict[str, Any]:
        pem = app.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        ids = {name: secrets.token_hex(10) for name in ("client_id", "client_secret", "webhook_secret")}
        page = f"https://{self.headers['host']}/apps/{app.number}"
        return {"id": app.number, "name": app.manifest["name"], "html_url": page, "pem": pem.decode(), **ids}

    def _granted(self) -> dict[str, Any]:
        token = "ghs_" + secrets.token_hex(18)
        self.tokens.add(token)
        end = datetime.datetime.now(datetime.UTC) + HOUR
        rights = {"permissions": {"contents": "read", "metadata": "read"}, "repository_selection": "all"}
        return {"token": token, "expires_at": end.strftime("%Y-%m-%dT%H:%M:%SZ"), **rights}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

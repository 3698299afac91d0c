# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-ins for hosts of Git repositories share: answers as JSON, logins of Git, the account and its branches.

The account C(acme) of each of them has the repository C(web).
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
import subprocess
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from tools.real.git_http import Backend

OWNER, REPOSITORY = "acme", "web"
FULL_NAME = f"{OWNER}/{REPOSITORY}"


class GitHost(Backend):
    """One request to a host."""

    def answer(self, status: int, content: Any, **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def back(self, address: str, **values: str) -> None:
        """Send the browser back to an address, with further values in its query."""
        self.answer(302, {}, Location=address + ("&" if "?" in address else "?") + urlencode(values))

    def form(self) -> dict[str, str]:
        return last_values(self.body().decode())

    def login(self) -> tuple[str, str]:
        """The user and the password of a login of Git."""
        try:
            words = base64.b64decode(self.headers.get("authorization", "").removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        user, password = words.partition(":")[::2]
        return user, password

    def clone(self, path: str, allowed: bool) -> None:
        """Answer Git for the path of the account's repository."""
        self.serve(path.removeprefix(f"/{OWNER}"), allowed)

    def branches(self) -> list[tuple[str, str]]:
        """The branches of the repository, each with its commit."""
        command = ["git", "-C", str(Path(self.folder) / f"{REPOSITORY}.git"), "for-each-ref", "refs/heads"]
        text = subprocess.check_output([*command, "--format=%(refname:short) %(objectname)"], text=True)
        return [(line.partition(" ")[0], line.partition(" ")[2]) for line in text.splitlines()]


def last_values(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query).items()}


def serve(handler: type[GitHost], address: tuple[str, int], certificate: str = "") -> ThreadingHTTPServer:
    """Serve in a thread. :param certificate: a file with a certificate and its key: the host speaks HTTPS."""
    server = ThreadingHTTPServer(address, handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()
    return server

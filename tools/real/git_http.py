# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git over HTTP on loopback, C(git_http.py FOLDER PORT): each request is one run of C(git http-backend).

A repository whose name begins with C(private) asks for a login.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

LOGIN = "git:git-secret"
ALLOWED = "Basic " + base64.b64encode(LOGIN.encode()).decode()


class Backend(BaseHTTPRequestHandler):
    """CGI as git asks for it."""

    folder = ""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.serve(path, not path.startswith("/private") or self.headers.get("authorization") == ALLOWED)

    do_POST = do_GET

    def serve(self, path: str, allowed: bool) -> None:
        """Answer for a path of the folder, or ask for a login."""
        if not allowed:
            self.send_response(401)
            self.send_header("www-authenticate", 'Basic realm="git"')
            self.end_headers()
            return
        body = self.body()
        variables = {
            "GIT_PROJECT_ROOT": self.folder,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": urlsplit(self.path).query,
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            # Without it nothing is received.
            "REMOTE_USER": "git",
        }
        answer = subprocess.run(
            ["git", "http-backend"], input=body, env={**os.environ, **variables}, capture_output=True, check=False
        ).stdout
        head, content = answer.partition(b"\r\n\r\n")[::2]
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)


def main(folder: str, port: int) -> None:
    Backend.folder = folder
    ThreadingHTTPServer(("127.0.0.1", port), Backend).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

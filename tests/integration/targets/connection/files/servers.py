# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on loopback that are no Dokploy: one answers HTML, one has a certificate that no one signed.

Called with a folder: makes the certificate there, writes the ports to ports.json and serves until its parent ends.
"""

import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time


class Page(http.server.BaseHTTPRequestHandler):
    """Answers everything with a page."""

    def do_GET(self):
        body = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>Nothing here</body></html>"
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format, *args):
        """Say nothing."""


class Elsewhere(Page):
    """Sends everybody to another host."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(301)
        self.send_header("Location", "https://dokploy.example.com" + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET


def serve(handler, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    folder, lifetime = sys.argv[1], float(sys.argv[2])
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "certificate.key")
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    request += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(request, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # Bound, so that it is nobody else's, and nothing listens there.
    unused = socket.socket()
    unused.bind(("127.0.0.1", 0))
    closed = unused.getsockname()[1]
    ports = {"page": serve(Page), "elsewhere": serve(Elsewhere), "tls": serve(Page, context), "closed": closed}
    partial = os.path.join(folder, "ports.part")
    with open(partial, "w", encoding="utf-8") as file:
        json.dump(ports, file)
    os.replace(partial, os.path.join(folder, "ports.json"))
    # Until told to end by the file's absence, and never longer than its lifetime.
    end = time.monotonic() + lifetime
    while time.monotonic() < end and os.path.exists(os.path.join(folder, "ports.json")):
        time.sleep(0.2)


if __name__ == "__main__":
    main()

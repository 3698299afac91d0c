# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several services are asked at once, each with options of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter, wait_for
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.http_checks import (
    HTTP_CHECK,
    http_check,
)
from tests.support.fake_clients import ScriptedClient


@pytest.fixture
def url() -> Iterator[str]:
    """A server that answers a request for C(/together) only while another one waits for it."""
    both = threading.Barrier(2, timeout=120)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/together":
                both.wait()
            self.send_response(503 if self.path.startswith("/down") else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "http://127.0.0.1:%d" % server.server_port
        server.shutdown()


def results_of(*checks: dict[str, Any]) -> list[dict[str, Any]]:
    validator = ArgumentSpecValidator(HTTP_CHECK)
    polls = [http_check("web", validator.validate(check).validated_parameters) for check in checks]
    client: Any = ScriptedClient()
    return wait_for(client, Waiter(), polls, 120)


def test_services_are_asked_at_the_same_time(url: str) -> None:
    found = results_of(*({"url": url + "/together", "retries": 0} for _name in ("a", "b")))
    assert found == [{"passed": True, "status": 200, "error": None}] * 2


def test_each_failure_is_told_and_no_address(url: str) -> None:
    found = results_of(
        {"url": url + "/down", "retries": 0},
        {"url": url, "status_codes": [200]},
        {"url": url + "/down?token=hunter2", "retries": 1, "delay": 0},
        {"url": "ftp://hunter2", "retries": 0},
    )
    assert [one["passed"] for one in found] == [False, True, False, False]
    assert [one["status"] for one in found] == [None, 200, None, None]
    assert [one["error"] for one in found[:3]] == ["HTTP 503", None, "HTTP 503"]
    assert found[3]["error"].startswith("http_check.url must be")
    assert "hunter2" not in str(found)

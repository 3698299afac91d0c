# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to a simulator of this process without HTTP, in half of the time, for all tests but those of HTTP."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from requests.structures import CaseInsensitiveDict

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import Request
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import RANDOM, Attempts, Transport
from dokploy_simulator import Simulator


class _Answer:
    """A response whose body is there."""

    def __init__(self, status: int, headers: CaseInsensitiveDict[str], body: bytes) -> None:
        self.status_code, self.headers, self.body = status, headers, body

    def close(self) -> None:
        """There is no connection."""


class DirectTransport(Transport):
    """Hands requests to the simulator. What only HTTP can show uses HTTP: uploads, streams, sign-ins, faults."""

    def __init__(self, sim: Simulator, client: Client) -> None:
        super().__init__(
            client.base_url, client.config, clock=time.monotonic, sleep=time.sleep, random=RANDOM, notice=None
        )
        self._sim, self._streams = sim, False

    def open(self, request: Request, attempts: Attempts) -> Any:
        self._streams = True
        try:
            return super().open(request, attempts)
        finally:
            self._streams = False

    def _is_direct(self, request: Request) -> bool:
        by_http = self._streams or request.form or request.page or self._config.signs_in
        # What has no time would sometimes be fast enough.
        return not (by_http or self._sim.server.meddles or request.seconds(self._config) <= 0)

    def _start(self, request: Request) -> Any:
        if not self._is_direct(request):
            return super()._start(request)
        target = "/api" + request.path
        if request.params:
            target += "?" + urlencode(request.params)
        headers = {"x-api-key": self._config.api_key, "accept": "application/json"}
        if request.body is not None:
            headers["content-type"] = "application/json"
        seconds = request.seconds(self._config)
        try:
            reply = self._sim.request(request.method, target, headers, request.body or b"", seconds)
        except TimeoutError:
            raise TimeoutError from None
        answered = CaseInsensitiveDict(reply.headers)
        if reply.content_type:
            answered["Content-Type"] = reply.content_type
        return _Answer(reply.status, answered, reply.body)

    def _read(self, response: Any, request: Request) -> bytes:
        return response.body if isinstance(response, _Answer) else super()._read(response, request)

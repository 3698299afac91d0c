# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to a simulator of this process without HTTP, for tests of many requests whose subject is not HTTP."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from requests.structures import CaseInsensitiveDict

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import RANDOM, Attempts
from ansible_collections.community.dokploy.plugins.module_utils._http.session import Request
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import Response, Transport
from dokploy_simulator import Simulator


class DirectTransport(Transport):
    """Hands requests to the simulator. Uploads and streams use HTTP."""

    def __init__(self, sim: Simulator, client: Client) -> None:
        super().__init__(
            client.base_url, client.config, clock=time.monotonic, sleep=time.sleep, random=RANDOM, notice=None
        )
        self._sim = sim

    def send(self, request: Request, attempts: Attempts) -> Response:
        if request.form is not None:
            return super().send(request, attempts)
        self.requests_made += 1
        target = "/api" + request.path
        if request.params:
            target += "?" + urlencode(request.params)
        headers = {"x-api-key": self._config.api_key, "accept": "application/json"}
        if request.body is not None:
            headers["content-type"] = "application/json"
        reply = self._sim.request(request.method, target, headers, request.body or b"")
        self.last_used = self._clock()
        answered = CaseInsensitiveDict(reply.headers)
        if reply.content_type:
            answered["Content-Type"] = reply.content_type
        return Response(reply.status, answered, reply.body)

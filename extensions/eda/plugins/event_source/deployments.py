# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source C(community.dokploy.deployments): the deployments of a Dokploy server, by polling."""

from __future__ import annotations

import asyncio
import datetime
import importlib
import importlib.machinery
import importlib.util
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable

import yaml

DOCUMENTATION = r"""
---
short_description: Poll the deployments of a Dokploy server
description:
  - Asks a Dokploy server for the deployments of all applications and Compose stacks that the API key may see. A
    deployment becomes an event when it takes one of the statuses of O(statuses), once for each status.
  - One request lists all deployments, over a connection that is kept open. Before Dokploy 0.28.3, two or more requests
    are needed, with up to 100 services in each.
  - The first request must succeed. Otherwise the source ends with an error that says what is wrong. Later, a failed
    request is repeated after pauses that grow up to O(max_interval), and what happened meanwhile follows. Each failure
    is a warning in the log. That includes an API key that is refused, since Dokploy refuses a key whose rate limit is
    used up like one that was revoked.
  - An event has no API key and no secret. Dokploy keeps eleven deployments of each service, so that of a service with
    more deployments between two requests the oldest ones are missed.
options:
  dokploy_url:
    description: URL of the Dokploy server, for example V(https://dokploy.example.com).
    type: str
    required: true
    env:
      - name: DOKPLOY_URL
  dokploy_api_key:
    description: API key. Its user needs no other permission than to read deployments.
    type: str
    required: true
    env:
      - name: DOKPLOY_API_KEY
  auth_scheme:
    description:
      - The HTTP header for the key. V(auto) sends C(x-api-key) and C(Authorization), V(api_key) the first one and
        V(bearer) the second one only.
    type: str
    choices:
      - auto
      - api_key
      - bearer
    default: auto
    env:
      - name: DOKPLOY_AUTH_SCHEME
  validate_certs:
    description: Whether to verify the TLS certificate of the server. V(false) is for tests only.
    type: bool
    default: true
    env:
      - name: DOKPLOY_VALIDATE_CERTS
  ca_path:
    description: File or folder with the certificates of the certificate authorities to trust.
    type: path
    env:
      - name: DOKPLOY_CA_PATH
  request_timeout:
    description: Seconds to wait for a response.
    type: float
    default: 30.0
    env:
      - name: DOKPLOY_REQUEST_TIMEOUT
  interval:
    description: Seconds from a response to the next request.
    type: float
    default: 10.0
  max_interval:
    description: Longest pause in seconds after failed requests. The default is O(interval) if that is longer.
    type: float
    default: 300.0
  statuses:
    description:
      - Statuses that become events. A deployment that begins and ends between two requests has no event V(running).
      - A deployment without an error can still have containers that do not stay up. Dokploy does not report that.
    type: list
    elements: str
    choices:
      - running
      - done
      - error
      - cancelled
    default:
      - done
      - error
      - cancelled
  since:
    description:
      - Which deployments of the past become events too.
      - V(now) means none. A deployment that runs when the source starts becomes an event when it ends.
      - An age such as V(30m) or V(2d), or a date with or without a time, such as V(2026-11-26T08:30:00Z), means those
        that have ended since then. Ages are counted by the clock of this host, dates compared with that of the server.
    type: str
    default: now
"""

EXAMPLES = r"""
# The URL and the key are in the environment variables DOKPLOY_URL and DOKPLOY_API_KEY.
- community.dokploy.deployments:

- community.dokploy.deployments:
    dokploy_url: https://dokploy.example.com
    dokploy_api_key: "{{ dokploy_api_key }}"
    interval: 30
    statuses:
      - error
    since: 1h
"""

logger = logging.getLogger("community.dokploy.deployments")


def _utils(name: str) -> Any:
    """A module of the collection's plugins/module_utils.

    ansible-rulebook runs an event source by its path, without Ansible's loader of collections. These files import each
    other relatively, so that any package name serves.
    """
    package = "_community_dokploy_module_utils"
    if package not in sys.modules:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(Path(__file__).resolve().parents[4] / "plugins/module_utils")]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{package}.{name}")


def _options(args: dict[str, Any]) -> dict[str, Any]:
    """The value of every option, and of C(since) a moment. Raises C(ConfigurationError), which names the option."""
    utils = _utils("_events.options")
    options: dict[str, Any] = utils.checked(yaml.safe_load(DOCUMENTATION)["options"], args, os.environ)
    utils.within(options, "interval", 0.1, 86400)
    if args.get("max_interval") in (None, ""):
        options["max_interval"] = max(options["max_interval"], options["interval"])
    utils.within(options, "max_interval", options["interval"], 86400)
    if not options["statuses"]:
        raise _utils("_errors").ConfigurationError("statuses is empty", hint="There would be no event.")
    utils.within(options, "request_timeout", 0.1, 600)
    now = datetime.datetime.now(datetime.timezone.utc)
    options["since"] = None if options["since"] == "now" else _utils("_values.timestamps").since(options["since"], now)
    return options


def _client(options: dict[str, Any]) -> Any:
    """The client of all modules, which sends nothing yet. Raises C(ConfigurationError)."""
    own = ("auth_scheme", "validate_certs", "ca_path", "request_timeout")
    config = _utils("_api.client").ClientConfig(
        options["dokploy_url"],
        options["dokploy_api_key"],
        # For a connection that the server closes at this moment; other failures have longer pauses, see Poller.
        max_retries=1,
        rate_limit_timeout=0,
        user_agent="community.dokploy event source",
        **{name: options[name] for name in own},
    )
    client = _utils("_api.client").Client(config)
    if client.unverified:
        logger.warning("validate_certs is false: the API key can be intercepted")
    return client


class Poller:
    """Asks again and again. Each request runs in the one thread that the client belongs to."""

    def __init__(self, queue: Any, options: dict[str, Any], read: Callable[[], Any]) -> None:
        events = _utils("_events.deployments")
        self._queue, self._options, self._read = queue, options, read
        self._watch = events.Watch(options["statuses"], options["since"])
        self._event_of = events.deployment_event
        self._failures = 0

    async def run(self) -> None:
        """Until the task is cancelled. Raises C(DokployError) if the first request fails."""
        errors = _utils("_errors")
        try:
            await self._poll()
        except errors.AuthenticationError as error:
            # That of modules names an option that this source has not.
            error.hint = "Check dokploy_api_key: it may be wrong, disabled or expired, or its rate limit is used up."
            raise
        while True:
            await asyncio.sleep(self._pause())
            try:
                await self._poll()
                self._failures = 0
            except errors.DokployError as error:
                self._failures += 1
                words = "The deployments cannot be read (failure %d in a row): %s"
                logger.warning(words, self._failures, error.message)

    def _pause(self) -> float:
        if not self._failures:
            return float(self._options["interval"])
        longest, first = self._options["max_interval"], self._options["interval"]
        transport = _utils("_http.transport")
        seconds: float = transport.backoff(self._failures, first, longest, transport.RANDOM)
        return seconds

    async def _poll(self) -> None:
        for row in self._watch.news(await self._read()):
            await self._queue.put(self._event_of(row))


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Poll until the task is cancelled. Raises C(DokployError), whose text says what to do."""
    options = _options(args)
    client = _client(options)
    reader = _utils("_events.deployments").Reader(client)
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dokploy-deployments")
    loop = asyncio.get_running_loop()
    try:
        await Poller(queue, options, lambda: loop.run_in_executor(thread, reader.read)).run()
    finally:
        # After a request that still runs; the event loop does not wait for it.
        thread.submit(client.close)
        thread.shutdown(wait=False)

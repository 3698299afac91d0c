# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Requests to one server over one session, sent again after transient failures."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any, Mapping, NamedTuple, Optional
from urllib.parse import urlsplit

from .._errors import ConfigurationError, ProtocolError, size_in_words
from .connection import CONNECT_TIMEOUT, FAILURES, HAS_REQUESTS, ClientConfig, Request, open_session, start
from .failures import explain
from .retry import TRANSIENT, Attempts, Clock, Notice, Random, Sleep, retry_after

# Dokploy closes a connection after five idle seconds. A request sent at that moment is lost, and the client cannot
# tell whether it was read; so an older connection is not used any more.
IDLE = 4.0
# A hundred applications in one batch, with more than a megabyte of text each.
LARGEST = 128 * 1024 * 1024
_BLOCK = 16 * 1024


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests to one server; opens the session for the first one.

    :param sleep: waits that many seconds. :param random: 0 to 1. :param notice: takes a line for each repetition.
    :raises ConfigurationError: C(requests) is missing; the hosts check C(HAS_REQUESTS) before.
    """

    def __init__(
        self, base_url: str, config: ClientConfig, *, clock: Clock, sleep: Sleep, random: Random, notice: Notice
    ) -> None:
        if not HAS_REQUESTS:
            raise ConfigurationError("the Python library requests is missing")
        self._base_url, self._host, self._config = base_url, urlsplit(base_url).netloc, config
        self._clock, self._sleep, self._random, self._notice = clock, sleep, random, notice
        self._session: Any = None
        self.last_used: Optional[float] = None
        self.requests_made = 0

    def attempts(self, more: Optional[int] = None) -> Attempts:
        """A new count of attempts for one request; C(more) than the first one, C(max_retries) by default."""
        more = self._config.max_retries if more is None else more
        return Attempts(more, sleep=self._sleep, random=self._random, notice=self._notice)

    def send(self, request: Request, attempts: Attempts) -> Response:
        """The complete response, whatever its status.

        :raises DokployError: there was none after all attempts, or the file of an upload cannot be read.
        """
        while True:
            self.requests_made += 1
            raw = None
            try:
                with request.form or contextlib.nullcontext():
                    raw = self._start(request)
                body = self._read(raw, request)
            except FAILURES as error:  # pylint: disable=catching-non-exception
                self._repeat(error, request, attempts, begun=raw is not None)
                continue
            finally:
                if raw is not None:
                    raw.close()
            self.last_used = self._clock()
            if raw.status_code < 200:
                # The final response may still come; the next request must not take it for its own.
                self._session.close()
            lasting = raw.status_code == 500 and request.lasting
            why = "%s on %s failed: HTTP %d" % (request.procedure, self._host, raw.status_code)
            repeat = raw.status_code in TRANSIENT and not request.write and not lasting
            if not (repeat and attempts.wait(why, retry_after(raw.headers))):
                return Response(raw.status_code, raw.headers, body)

    def open(self, request: Request, attempts: Attempts) -> Any:
        """The response of requests with its head only: read it by its blocks or with C(read), and close it.

        :raises DokployError: there was none after all attempts.
        """
        while True:
            self.requests_made += 1
            try:
                return self._start(request)
            except FAILURES as error:  # pylint: disable=catching-non-exception
                self._repeat(error, request, attempts)

    def read(self, response: Any, request: Request) -> Response:
        """The rest of a response that C(open) gave. :raises DokployError: it is not complete."""
        try:
            return Response(response.status_code, response.headers, self._read(response, request))
        except FAILURES as error:  # pylint: disable=catching-non-exception
            raise explain(error, request, self._host, self._config, begun=True)[0] from None

    def _repeat(self, error: BaseException, request: Request, attempts: Attempts, begun: bool = False) -> None:
        """Wait for the next attempt. :raises DokployError: there is none."""
        failure, transient = explain(
            error, request, self._host, self._config, begun=begun, first=self.last_used is None
        )
        if not transient or not attempts.wait(failure.message):
            failure.message += attempts.count
            raise failure from None

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._session is not None:
            self._session.close()
        self.last_used = None

    def forget_cookies(self) -> None:
        """Forget a sign-in."""
        if self._session is not None:
            self._session.cookies.clear()

    def _start(self, request: Request) -> Any:
        if self._session is None:
            self._session = open_session(self._config)
        elif self.last_used is not None and self._clock() - self.last_used > IDLE:
            self._session.close()
        seconds = request.seconds(self._config)
        connect, body, headers = min(CONNECT_TIMEOUT, seconds), request.body, {}
        if request.form is not None:
            # urllib3 applies the connect timeout to each block that is sent as well, and a busy server may be slow.
            connect, body, headers["Content-Type"] = seconds, request.form, request.form.content_type
        elif body is not None:
            headers["Content-Type"] = "application/json"
        base_url = self._base_url[: -len("/api")] if request.page else self._base_url
        url, timeout = base_url + request.path, (connect, seconds)
        return start(
            self._session, request.method, url, self._config, timeout, params=request.params, data=body, headers=headers
        )

    def _read(self, response: Any, request: Request) -> bytes:
        """The body, which has to be complete in time and of a size that fits into the memory."""
        # Before urllib3 2 a body that breaks off would pass for a shorter one.
        response.raw.enforce_content_length = True
        end = time.monotonic() + request.seconds(self._config)
        blocks, size = [], 0
        for block in response.iter_content(_BLOCK):
            size += len(block)
            if size > LARGEST:
                raise ProtocolError(
                    "%s on %s answers more than %s" % (request.procedure, self._host, size_in_words(LARGEST)),
                    hint="The rest is not read. Check that dokploy_url is the address of Dokploy itself.",
                    procedure=request.procedure,
                    details={"effect_unknown": request.write},
                )
            if time.monotonic() > end:
                raise socket.timeout
            blocks.append(block)
        return b"".join(blocks)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One HTTP exchange: the session, when to open it anew, and the attempts after a failure that may pass."""

from __future__ import annotations

import contextlib
import re
import warnings
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional

from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConfigurationError,
    ProtocolError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._http.failures import explain
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import Pauses, Policy, policy
from ansible_collections.community.dokploy.plugins.module_utils._http.session import (
    CONNECT_TIMEOUT,
    HAS_REQUESTS,
    LARGEST,
    TooLarge,
    open_session,
    read_body,
    verify_setting,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Form, Upload
from ansible_collections.community.dokploy.plugins.module_utils._values.units import size_in_words

try:
    from urllib3.exceptions import HTTPError, InsecureRequestWarning
except ImportError:
    # Without it there are no requests either, so nothing is ever sent.
    HTTPError = OSError  # type: ignore[assignment,misc]
    InsecureRequestWarning = Warning  # type: ignore[assignment,misc]

# Dokploy closes a connection after five idle seconds. A request sent at that moment is lost, and nothing tells whether
# it was read; so an older connection is not used any more.
IDLE = 4.0

_PROCEDURE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z][A-Za-z0-9_-]*)+\Z")


@dataclass(frozen=True)
class Request:
    """What goes over the wire, but for the key.

    :param path: below C(/api).
    :param write: repeated only while nothing was sent.
    :param trpc: the answer comes in tRPC's envelope.
    :param body: JSON. :param upload: a form with a file instead of it, which is read anew for every attempt.
    :param timeout: seconds for the answer instead of C(request_timeout).
    """

    method: str
    path: str
    procedure: str
    write: bool = False
    trpc: bool = False
    params: Optional[Mapping[str, str]] = None
    body: Optional[bytes] = None
    upload: Optional[Upload] = None
    timeout: Optional[float] = None


class Answer(NamedTuple):
    """A complete answer. C(policy) knows the attempts that it took, C(sent) is how much an upload was, in words."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    policy: Policy
    sent: str = ""


class Wire:
    """Sends requests to one server; opens the session when the first one comes.

    :raises ConfigurationError: C(requests) is missing; the hosts look at C(HAS_REQUESTS) before.
    """

    def __init__(
        self,
        base_url: str,
        host: str,
        config: ClientConfig,
        *,
        clock: Callable[[], float],
        pauses: Pauses,
        random: Callable[[], float],
    ) -> None:
        if not HAS_REQUESTS:
            raise ConfigurationError("the Python library requests is missing")
        self.base_url, self._host, self._config = base_url, host, config
        self._clock, self._pauses, self._random = clock, pauses, random
        self._session: Any = None
        self._adapter: Any = None
        self.last_used: Optional[float] = None
        self.requests_made = self.reads = self.writes = 0

    def policy(self, request: Request) -> Policy:
        """A fresh count of attempts for one call."""
        return policy(
            self._config.max_retries,
            repeatable=not request.write,
            # The logs of something that does not run are a 500 every time (measured on 0.30.2).
            answers_500=request.procedure.endswith(".readLogs"),
            pause=lambda attempts, seconds: self._pause(request, attempts, seconds),
            random=self._random,
        )

    def count(self, request: Request) -> None:
        """Note a call, however many requests it will take."""
        if request.write:
            self.writes += 1
        else:
            self.reads += 1

    def send(self, request: Request, attempts: Policy) -> Answer:
        """The answer, whatever its status.

        :raises DokployError: there was none after all attempts; nothing of what the libraries say is in the message.
            An C(OptionError) when the file of an upload cannot be read.
        """
        while True:
            session = self._ready()
            self._adapter.max_retries = attempts
            self.requests_made += 1
            response = None
            form = None if request.upload is None else Form(request.upload)
            try:
                response = self._start(session, request, form)
                body = read_body(response)
            except TooLarge:
                raise self._too_large(request) from None
            except (OSError, HTTPError, ValueError) as error:
                following = self._after(request, response, attempts)
                if following is None:
                    raise explain(
                        error,
                        request.procedure,
                        self._host,
                        self._config,
                        write=request.write,
                        seconds=self._seconds(request),
                        form=form,
                        begun=response is not None,
                        first=self.last_used is None,
                    ) from None
                attempts = following
                self.wait(request, attempts)
                continue
            finally:
                if response is not None:
                    response.close()
            self.last_used = self._clock()
            if response.status_code < 200:
                # The answer proper may still come; the next request must not take it for its own.
                session.close()
            sent = "" if form is None else form.words
            return Answer(response.status_code, response.headers, body, _used(response, attempts), sent)

    def wait(self, request: Request, attempts: Policy, seconds: Optional[float] = None) -> None:
        """Wait before a request is repeated, as long as its policy says or so many seconds."""
        self._pauses.wait(request.procedure, attempts, self._seconds(request), seconds)

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._session is not None:
            self._session.close()
        self.last_used = None

    def _start(self, session: Any, request: Request, form: Optional[Form]) -> Any:
        """The answer's head. Its body is for the caller to read, who must know what had come when it breaks off."""
        headers = {"Content-Type": "application/json"} if request.body is not None else {}
        seconds = self._seconds(request)
        connect = min(CONNECT_TIMEOUT, seconds)
        if form is not None:
            headers["Content-Type"] = form.content_type
            # urllib3 bounds the sending by it as well, block by block, and a busy server may let one wait.
            connect = seconds
        with form or contextlib.nullcontext(), warnings.catch_warnings():
            # The hosts warn of it in their way.
            warnings.simplefilter("ignore", InsecureRequestWarning)
            return session.request(
                request.method,
                self.base_url + request.path,
                params=request.params,
                data=request.body if form is None else form,
                headers=headers,
                timeout=(connect, seconds),
                # requests takes Authorization off when the host changes, but not x-api-key: never follow.
                allow_redirects=False,
                verify=verify_setting(self._config),
                stream=True,
            )

    def _ready(self) -> Any:
        if self._session is None:
            self._session, self._adapter = open_session(self._config)
        elif self.last_used is not None and self._clock() - self.last_used > IDLE:
            self._session.close()
        return self._session

    def _after(self, request: Request, response: Any, attempts: Policy) -> Optional[Policy]:
        """Before the head, urllib3 made all the attempts there are; a body that breaks off is ours to ask for again."""
        if response is None:
            return None
        return _used(response, attempts).after_cut(request.method, request.path)

    def _too_large(self, request: Request) -> ProtocolError:
        return ProtocolError(
            "%s on %s answers more than %s" % (request.procedure, self._host, size_in_words(LARGEST)),
            hint="It is not read any further. Is dokploy_url the address of Dokploy itself?",
            procedure=request.procedure,
            details={"effect_unknown": request.write},
        )

    def _pause(self, request: Request, attempts: Policy, seconds: float) -> None:
        # urllib3 sleeps before every further attempt of its own, and only then.
        self.requests_made += 1
        self.wait(request, attempts, seconds)

    def _seconds(self, request: Request) -> float:
        return self._config.request_timeout if request.timeout is None else request.timeout


def _used(response: Any, attempts: Policy) -> Policy:
    used = getattr(response.raw, "retries", None)
    return used if isinstance(used, Policy) else attempts


def parameters(given: Mapping[str, Any]) -> Dict[str, str]:
    """Query parameters: C(None) is absent, booleans are JavaScript's words, everything else is its text."""
    texts = {True: "true", False: "false"}
    return {
        name: texts[value] if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None
    }


def check_name(procedure: str) -> None:
    """A name goes into the path as it is, so nothing else may hide in it.

    :raises UnknownProcedure: it cannot be one.
    """
    if not isinstance(procedure, str) or not _PROCEDURE.match(procedure):
        raise UnknownProcedure(
            "%r is not the name of a procedure" % (procedure,), hint="It looks like application.one."
        )

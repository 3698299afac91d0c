# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The client: procedures of Dokploy by name. Speaks HTTP, raises C(DokployError), never sees Ansible.

One client is one session and belongs to one thread of one process: open it after a fork.
"""

from __future__ import annotations

import json
import logging
import random as _random
import re
import time
from dataclasses import replace
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union
from urllib.parse import urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._api.batch import (
    FATAL,
    Call,
    judge_batch,
    path_of,
    proves_key,
    route_missing,
    split,
)
from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import ErrorContext
from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import decode, judged
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    BadRequest,
    ConnectionFailed,
    DokployError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ValidationError,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig, check, normalise_url
from ansible_collections.community.dokploy.plugins.module_utils._http.failures import probe
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import (
    BETWEEN,
    Patience,
    Pauses,
    retry_after,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.session import (
    HAS_REQUESTS,
    REQUESTS_IMPORT_ERROR,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import (
    Request,
    Wire,
    check_name,
    parameters,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Upload
from ansible_collections.community.dokploy.plugins.module_utils._http.websocket import listen
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import Scrubber
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import Shape

__all__ = ["HAS_REQUESTS", "REQUESTS_IMPORT_ERROR", "Call", "Client", "ClientConfig", "probe"]

_LOG = logging.getLogger(__name__)

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


class Client:
    """Calls procedures of one Dokploy server with one key.

    :param config: the connection options.
    :param clock: monotonic seconds. :param sleep: waits that many seconds. :param random: 0 to 1, for the jitter.
    :param notice: takes a line whenever a request is repeated after a failure.
    :raises ConfigurationError: an option cannot work; nothing was sent.
    """

    def __init__(
        self,
        config: ClientConfig,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _random.random,
        notice: Optional[Callable[[str], None]] = None,
    ) -> None:
        self.base_url = normalise_url(config.url)
        check(config)
        self.config = config
        self._host = urlsplit(self.base_url).netloc
        self._scrubber = Scrubber(lambda text: dotenv.parse(text).values())
        self._scrubber.add(config.api_key)
        pauses = Pauses(self._host, sleep, notice)
        self._wire = Wire(self.base_url, self._host, config, clock=clock, pauses=pauses, random=random)
        words = self._scrubber.sanitize
        self._caller = Caller(self._wire, self._host, config, scrub=words, sleep=sleep, random=random)
        self._batching = True
        self._shapes: Mapping[str, Shape] = {}
        self._version: Optional[Tuple[int, int, int]] = None

    # --- what others call -------------------------------------------------------------------------------------------

    def query(
        self, procedure: str, input: Optional[Mapping[str, Any]] = None, *, timeout: Optional[float] = None
    ) -> Any:
        """The value of a query.

        :param input: strings, numbers and booleans by API name; C(None) counts as absent.
        :param timeout: seconds for this answer instead of C(request_timeout).
        :raises DokployError: any kind of the client's; connection errors and 5xx only after C(max_retries) attempts.
        """
        return self._value(Request("GET", "/" + procedure, procedure, params=parameters(input or {}), timeout=timeout))

    def mutate(
        self,
        procedure: str,
        input: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
    ) -> Any:
        """The value of a mutation; C(None) for the empty answer that many of them give.

        :param input: anything JSON can say, by API name; C(None) is sent as null.
        :raises DokployError: C(ConnectionFailed) says in C(details.effect_unknown) whether it may have taken effect.
        """
        self._scrubber.learn(input)
        body = json.dumps(dict(input or {}), separators=(",", ":"), allow_nan=False).encode("ascii")
        request = Request("POST", "/" + procedure, procedure, write=True, body=body)
        return self._value(replace(request, timeout=timeout))

    def call_many(self, calls: Sequence[Call]) -> List[Union[Any, DokployError]]:
        """The results of several queries in order: each its value, or the error of that one as an object.

        :raises DokployError: what concerns them all: no connection, a refused key, an answer of something else.
        """
        for call in calls:
            check_name(call.procedure)
        results: List[Union[Any, DokployError]] = []
        for group in split(calls, self.base_url):
            results += self._many(group)
        return results

    def upload(
        self,
        procedure: str,
        fields: Mapping[str, str],
        file_field: str,
        filename: str,
        content_type: str,
        path: str,
        *,
        timeout: Optional[float] = None,
    ) -> Any:
        """The value of a mutation that takes a file. Over tRPC: the REST route of 0.30.2 has lost the body by then.

        :param path: the file on disk. It is read while it is sent, from its beginning for every attempt.
        :param filename: what it is called for the server; C(content_type) is of what kind it is.
        :param timeout: seconds for the answer, and for each block on its way, instead of C(request_timeout).
        :raises OptionError: the file cannot be read.
        :raises DokployError: as C(mutate). Where the sending broke off, it had no effect.
        """
        form = Upload(dict(fields), file_field, filename, content_type, path)
        request = Request("POST", "/trpc/" + procedure, procedure, write=True, trpc=True, upload=form)
        return self._value(replace(request, timeout=timeout))

    def add_secret(self, *values: str) -> None:
        """From now on these values are masked in every message. The key always is."""
        self._scrubber.add(*values)

    def expect(self, shapes: Mapping[str, Shape]) -> None:
        """From now on an answer that is not of the shape of its procedure is an error."""
        self._shapes = shapes

    def version(self) -> Tuple[int, int, int]:
        """The server's version, asked for once: C("v0.30.2") is C((0, 30, 2))."""
        if self._version is None:
            said = self.query(PROBE)
            found = _VERSION.match(said) if isinstance(said, str) else None
            if not found:
                message = "%s on %s answered no version" % (PROBE, self._host)
                raise ProtocolError(message, procedure=PROBE)
            self._version = (int(found.group(1)), int(found.group(2)), int(found.group(3)))
        return self._version

    def listen(self, path: str, params: Mapping[str, str]) -> Optional[str]:
        """What a WebSocket of the server says until it falls silent; C(None) where it cannot be asked.

        :param path: beside C(/api).
        """
        return listen(self.base_url[: -len("api")] + path, params, self.config)

    def close(self) -> None:
        """Close the connections. The client may be used again and opens new ones."""
        self._wire.close()

    @property
    def unverified(self) -> bool:
        """Whether anybody on the way may read the key, since the certificate is not looked at."""
        return self.base_url.startswith("https:") and not self.config.validate_certs

    @property
    def requests_made(self) -> int:
        """HTTP requests sent, every attempt counted."""
        return self._wire.requests_made

    @property
    def reads(self) -> int:
        """Queries sent, a batch counted once and a repetition not at all."""
        return self._wire.reads

    @property
    def writes(self) -> int:
        """Mutations sent, a repetition not counted."""
        return self._wire.writes

    @property
    def last_used(self) -> Optional[float]:
        """When the last answer came, on the client's clock."""
        return self._wire.last_used

    # --- one call, with its waits -----------------------------------------------------------------------------------

    def _value(self, request: Request) -> Any:
        check_name(request.procedure)

        def judge(status: int, headers: Mapping[str, str], body: bytes, context: ErrorContext) -> Any:
            return judged(decode(status, headers, body, context), self._shapes, status, context)

        value = self._caller.call(request, judge)
        self._scrubber.learn(value)
        return value

    def _many(self, calls: List[Call]) -> List[Union[Any, DokployError]]:
        if not self._batching:
            return [self._one(call) for call in calls]
        request = Request("GET", path_of(calls), calls[0].procedure, trpc=True)

        def judge(status: int, headers: Mapping[str, str], body: bytes, context: ErrorContext) -> Any:
            if route_missing(status, headers, body):
                return None
            return judge_batch(status, headers, body, calls, context, self._shapes)

        try:
            results = self._caller.call(request, judge)
        except BadRequest as error:
            # A proxy may allow shorter addresses than Dokploy does.
            if error.status not in (414, 431) or len(calls) == 1:
                raise
            middle = len(calls) // 2
            return self._many(calls[:middle]) + self._many(calls[middle:])
        if results is None:
            _LOG.info("%s has no tRPC route, queries go one by one", self._host)
            self._batching = False
            return self._many(calls)
        worked = [not isinstance(result, DokployError) for result in results]
        self._caller.proven = self._caller.proven or proves_key(worked, calls)
        self._scrubber.learn(results)
        return list(results)

    def _one(self, call: Call) -> Union[Any, DokployError]:
        try:
            return self.query(call.procedure, call.input)
        except FATAL:
            raise
        except DokployError as error:
            return error


# --- caller ---
# One call: sent, judged, and sent again while that can help and cannot do harm.


_T = TypeVar("_T")
_Judge = Callable[[int, Mapping[str, str], bytes, ErrorContext], _T]

# A query that every member may make.
PROBE = "settings.getDokployVersion"


class Caller:
    """Makes calls over one wire, and remembers whether the key was ever accepted on it.

    :param host: how messages name the server.
    :param scrub: makes the server's words fit for a message.
    """

    def __init__(
        self,
        wire: Wire,
        host: str,
        config: ClientConfig,
        *,
        scrub: Callable[[str], str],
        sleep: Callable[[float], None],
        random: Callable[[], float],
    ) -> None:
        self._wire, self._host, self._config = wire, host, config
        self._scrub, self._sleep, self._random = scrub, sleep, random
        self.proven = False

    def call(self, request: Request, judge: _Judge[_T]) -> _T:
        """Send, judge, and repeat; the message of an error that stays says how often that was tried."""
        before = self._wire.requests_made
        try:
            return self._call(request, judge)
        except (ConnectionFailed, ProtocolError, ServerError) as error:
            made = self._wire.requests_made - before
            if made > 1:
                error.message += ", after %d attempts" % made
            raise

    def _call(self, request: Request, judge: _Judge[_T]) -> _T:
        """Send, judge, and wait for a spent key: neither a read nor a write was done when the key was refused."""
        context = ErrorContext(
            request.procedure,
            self._host,
            self._scrub,
            auth_scheme=self._config.auth_scheme,
            trpc=request.trpc,
            base_url=self._wire.base_url,
        )
        patience = Patience(self._config.rate_limit_timeout, self._random)
        attempts = self._wire.policy(request)
        asked = False
        self._wire.count(request)
        while True:
            answer = self._wire.send(request, attempts)
            context = replace(context, proven=self.proven, sent=answer.sent)
            try:
                value = judge(answer.status, answer.headers, answer.body, context)
            except ProtocolError as error:
                following = answer.policy.after_cut(request.method, request.path) if error.cut else None
                if following is None:
                    if request.write and (error.cut or error.odd or answer.status < 200):
                        error.hint = "It probably took effect: look at the state before it is run again."
                        error.details["effect_unknown"] = True
                        error.unsettled = error.cut
                    raise
                attempts = following
                self._wire.wait(request, attempts)
            except ServerError as error:
                if request.write and answer.status in BETWEEN:
                    error.message += "; whether it took effect is unknown"
                    error.details["effect_unknown"] = error.unsettled = True
                    error.retry_after = retry_after(answer.headers)
                raise
            except AuthenticationError:
                # It is wrong or spent; who says how long to wait for a spent one waits here, too.
                stated = self._config.rate_limit_timeout is not None and self._config.auth_scheme != "bearer"
                pause = patience.next(None) if stated else None
                if pause is None:
                    raise
                self._sleep(pause)
            except RateLimitError as error:
                # Only a good key gets as far as that.
                self.proven = True
                if error.ambiguous and not asked:
                    asked = True
                    if self._key_works(request):
                        context = replace(context, key_works=True)
                        continue
                pause = patience.next(error.retry_after)
                if pause is None:
                    raise
                _LOG.info("%s: the key is spent, asking again in %.1f s", request.procedure, pause)
                self._sleep(pause)
            except (NotFoundError, ValidationError):
                # Dokploy looks at the key first.
                self.proven = self.proven or not request.trpc
                raise
            else:
                # By REST every success proves the key; a batch may hold public queries only.
                self.proven = self.proven or not request.trpc or request.write
                return value

    def _key_works(self, refused: Request) -> bool:
        """Whether the key is accepted for what every member may do: tells a missing right from a spent key."""
        if refused.procedure == PROBE and not refused.trpc:
            return False
        probe = Request("GET", "/" + PROBE, PROBE)
        works = self._wire.send(probe, self._wire.policy(probe)).status == 200
        self.proven = self.proven or works
        return works

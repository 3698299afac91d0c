# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The client: procedures of Dokploy by name. Speaks HTTP, raises C(DokployError), never sees Ansible.

One client is one session of one process: open it after a fork. Threads may send requests at once.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Callable, Dict, Generator, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import urlsplit

from .. import _errors as errors
from .._http import transport as http
from .._http.connection import ClientConfig, Request, check_config, normalise_url
from .._http.transport import Response
from .._secrets.masking import SHORTEST_KEY, Scrubber
from .._values import dotenv
from .._values.renamed_keys import as_taken
from . import stream
from .error_mapping import NOT_DOKPLOY, ErrorContext
from .protocol import (
    Call,
    Result,
    Shapes,
    batch_path,
    body_of,
    decode,
    decode_batch,
    proves_key,
    result_of,
    split_calls,
)

__all__ = ["Call", "Client", "ClientConfig"]

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
# A query that every member may make.
VERSION_QUERY = "settings.getDokployVersion"
_Failed = Union[errors.ProtocolError, errors.ServerError]


class Client:
    """Calls procedures of one Dokploy server with one key.

    :param config: the connection options.
    :param clock: monotonic seconds. :param sleep: waits that many seconds. :param random: 0 to 1, for the jitter.
    :param notice: takes a line whenever a request is repeated after a failure.
    :ivar transport: counts the HTTP requests, and knows when the last response came.
    :raises ConfigurationError: an option cannot work; nothing was sent.
    """

    def __init__(
        self,
        config: ClientConfig,
        *,
        clock: http.Clock = time.monotonic,
        sleep: http.Sleep = time.sleep,
        random: http.Random = http.RANDOM,
        notice: http.Notice = None,
    ) -> None:
        self.base_url = normalise_url(config.url)
        check_config(config)
        self.config = config
        self._scrubber = Scrubber(lambda text: dotenv.parse(text).values())
        if len(config.api_key.strip()) >= SHORTEST_KEY:
            self._scrubber.add(config.api_key)
        self._sleep, self._random, self._notice = sleep, random, notice
        self.transport = http.Transport(self.base_url, config, clock=clock, sleep=sleep, random=random, notice=notice)
        self._batching = True
        # Whether the key was ever accepted, and whether a write was.
        self._proven = self._wrote = False
        self._shapes: Shapes = {}
        self._bodies: Shapes = {}
        self._version: Optional[Tuple[int, int, int]] = None

    def query(
        self,
        procedure: str,
        input: Optional[Mapping[str, Any]] = None,
        timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        lasting: bool = False,
    ) -> Any:
        """The value of a query.

        :param input: strings, numbers and booleans by API name; C(None) counts as absent.
        :param timeout: seconds for this response instead of C(request_timeout).
        :param max_retries: the most repetitions instead of those of the option.
        :param lasting: a response with status 500 is the same at each repetition.
        :raises DokployError: any kind of the client's; connection errors and 5xx only after C(max_retries) attempts.
        """
        more: Dict[str, Any] = {"timeout": timeout, "max_retries": max_retries, "lasting": lasting}
        return self.call(Request("GET", "/" + procedure, procedure, params=_parameters(input or {}), **more))

    def mutate(self, procedure: str, input: Optional[Mapping[str, Any]] = None, timeout: Optional[float] = None) -> Any:
        """The value of a mutation; C(None) for the empty response of many.

        :param input: anything that JSON can express, by API name; C(None) is sent as null.
        :raises DokployError: C(details.effect_unknown) tells whether it may have taken effect.
        """
        self._scrubber.learn(input)
        taken = self._as_taken(procedure, input or {})
        body = json.dumps(taken, separators=(",", ":"), allow_nan=False).encode("ascii")
        return self.call(Request("POST", "/" + procedure, procedure, write=True, body=body, timeout=timeout))

    def mutate_many(self, calls: Sequence[Call]) -> List[Result]:
        """The results of several mutations, which the server runs at once, in order: each its value, or its error.

        :raises DokployError: the error of all of them, as that of C(mutate).
        """
        if not self._batching or len(calls) == 1:
            return [result_of(self.mutate, *call, write=True) for call in calls]
        self._scrubber.learn([call.input for call in calls])
        taken = [Call(call.procedure, self._as_taken(*call)) for call in calls]
        path = "/trpc/%s?batch=1" % ",".join(call.procedure for call in calls)
        request = Request("POST", path, calls[0].procedure, write=True, trpc=True, body=body_of(taken))
        results = self._send(
            request, lambda answer, context: decode_batch(answer, calls, context, self._shapes, write=True)
        )
        if results is None:
            self._batching = False
            return self.mutate_many(calls)
        self._scrubber.learn(results)
        return list(results)

    def upload(self, procedure: str, form: Any, *, timeout: Optional[float] = None) -> Any:
        """The value of a mutation that takes a file. Over tRPC: the REST route of 0.30.2 loses the body.

        :param form: a C(Form), whose file is read while it is sent, from its start for every attempt.
        :param timeout: seconds for the response, and for each block that is sent, instead of C(request_timeout).
        :raises OptionError: the file cannot be read.
        :raises DokployError: as C(mutate). An upload that breaks off had no effect.
        """
        path = "/trpc/" + procedure
        return self.call(Request("POST", path, procedure, write=True, trpc=True, form=form, timeout=timeout))

    def subscribe(
        self, procedure: str, input: Mapping[str, Any], *, timeout: float, silence: Optional[float] = None
    ) -> Generator[str, None, None]:
        """The lines that a subscription sends, as they come, masked; what they say is not judged. From 0.28 on.

        Nothing is requested before the first line is asked for, and never again once the server has got the request.

        :param timeout: seconds in total. :param silence: seconds without a line, C(timeout) by default: a restore
            says nothing while it works, and the server sends nothing else meanwhile.
        :raises WaitTimeout: a limit is reached. :raises StreamInterrupted: it ends before the server says so.
        :raises DokployError: as C(mutate); after the first line none of them but these two.
        """
        self._scrubber.learn(input)
        silence = timeout if silence is None else min(silence, timeout)
        path = stream.subscription_path(procedure, input)
        request = Request("GET", path, procedure, write=True, trpc=True, timeout=silence)
        context = self._context(request)
        response = self.transport.open(request, self.transport.attempts())
        try:
            if not stream.is_stream(response):
                self._refuse(self.transport.read(response, request), context)
            for line in stream.lines(response, context, timeout, silence):
                self._proven = True
                yield line
        finally:
            response.close()

    def call_many(self, calls: Sequence[Call]) -> List[Result]:
        """The results of several queries in order: each its value, or the error of that one as an object.

        :raises DokployError: what concerns them all: no connection, a refused key, a response that is not Dokploy's.
        """
        return [
            result for group in (split_calls(calls, self.base_url) if calls else ()) for result in self._batch(group)
        ]

    def call(self, request: Request) -> Any:
        """The value of the answer to a request in one of the forms of the API.

        :raises DokployError: as C(query), or as C(mutate) for a request that writes.
        """
        value = self._send(request, lambda response, context: decode(response, context, self._shapes))
        self._scrubber.learn(value)
        return value

    def add_secret(self, *values: str) -> None:
        """From now on these values are masked in every message. The key always is."""
        self._scrubber.add(*values)

    def expect(self, shapes: Shapes, bodies: Shapes = MappingProxyType({})) -> None:
        """From now on a value that does not have the shape of its procedure is an error.

        :param bodies: the shapes of the bodies in which older releases have other keys.
        """
        self._shapes, self._bodies = shapes, bodies

    def version(self) -> Tuple[int, int, int]:
        """The server's version, requested once: C("v0.30.2") is C((0, 30, 2))."""
        if self._version is None:
            match = _VERSION.match(str(self.query(VERSION_QUERY)))
            if not match:
                message = "%s on %s answered no version" % (VERSION_QUERY, urlsplit(self.base_url).netloc)
                raise errors.ProtocolError(message, procedure=VERSION_QUERY)
            major, minor, patch = map(int, match.groups())
            self._version = major, minor, patch
        return self._version

    def _as_taken(self, procedure: str, input: Mapping[str, Any]) -> Dict[str, Any]:
        """The body of a write with the keys that the release of this server takes."""
        body, shape = dict(input), self._bodies.get(procedure)
        return body if shape is None else dict(as_taken(shape, body, self.version()))

    def close(self) -> None:
        """Close the connections. The client may be used again and opens new ones."""
        self.transport.close()

    @property
    def unverified(self) -> bool:
        """Whether the key can be intercepted, since the certificate is not verified."""
        return self.base_url.startswith("https:") and not self.config.validate_certs

    def _batch(self, calls: List[Call]) -> List[Result]:
        if not self._batching:
            return [result_of(self.query, *call) for call in calls]
        request = Request("GET", batch_path(calls), calls[0].procedure, trpc=True)
        try:
            results: Optional[List[Result]] = self._send(
                request, lambda answer, context: decode_batch(answer, calls, context, self._shapes)
            )
        except errors.BadRequest as error:
            # A proxy may allow shorter addresses than Dokploy does.
            if error.status not in (414, 431) or len(calls) == 1:
                raise
            middle = len(calls) // 2
            return self._batch(calls[:middle]) + self._batch(calls[middle:])
        if results is None:
            self._batching = False
            return self._batch(calls)
        self._proven |= proves_key([not isinstance(result, errors.DokployError) for result in results], calls)
        self._scrubber.learn(results)
        return results

    def _send(self, request: Request, decode: Callable[[Response, ErrorContext], Any]) -> Any:
        """Send until the response is complete and the key is accepted: a refused key means that nothing was done."""
        stated = self.config.rate_limit_timeout is not None and self.config.auth_scheme != "bearer"
        waits = http.RateLimitWaits(self.config.rate_limit_timeout, self._random, self._wrote)
        attempts = self.transport.attempts(request.max_retries)
        context = self._context(request)
        while True:
            response = self.transport.send(request, attempts)
            context = replace(context, proven=self._proven, sent=request.form.size if request.form else "")
            try:
                value = decode(response, context)
            except (errors.ProtocolError, errors.ServerError) as error:
                if not self._repeats(error, request, response, attempts):
                    raise
            except errors.RateLimitError as error:
                # Only a valid key gets as far as that.
                self._proven = True
                asked = error.ambiguous and context.key_works is None
                context = replace(context, key_works=self._key_works(request)) if asked else context
                if not (asked and context.key_works) and not self._wait_for_key(waits, error):
                    raise
            except errors.AuthenticationError as error:
                # It is wrong, or its rate limit is used up; the client waits if the user says how long.
                if not stated or not self._wait_for_key(waits, error):
                    raise
            except (errors.NotFoundError, errors.ValidationError):
                # Dokploy checks the key first.
                self._proven |= not request.trpc
                raise
            else:
                # By REST every success proves the key; a batch may contain public queries only.
                self._proven |= not request.trpc or request.write
                self._wrote |= request.write
                return value

    @staticmethod
    def _repeats(error: _Failed, request: Request, response: Response, attempts: http.Attempts) -> bool:
        """Wait before a query whose response breaks off is sent again; C(False), without a wait, to give up."""
        if request.write:
            _describe_effect(error, response)
        elif isinstance(error, errors.ProtocolError) and error.cut and attempts.wait(error.message):
            return True
        error.message += attempts.count
        return False

    def _wait_for_key(self, waits: http.RateLimitWaits, error: errors.DokployError) -> bool:
        """Wait before a request that the key was refused for is sent again; C(False), without a wait, to give up."""
        pause = waits.next(error.retry_after)
        if pause is None:
            if self._wrote:
                error.hint = "%s Run the task again to complete what it has begun." % error.hint
            return False
        if self._notice is not None and waits.polls == 1:
            self._notice("%s. It is sent again for up to %g s." % (error.message, waits.budget))
        self._sleep(pause)
        return True

    @staticmethod
    def _refuse(response: Response, context: ErrorContext) -> None:
        """:raises DokployError: what a response to a subscription stands for that is no stream."""
        try:
            decode(response, context, {})
            raise context.error(errors.ProtocolError, response.status, "answered no stream", NOT_DOKPLOY)
        except (errors.ProtocolError, errors.ServerError) as error:
            _describe_effect(error, response)
            raise

    def _context(self, request: Request) -> ErrorContext:
        scrub, scheme = self._scrubber.sanitize, self.config.auth_scheme
        return ErrorContext(request.procedure, self.base_url, scrub, scheme, proven=self._proven, trpc=request.trpc)

    def _key_works(self, refused: Request) -> bool:
        """Whether the key is accepted for a query of every member: tells a missing right from a used up rate limit."""
        if refused.procedure == VERSION_QUERY and not refused.trpc:
            return False
        request = Request("GET", "/" + VERSION_QUERY, VERSION_QUERY)
        return self.transport.send(request, self.transport.attempts()).status == 200


def _describe_effect(error: _Failed, response: Response) -> None:
    """What a failed response to a write tells about its effect."""
    if isinstance(error, errors.ServerError):
        if response.status in http.GATEWAY:
            error.message += "; whether it took effect is unknown"
            error.details["effect_unknown"] = error.unsettled = True
            error.retry_after = http.retry_after(response.headers)
    elif error.cut or error.odd or response.status < 200:
        error.hint = "It probably took effect: check the state before you run it again."
        error.details["effect_unknown"] = True
        error.unsettled = error.cut


def _parameters(given: Mapping[str, Any]) -> Dict[str, str]:
    """Query parameters: C(None) is absent, booleans are those of JavaScript."""
    texts = {name: str(value) for name, value in given.items() if value is not None}
    return {name: text.lower() if isinstance(given[name], bool) else text for name, text in texts.items()}

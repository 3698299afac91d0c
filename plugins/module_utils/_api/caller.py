# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One call: sent, judged, and sent again while that can help and cannot do harm."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Callable, Mapping, TypeVar

from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    ConnectionFailed,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ValidationError,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import BETWEEN, Patience, retry_after
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import Request, Wire

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_Judge = Callable[[int, Mapping[str, str], bytes, Context], _T]

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
        context = Context(
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

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sessions of requests, and the start of a request."""

from __future__ import annotations

import traceback
import warnings
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Callable, Mapping, Optional, Tuple

from .config import ClientConfig, api_key

REQUESTS_IMPORT_ERROR: Optional[str]
try:
    import requests
    from urllib3.exceptions import HTTPError, InsecureRequestWarning
except ImportError:
    # The hosts report it with Ansible's standard message for a missing library.
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    HTTPError, InsecureRequestWarning = OSError, Warning  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None
HAS_REQUESTS = REQUESTS_IMPORT_ERROR is None

CONNECT_TIMEOUT = 10.0
# What requests and urllib3 raise when there is no complete response.
FAILURES = (OSError, HTTPError, ValueError)


@dataclass(frozen=True)
class Request:
    """One HTTP request without the key.

    :param path: below C(/api).
    :param write: repeated only while nothing was sent.
    :param trpc: the response is in tRPC's envelope.
    :param page: a page of the web interface: the path is not below C(/api).
    :param body: JSON. :param form: a C(Form) instead of it, which is read again for every attempt.
    :param timeout: seconds to wait for the response instead of C(request_timeout).
    :param max_retries: how often it is repeated, instead of the option of that name.
    :param lasting: a response with status 500 is the same at each repetition.
    """

    method: str
    path: str
    procedure: str
    write: bool = False
    trpc: bool = False
    params: Optional[Mapping[str, str]] = None
    body: Optional[bytes] = None
    form: Any = None
    timeout: Optional[float] = None
    page: bool = False
    max_retries: Optional[int] = None
    lasting: bool = False

    def seconds(self, config: ClientConfig) -> float:
        """How long to wait for the response."""
        return config.request_timeout if self.timeout is None else self.timeout


def open_session(config: ClientConfig) -> Any:
    """A session that sends the key, or without one the cookie of a sign-in. Proxy variables and C(REQUESTS_CA_BUNDLE)
    keep working."""
    auth = _unchanged if config.signs_in else _key_auth(api_key(config.api_key), config.auth_scheme)
    session = new_session(auth)
    # Even if it does not follow a redirect, requests reads all of its body and prepares the next request.
    session.get_redirect_target = lambda response: None
    if not config.signs_in:
        # The key identifies the user; a cookie that a response sets could do so too.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": config.user_agent, "Accept": "application/json"})
    return session


def new_session(auth: Any) -> Any:
    """A session with the given C(auth) of requests. A session with one does not read C(.netrc)."""
    session: Any = requests.Session()
    session.auth = auth
    return session


def _unchanged(request: Any) -> Any:
    return request


def _key_auth(key: str, scheme: str) -> Callable[[Any], Any]:
    """Puts the key on every request of a session."""

    def sign(request: Any) -> Any:
        # auto sends both: older documentation asks for Bearer, servers read x-api-key.
        if scheme != "bearer":
            request.headers["x-api-key"] = key
        if scheme != "api_key":
            request.headers["Authorization"] = "Bearer " + key
        return request

    return sign


def start(session: Any, method: str, url: str, config: ClientConfig, timeout: Tuple[float, float], **more: Any) -> Any:
    """The head of a response; the caller reads and closes it.

    :param timeout: seconds to connect, and to wait for the next bytes.
    """
    with warnings.catch_warnings():
        # The runner warns of it.
        warnings.simplefilter("ignore", InsecureRequestWarning)
        return session.request(
            method,
            url,
            timeout=timeout,
            # On a redirect to another host requests removes Authorization, but not x-api-key: never follow.
            allow_redirects=False,
            # An argument, since REQUESTS_CA_BUNDLE overrides the attribute of a session.
            verify=config.verify,
            stream=True,
            **more,
        )

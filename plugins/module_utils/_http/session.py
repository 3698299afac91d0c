# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sessions of requests: with the API key for Dokploy, and without it for any other address."""

from __future__ import annotations

import traceback
import warnings
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Callable, Optional, Tuple
from urllib.parse import unquote, urlsplit

from .config import ClientConfig, api_key
from .failures import why_not

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


def open_session(config: ClientConfig) -> Any:
    """A session that sends the key. Proxy variables and C(REQUESTS_CA_BUNDLE) keep working."""
    session: Any = requests.Session()
    session.auth = _key_auth(api_key(config.api_key), config.auth_scheme)
    # Even if it does not follow a redirect, requests reads all of its body and prepares the next request.
    session.get_redirect_target = lambda response: None
    # The key identifies the user; a cookie that a response sets could do so too.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": config.user_agent, "Accept": "application/json"})
    return session


def _key_auth(key: str, scheme: str) -> Callable[[Any], Any]:
    """Puts the key on every request of a session. A session with an auth does not read C(.netrc) either."""

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


def probe(
    url: str, *, host: Optional[str], timeout: float, validate_certs: bool, follow_redirects: bool
) -> Tuple[Optional[int], str]:
    """The status of a GET without the key, or C(None) and the reason why there is none. The body is not read.

    :param url: may contain credentials. :param host: the C(Host) header, if it differs from the address.
    :param timeout: seconds.
    """
    headers = {"User-Agent": "community.dokploy", **({"Host": host} if host else {})}
    try:
        with _keyless_session(url) as session, warnings.catch_warnings():
            # The user has disabled the verification.
            warnings.simplefilter("ignore")
            with session.get(
                url,
                headers=headers,
                timeout=timeout,
                verify=validate_certs,
                allow_redirects=follow_redirects,
                stream=True,
            ) as response:
                return response.status_code, ""
    except requests.exceptions.TooManyRedirects:
        return None, "it redirects again and again"
    except (OSError, ValueError) as error:
        # requests raises a ValueError for an address that is not valid.
        return None, "the address cannot be used" if isinstance(error, ValueError) else why_not(error, timeout)


def _keyless_session(url: str) -> Any:
    """A session with the credentials of the address, and none of a C(.netrc). Proxy variables keep working."""
    session: Any = requests.Session()
    parts = urlsplit(url)
    user, password = (unquote(text or "").encode() for text in (parts.username, parts.password))
    session.auth = (user, password) if user or password else lambda request: request

    def redirected(request: Any, response: Any) -> None:
        # requests would read .netrc here, and keep the Host header for another host.
        old, new = urlsplit(response.request.url), urlsplit(request.url)
        if session.should_strip_auth(response.request.url, request.url):
            request.headers.pop("Authorization", None)
        if (old.hostname, old.port) != (new.hostname, new.port):
            request.headers.pop("Host", None)

    session.rebuild_auth = redirected
    return session

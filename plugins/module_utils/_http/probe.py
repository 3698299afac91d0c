# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Asking an address that is not Dokploy's: without the key, and nothing but the status counts."""

from __future__ import annotations

import warnings
from typing import Any, Optional, Tuple
from urllib.parse import unquote, urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._http.bounds import Adapter
from ansible_collections.community.dokploy.plugins.module_utils._http.failures import why_not

try:
    import requests
except ImportError:
    # Reported by the hosts, see _http/session.py.
    requests = None  # type: ignore[assignment]


def probe(
    url: str, *, host: Optional[str], timeout: float, validate_certs: bool, follow_redirects: bool
) -> Tuple[Optional[int], str]:
    """The status of a GET, or C(None) and the reason why there is none. The answer's body is not read.

    :param url: may hold credentials. :param host: the C(Host) header, where it is another one than the address says.
    :param timeout: seconds.
    """
    headers = {"User-Agent": "community.dokploy", **({"Host": host} if host else {})}
    try:
        with _session(url) as session, warnings.catch_warnings():
            # That certificates are not verified is what was asked for.
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
        # Of the errors of requests, those of addresses are such a one as well.
        return None, "the address cannot be used" if isinstance(error, ValueError) else why_not(error, timeout)


def _session(url: str) -> Any:
    """A session with the credentials of the address. What a .netrc holds is for others; a proxy of the environment is
    for all."""
    session: Any = requests.Session()
    for prefix in ("http://", "https://"):
        session.mount(prefix, Adapter())
    parts = urlsplit(url)
    user, password = (unquote(text or "").encode() for text in (parts.username, parts.password))
    session.auth = (user, password) if user or password else lambda request: request

    def redirected(request: Any, response: Any) -> None:
        # requests asks .netrc here, and tells another host the name of this one.
        old, new = urlsplit(response.request.url), urlsplit(request.url)
        if session.should_strip_auth(response.request.url, request.url):
            request.headers.pop("Authorization", None)
        if (old.hostname, old.port) != (new.hostname, new.port):
            request.headers.pop("Host", None)

    session.rebuild_auth = redirected
    return session

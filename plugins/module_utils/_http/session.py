# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The ground the client stands on: the libraries, and the session with the key."""

from __future__ import annotations

import traceback
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._http.bounds import Adapter
from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig, api_key

REQUESTS_IMPORT_ERROR: Optional[str]
try:
    import requests
    from requests.auth import AuthBase
except ImportError:
    # The hosts turn this into Ansible's standard words for a missing library.
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    AuthBase = object  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None
HAS_REQUESTS = REQUESTS_IMPORT_ERROR is None

CONNECT_TIMEOUT = 10.0


class KeyAuth(AuthBase):
    """Puts the key on every request of the session. That there is an auth object also keeps C(.netrc) out."""

    def __init__(self, key: str, scheme: str) -> None:
        self._key = key
        self._scheme = scheme

    def __call__(self, request: Any) -> Any:
        # auto sends both: documents of old ask for Bearer, real servers read x-api-key.
        if self._scheme != "bearer":
            request.headers["x-api-key"] = self._key
        if self._scheme != "api_key":
            request.headers["Authorization"] = "Bearer " + self._key
        return request


def open_session(config: ClientConfig) -> Tuple[Any, Any]:
    """A session that carries the key, and its one adapter. Proxy variables and C(REQUESTS_CA_BUNDLE) keep working."""
    session: Any = requests.Session()
    adapter = Adapter()
    for prefix in ("http://", "https://"):
        session.mount(prefix, adapter)
    session.auth = KeyAuth(api_key(config.api_key), config.auth_scheme)
    # Even where it does not follow one, requests reads all of a redirect's body and prepares the next request.
    session.get_redirect_target = lambda response: None
    # The key says who asks; nothing that an answer sets may say it too.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": config.user_agent, "Accept": "application/json"})
    return session, adapter

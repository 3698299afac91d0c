# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The ground the client stands on: the libraries, the session with the key, and what a broken connection means."""

from __future__ import annotations

import os
import socket
import ssl
import traceback
from typing import Any, Iterator, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._config import ClientConfig, api_key
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConfigurationError,
    ConnectionFailed,
    DokployError,
    TLSError,
)
from ansible_collections.community.dokploy.plugins.module_utils._multipart import Form

REQUESTS_IMPORT_ERROR: Optional[str]
try:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from urllib3.exceptions import ConnectTimeoutError
except ImportError:
    # The hosts turn this into Ansible's standard words for a missing library.
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    AuthBase = object  # type: ignore[assignment,misc]
    ConnectTimeoutError = Exception  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None
HAS_REQUESTS = REQUESTS_IMPORT_ERROR is None

CONNECT_TIMEOUT = 10.0

_NO_ANSWER = {"ReadTimeout", "ReadTimeoutError"}
_SIZE_HINT = (
    "Something in front of Dokploy may refuse a request that is so large or takes so long: look at the limits of the "
    "proxy."
)


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
    session = requests.Session()
    adapter = HTTPAdapter()
    for prefix in ("http://", "https://"):
        session.mount(prefix, adapter)
    session.auth = KeyAuth(api_key(config.api_key), config.auth_scheme)
    session.headers.update({"User-Agent": config.user_agent, "Accept": "application/json"})
    return session, adapter


def verify_setting(config: ClientConfig) -> Any:
    """What requests calls C(verify). C(True) lets C(REQUESTS_CA_BUNDLE) decide."""
    if not config.validate_certs:
        return False
    return os.path.expanduser(config.ca_path) if config.ca_path else True


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    """The exception and all it wraps: requests, urllib3 and the socket each put their own around it."""
    queue, seen = [error], set()
    while queue:
        one = queue.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        queue += [getattr(one, "reason", None), getattr(one, "original_error", None), one.__cause__, one.__context__]
        queue += [argument for argument in one.args if isinstance(argument, BaseException)]


def explain(
    error: BaseException,
    procedure: str,
    host: str,
    config: ClientConfig,
    *,
    write: bool,
    seconds: float,
    form: Optional[Form] = None,
) -> DokployError:
    """Our words for a request that got no answer. The libraries' own might quote the password of a proxy.

    :param form: what was being uploaded.
    """
    causes = list(_chain(error))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    # Once a form is read, TLS stands: what breaks then is the connection, whatever layer says so.
    if tls is not None and not (form is not None and form.tell()):
        return _explain_tls(tls, procedure, host, config)
    names = {type(cause).__name__ for cause in causes}
    if names & {
        "InvalidURL",
        "InvalidProxyURL",
        "LocationParseError",
        "MissingSchema",
        "InvalidSchema",
        "InvalidHeader",
    }:
        return ConfigurationError(
            "%s: the address cannot be used" % host, hint="Check dokploy_url and the proxy variables."
        )
    if any("CA certificate bundle" in str(cause) for cause in causes):
        return ConfigurationError("the CA bundle does not exist", hint="Check ca_path and REQUESTS_CA_BUNDLE.")
    why, hint = _reason(causes, seconds, form)
    # Half a form is nothing that the server could have acted on.
    unsent = _unsent(causes) or (form is not None and not form.complete)
    message = "%s got no answer from %s: %s" % (procedure, host, why)
    if write and not unsent:
        message += "; whether it took effect is unknown"
        hint = "Look at the state before it is run again."
        if form is not None and not names & _NO_ANSWER:
            hint = "%s %s" % (hint, _SIZE_HINT)
    return ConnectionFailed(message, hint=hint, procedure=procedure, details={"effect_unknown": write and not unsent})


def why_not(error: BaseException, seconds: float) -> str:
    """The same in a few words, for a request that was not for Dokploy."""
    causes = list(_chain(error))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    return _reason(causes, seconds)[0] if tls is None else _tls_words(tls)


def _reason(causes: Sequence[BaseException], seconds: float, form: Optional[Form] = None) -> Tuple[str, Optional[str]]:
    """Why there was no answer, and what to do."""
    names = {type(cause).__name__ for cause in causes}
    hint: Optional[str]
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "NameResolutionError" in names:
        why, hint = "the host name is not known", "Check the host in dokploy_url."
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why, hint = "the connection is refused", "Check host and port in dokploy_url, and that Dokploy runs."
    elif names & _NO_ANSWER:
        why, hint = "no answer in %g s" % seconds, "request_timeout may be raised."
    elif _unsent(causes):
        why, hint = "no connection", "Check dokploy_url and the network."
    elif form is not None and not form.complete:
        stalled = any(isinstance(cause, socket.timeout) for cause in causes)
        how = "stood still for %g s" % seconds if stalled else "broke"
        why, hint = "the connection %s while %s were sent" % (how, form.words), _SIZE_HINT
    else:
        why, hint = "the connection broke before the answer was complete", None
    if names & {"ProxyError"}:
        why = "%s (by way of the proxy of the environment)" % why
    return why, hint


def _unsent(causes: Sequence[BaseException]) -> bool:
    """Whether there was no connection to send anything on."""
    return any(isinstance(cause, ConnectTimeoutError) for cause in causes)


def _tls_words(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or (error.reason or "").replace("_", " ").lower() or "handshake failed"


def _explain_tls(error: ssl.SSLError, procedure: str, host: str, config: ClientConfig) -> TLSError:
    why = _tls_words(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        message = "the certificate of %s does not verify: %s" % (host, why)
        hint = "Set ca_path to the certificate of its authority, or validate_certs to false."
    else:
        message = "no TLS connection to %s: %s" % (host, why)
        hint = "Check ca_path." if config.ca_path and "certificate" in why else "Does this port speak https?"
    return TLSError(message, hint=hint, procedure=procedure)

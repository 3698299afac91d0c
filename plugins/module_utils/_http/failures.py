# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why a request got no answer, in our words: those of the libraries might quote the password of a proxy."""

from __future__ import annotations

import os
import socket
import warnings
from typing import Any, Iterator, Optional, Sequence, Tuple
from urllib.parse import unquote, urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConfigurationError,
    ConnectionFailed,
    DokployError,
    TLSError,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._http.session import HINT as PROXY_HINT
from ansible_collections.community.dokploy.plugins.module_utils._http.session import (
    Adapter,
    authorities,
    holds_certificates,
    is_tls,
    is_verdict,
    tls_words,
    tunnel_refused,
    what_to_do,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Form

try:
    from urllib3.exceptions import ConnectTimeoutError
except ImportError:
    # Without it there are no requests either, so nothing is ever sent.
    ConnectTimeoutError = Exception  # type: ignore[assignment,misc]

_NO_ANSWER = {"ReadTimeout", "ReadTimeoutError"}
_NO_ADDRESS = {
    "InvalidURL",
    "InvalidProxyURL",
    "LocationParseError",
    "MissingSchema",
    "InvalidSchema",
    "InvalidHeader",
    "ProxySchemeUnknown",
    "ProxySchemeUnsupported",
}
_SIZE_HINT = (
    "Something in front of Dokploy may refuse a request that is so large or takes so long: look at the limits of the "
    "proxy."
)


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
    begun: bool = False,
    first: bool = False,
) -> DokployError:
    """The error for a request that got no answer, or half of one.

    :param form: what was being uploaded. :param begun: the answer's head had come.
    :param first: nothing was ever answered there.
    """
    causes = list(_chain(error))
    names = {type(cause).__name__ for cause in causes}
    tls = next(filter(is_tls, causes), None)
    # Once a form is read, TLS stands: what breaks then is the connection, whatever layer says so.
    if tls is not None and not begun and not (form is not None and form.tell()):
        return _explain_tls(tls, procedure, host, config, proxy="ProxyError" in names)
    if any("SOCKS" in str(cause) for cause in causes if type(cause).__name__ == "InvalidSchema"):
        return ConfigurationError(
            "the proxy of the environment is one of SOCKS, for which the Python library PySocks is missing",
            hint="Install it where the task runs, or name the host in NO_PROXY.",
        )
    if names & _NO_ADDRESS:
        return ConfigurationError(
            "%s: the address cannot be used" % host, hint="Check dokploy_url and the proxy variables."
        )
    if any("CA certificate bundle" in str(cause) for cause in causes):
        return ConfigurationError("the CA bundle does not exist", hint="Check ca_path and REQUESTS_CA_BUNDLE.")
    why, hint = _reason(causes, seconds, form, begun)
    if hint is None:
        hint = "Dokploy may be starting: run it again."
        if first and config.url.strip().lower().startswith("http:"):
            hint += " If this port speaks TLS, dokploy_url must begin with https://."
    # Half a form is nothing that the server could have acted on.
    unsent = _unsent(causes) or (form is not None and not form.complete)
    message = "%s got no answer from %s: %s" % (procedure, host, why)
    if write and not unsent:
        message += "; whether it took effect is unknown"
        hint = "Look at the state before it is run again."
        if form is not None and not names & _NO_ANSWER:
            hint = "%s %s" % (hint, _SIZE_HINT)
    failed = ConnectionFailed(message, hint=hint, procedure=procedure, details={"effect_unknown": write and not unsent})
    # What was not answered in time may have its effect later.
    failed.unsettled = write and not _unsent(causes) and not _timed_out(causes)
    return failed


def why_not(error: BaseException, seconds: float) -> str:
    """The same in a few words, for a request that was not for Dokploy."""
    causes = list(_chain(error))
    tls = next(filter(is_tls, causes), None)
    return _reason(causes, seconds)[0] if tls is None else tls_words(tls)


def _reason(
    causes: Sequence[BaseException], seconds: float, form: Optional[Form] = None, begun: bool = False
) -> Tuple[str, Optional[str]]:
    """Why there was no answer, and what to do."""
    names = {type(cause).__name__ for cause in causes}
    refused = next(filter(None, (tunnel_refused(cause) for cause in causes)), None)
    hint: Optional[str]
    if refused is not None:
        return refused
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "NameResolutionError" in names:
        why, hint = "the host name is not known", "Check the host in dokploy_url."
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why, hint = "the connection is refused", "Check host and port in dokploy_url, and that Dokploy runs."
    elif names & _NO_ANSWER:
        why = "%s in %g s" % ("only a part of it came" if begun else "no answer", seconds)
        hint = "request_timeout may be raised."
    elif _unsent(causes):
        why, hint = "no connection", "Check dokploy_url and the network."
    elif form is not None and not form.complete:
        stalled = any(isinstance(cause, socket.timeout) for cause in causes)
        how = "stood still for %g s" % seconds if stalled else "broke"
        why, hint = "the connection %s while %s were sent" % (how, form.words), _SIZE_HINT
    elif any(isinstance(cause, socket.timeout) for cause in causes):
        why, hint = "no answer in %g s" % seconds, "request_timeout may be raised."
    else:
        why, hint = "the connection broke before the answer was complete", None
    if "ProxyError" in names:
        why, hint = "%s (by way of the proxy of the environment)" % why, PROXY_HINT
    return why, hint


def _timed_out(causes: Sequence[BaseException]) -> bool:
    return any(type(cause).__name__ in _NO_ANSWER or isinstance(cause, socket.timeout) for cause in causes)


def _unsent(causes: Sequence[BaseException]) -> bool:
    """Whether there was no connection to send anything on."""
    return any(isinstance(cause, ConnectTimeoutError) or tunnel_refused(cause) for cause in causes)


def _explain_tls(error: Any, procedure: str, host: str, config: ClientConfig, *, proxy: bool) -> DokployError:
    option, place = authorities(config)
    if place and not os.path.isdir(place) and not holds_certificates(place):
        return ConfigurationError(
            "%s holds no certificate: %s" % (option, place), hint="It must be a file in PEM form."
        )
    whose = "the proxy of the environment" if proxy else host
    if is_verdict(error):
        message = "the certificate of %s does not verify: %s" % (whose, tls_words(error))
    else:
        message = "no TLS connection to %s: %s" % (whose, tls_words(error))
    return TLSError(message, hint=what_to_do(error, place), procedure=procedure)


# --- probe ---
# Asking an address that is not Dokploy's: without the key, and nothing but the status counts.


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

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why a request got no response, in messages of our own: those of the libraries may show the password of a proxy."""

from __future__ import annotations

import os
import re
import socket
import ssl
from typing import Any, Iterator, List, Optional, Set, Tuple

from .._errors import ConfigurationError, ConnectionFailed, DokployError, TLSError
from .connection import ClientConfig, Request

# The classes of requests and urllib3, by name: the libraries may be missing, and differ by release.
_TIMEOUT = {"ReadTimeout", "ReadTimeoutError"}
_NOT_CONNECTED = {"ConnectTimeoutError", "NewConnectionError", "NameResolutionError"}
_INVALID_ADDRESS = set(
    "InvalidURL InvalidProxyURL LocationParseError MissingSchema InvalidSchema InvalidHeader ProxySchemeUnknown "
    "ProxySchemeUnsupported".split()
)
# http.client raises nothing but an OSError for it.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")

PROXY_AUTH = "the proxy of the environment asks for credentials (HTTP 407)"
PROXY_AUTH_HINT = "Write them into its variable, as http://user:password@proxy:3128, or name the host in NO_PROXY."
_PROXY_HINT = "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY."
_SIZE_HINT = "A proxy in front of Dokploy may refuse a request that is so large or takes so long: check its limits."

# Patterns in the reason of OpenSSL (or urllib3 1.26), and what to do; the last row of each kind is for all others.
_CERTIFICATE_HINTS: Tuple[Tuple[str, str], ...] = (
    ("match", "The certificate is for another name: set dokploy_url to a name or address that it contains."),
    ("expired", "The server's administrator must renew it."),
    ("not yet valid", "Check the clock of this machine."),
    ("", "Set ca_path to its authority's certificate (a PEM file or a c_rehash folder), or validate_certs to false."),
)
_HANDSHAKE_HINTS: Tuple[Tuple[str, str], ...] = (
    ("unsupported protocol|ssl version|no protocols|protocol version", "The server must offer TLS 1.2 or newer."),
    ("", "Check that this port accepts HTTPS. If it does not, dokploy_url begins with http://."),
)


def explain(
    error: BaseException, request: Request, host: str, config: ClientConfig, partial: bool = False, first: bool = False
) -> Tuple[DokployError, bool]:
    """The error for a request without a complete response, and whether it may be sent again.

    :param partial: the head of the response was received. :param first: this server has never responded.
    """
    procedure, write, form = request.procedure, request.write, request.form
    causes = list(_chain(error))
    names = {type(cause).__name__ for cause in causes}
    tls = _tls_cause(causes)
    # While a form is sent, the TLS connection exists: a failure then is one of the connection.
    if tls is not None and not partial and not (form is not None and form.tell()):
        return _explain_tls(tls, procedure, host, config, proxy="ProxyError" in names), False
    configuration = _configuration_error(causes, names, host)
    if configuration is not None:
        return configuration, False
    refused = _tunnel_status(causes)
    unsent = refused is not None or bool(names & _NOT_CONNECTED)
    why, hint = _reason(causes, request.seconds(config), form, partial)
    hint = hint or _hint_for_start(config, first)
    message = "%s: %s" % (_unanswered(request, host, first), why)
    unknown = write and not unsent and (form is None or form.complete)
    if unknown:
        message += "; whether it took effect is unknown"
        hint = _hint_for_state(form, names)
    failed = ConnectionFailed(message, hint=hint, procedure=procedure, details={"effect_unknown": unknown})
    failed.late = not unsent and _timed_out(causes)
    # A request that timed out may take effect later.
    failed.unsettled = write and not unsent and not failed.late
    return failed, (unsent or not write) and (refused is None or refused >= 500)


def _unanswered(request: Request, host: str, first: bool) -> str:
    """What got no answer. Which list is read first says nothing to who begins."""
    if first and not request.write and request.form is None:
        return "Dokploy at %s gave no answer to the first request (%s)" % (host, request.procedure)
    return "%s got no answer from %s" % (request.procedure, host)


def _hint_for_state(form: Any, names: Set[str]) -> str:
    hint = "Check the state before you run it again."
    return "%s %s" % (hint, _SIZE_HINT) if form is not None and not names & _TIMEOUT else hint


def _hint_for_start(config: ClientConfig, first: bool) -> str:
    hint = "Dokploy may be starting: run the task again."
    if first and config.url.strip().lower().startswith("http:"):
        hint += " If this port speaks TLS, dokploy_url must begin with https://."
    return hint


def timed_out(error: BaseException) -> bool:
    """Whether the time was too short for it, and nothing else happened."""
    return _timed_out(list(_chain(error)))


def why_not(error: BaseException, seconds: float) -> str:
    """The reason alone, for a request to another server than Dokploy."""
    causes = list(_chain(error))
    tls = _tls_cause(causes)
    return _reason(causes, seconds)[0] if tls is None else _tls_reason(tls)


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    """The cause and all it wraps: requests, urllib3 and the socket each put their own around it."""
    queue, seen = [error], set()
    while queue:
        cause = queue.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        queue += [getattr(cause, name, None) for name in ("reason", "original_error", "__cause__", "__context__")]
        queue += [argument for argument in cause.args if isinstance(argument, BaseException)]


def _configuration_error(causes: List[BaseException], names: Set[str], host: str) -> Optional[DokployError]:
    if any("SOCKS" in str(cause) for cause in causes if type(cause).__name__ == "InvalidSchema"):
        return ConfigurationError(
            "the proxy of the environment is a SOCKS proxy, which needs the Python library PySocks",
            hint="Install it where the task runs, or name the host in NO_PROXY.",
        )
    if names & _INVALID_ADDRESS:
        hint = "Check dokploy_url and the proxy variables."
        return ConfigurationError("%s: the address cannot be used" % host, hint=hint)
    if any("CA certificate bundle" in str(cause) for cause in causes):
        return ConfigurationError("the CA bundle does not exist", hint="Check ca_path and REQUESTS_CA_BUNDLE.")
    return None


def _reason(causes: List[BaseException], seconds: float, form: Any = None, partial: bool = False) -> Tuple[str, str]:
    """Why there was no response, and what to do; an empty hint if nothing is known."""
    names = {type(cause).__name__ for cause in causes}
    refused = _tunnel_status(causes)
    if refused == 407:
        return PROXY_AUTH, PROXY_AUTH_HINT
    if refused is not None:
        return "the proxy of the environment makes no connection to it (HTTP %d)" % refused, _PROXY_HINT
    hint = "Increase request_timeout if the server needs more time."
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "NameResolutionError" in names:
        why, hint = "the host name is not known", "Check the host in dokploy_url."
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why, hint = "the connection is refused", "Check host and port in dokploy_url, and that Dokploy runs."
    elif names & _NOT_CONNECTED:
        why, hint = "no connection", "Check dokploy_url and the network."
    elif form is not None and not form.complete:
        how = "stalled for %g s" % seconds if _timed_out(causes) else "broke"
        why, hint = "the connection %s while %s were sent" % (how, form.size), _SIZE_HINT
    elif _timed_out(causes):
        why = "%s in %g s" % ("only a part of it came" if partial else "no answer", seconds)
    else:
        why, hint = "the connection broke before the answer was complete", ""
    if "ProxyError" in names:
        why, hint = "%s (through the proxy of the environment)" % why, _PROXY_HINT
    return why, hint


def _tunnel_status(causes: List[BaseException]) -> Optional[int]:
    """The status with which a proxy refused a tunnel. Nothing was sent to the server then."""
    matches = (_TUNNEL.match(str(cause)) for cause in causes if isinstance(cause, OSError))
    return next((int(match.group(1)) for match in matches if match), None)


def _timed_out(causes: List[BaseException]) -> bool:
    return any(isinstance(cause, socket.timeout) or type(cause).__name__ in _TIMEOUT for cause in causes)


def _tls_cause(causes: List[BaseException]) -> Optional[BaseException]:
    return next((cause for cause in causes if isinstance(cause, ssl.SSLError) or _of_certificate(cause)), None)


def _of_certificate(error: BaseException) -> bool:
    """Whether the certificate does not verify. urllib3 1.26 compares the names itself."""
    return isinstance(error, ssl.SSLCertVerificationError) or type(error).__name__ == "CertificateError"


def _tls_reason(error: Any) -> str:
    reason = getattr(error, "verify_message", "") or (getattr(error, "reason", "") or "").replace("_", " ").lower()
    return str(reason or error)


def _explain_tls(error: BaseException, procedure: str, host: str, config: ClientConfig, *, proxy: bool) -> DokployError:
    bundle = config.verify
    if bundle is True:
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or ""
    if bundle and not os.path.isdir(bundle):
        try:
            ssl.create_default_context(cafile=bundle)
        except OSError:
            hint = "ca_path, or REQUESTS_CA_BUNDLE, must be a file in PEM format."
            return ConfigurationError("the CA bundle contains no certificate: %s" % bundle, hint=hint)
    whose = "the proxy of the environment" if proxy else host
    reason = _tls_reason(error)
    if _of_certificate(error):
        message, hints = "the certificate of %s does not verify: %s" % (whose, reason), _CERTIFICATE_HINTS
    else:
        message, hints = "no TLS connection to %s: %s" % (whose, reason), _HANDSHAKE_HINTS
    hint = next(advice for pattern, advice in hints if re.search(pattern, reason))
    return TLSError(message, hint=hint, procedure=procedure)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The ground the client stands on: the libraries, and the session with the key."""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
import ssl
import time
import traceback
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Dict, Optional, Tuple

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


# --- tls ---
# Which certificates are trusted, and what to do about a connection that TLS does not let through.


# What requests looks at, in its order.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# X509_V_ERR_...: not yet valid, expired, another name, another IP address.
_NOT_YET, _EXPIRED, _OTHER_NAME = 9, 10, (62, 64)
_OLD = ("UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE", "TLSV1_ALERT_PROTOCOL_VERSION")
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


def verify_setting(config: ClientConfig) -> Any:
    """What requests calls C(verify). C(True) lets C(REQUESTS_CA_BUNDLE) decide."""
    if not config.validate_certs:
        return False
    return os.path.expanduser(config.ca_path) if config.ca_path else True


def authorities(config: ClientConfig) -> Tuple[str, str]:
    """The option or variable that says whom to trust, and the path in it; nothing where the library decides."""
    verify = verify_setting(config)
    if isinstance(verify, str):
        return "ca_path", verify
    if verify:
        for name in _BUNDLES:
            if os.environ.get(name):
                return name, os.environ[name]
    return "", ""


def holds_certificates(file: str) -> bool:
    """Whether OpenSSL finds a certificate in the file."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError:
        return False
    return True


def is_tls(error: BaseException) -> bool:
    """Whether it comes from TLS, and not from the connection or from what was said on it."""
    return isinstance(error, ssl.SSLError) or is_verdict(error)


def is_verdict(error: BaseException) -> bool:
    """Whether the certificate was looked at and found wanting. urllib3 before its release 2 compares names itself."""
    return isinstance(error, ssl.SSLCertVerificationError) or type(error).__name__ == "CertificateError"


def tls_words(error: Any) -> str:
    """OpenSSL's reason in a few words."""
    words: str = getattr(error, "verify_message", "") or (getattr(error, "reason", "") or "").replace("_", " ").lower()
    return words or ("the name is another one" if is_verdict(error) else "handshake failed")


def what_to_do(error: Any, place: str) -> str:
    """:param place: the path of the certificates that are trusted."""
    if is_verdict(error):
        code = getattr(error, "verify_code", None)
        if code in _OTHER_NAME or "match" in str(error):
            return "It is another name's: set dokploy_url to a name or address that stands in it."
        if code == _EXPIRED:
            return "The server's administrator must renew it."
        if code == _NOT_YET:
            return "Check the clock of this machine."
        if os.path.isdir(place):
            return "In the folder %s it needs the certificate of its authority, prepared by c_rehash." % place
        return "Set ca_path to the certificate of its authority, or validate_certs to false."
    if error.reason in _OLD:
        return "The server must offer TLS 1.2 or newer."
    if error.reason in _NO_TLS:
        return "Does this port speak https? If not, dokploy_url begins with http://."
    return "Does this port speak https?"


# --- proxies ---
# What a proxy of the environment says when it lets nothing through.


HINT = "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY."
ASKS = "the proxy of the environment asks for credentials (HTTP 407)"
ASKS_HINT = "Write them into its variable, as http://user:password@proxy:3128, or name the host in NO_PROXY."

# http.client knows nothing but an OSError for it.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def tunnel_status(error: object) -> Optional[int]:
    """The status with which a proxy refused to make a tunnel, if that is what the error says."""
    found = _TUNNEL.match(str(error)) if isinstance(error, OSError) else None
    return int(found.group(1)) if found else None


def tunnel_refused(error: object) -> Optional[Tuple[str, str]]:
    """The same in words, and what to do. Nothing was sent to the server then."""
    status = tunnel_status(error)
    if status is None:
        return None
    if status == 407:
        return ASKS, ASKS_HINT
    return "the proxy of the environment makes no connection to it (HTTP %d)" % status, HINT


# --- bounds ---
# What keeps an answer within bounds: the time that all of it may take, and how large it may be.
#
# The timeout of requests is one of each receiving: a server that sends a byte now and then holds a task for ever. And
# an answer without an end would fill the memory.


try:
    from requests.adapters import HTTPAdapter
except ImportError:
    # Reported by the hosts, see _http/session.py.
    HTTPAdapter = object  # type: ignore[assignment,misc]

# A hundred applications in one batch, with more than a megabyte of text each.
LARGEST = 128 * 1024 * 1024
_BLOCK = 64 * 1024


class _Timed(io.RawIOBase):
    """The bytes of one answer, until the time is over that the socket gives to one receiving."""

    def __init__(self, raw: Any, connection: Any) -> None:
        self._raw, self._connection = raw, connection
        seconds = connection.gettimeout()
        self._until = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def allow(self, seconds: float) -> None:
        """Give what follows so much time from now on."""
        self._until = time.monotonic() + seconds

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose head and body together have the time of the socket, counted from here: the request is out."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_Timed(self.fp.detach(), sock))


class Adapter(HTTPAdapter):
    """The adapter of requests, with connections that read such answers, by way of a proxy as well."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _bound(super().proxy_manager_for(*args, **kwargs))


_pools: Dict[Any, Any] = {}


def _bound(manager: Any) -> Any:
    """Make a pool manager use our responses, whatever its pools are (those of SOCKS are others)."""
    manager.pool_classes_by_scheme = {
        scheme: _pool_class(pool_class) for scheme, pool_class in manager.pool_classes_by_scheme.items()
    }
    return manager


def _pool_class(given: Any) -> Any:
    if given in _pools.values():
        return given
    if given not in _pools:
        connection = type("Bound" + given.ConnectionCls.__name__, (given.ConnectionCls,), {"response_class": _Response})
        _pools[given] = type("Bound" + given.__name__, (given,), {"ConnectionCls": connection})
    return _pools[given]


class TooLarge(Exception):
    """The answer goes on and on."""


def read_body(response: Any) -> bytes:
    """All of an answer's body.

    :param response: of requests, as a stream.
    :raises TooLarge: it is more than C(LARGEST), and what is left is not read.
    """
    # Before urllib3 2 an answer that breaks off would pass for one that is shorter.
    response.raw.enforce_content_length = True
    blocks, size = [], 0
    for block in response.iter_content(_BLOCK):
        size += len(block)
        if size > LARGEST:
            raise TooLarge
        blocks.append(block)
    return b"".join(blocks)

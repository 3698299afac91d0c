# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A connection: its options, checked and in their normal form, the sessions of requests, and one request."""

from __future__ import annotations

import ipaddress
import math
import os
import re
import traceback
import warnings
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Callable, Mapping, Optional, Tuple, Union
from urllib.parse import urlsplit

from .._errors import ConfigurationError

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

AUTH_SCHEMES = ("auto", "api_key", "bearer")
CONNECT_TIMEOUT = 10.0
# What requests and urllib3 raise when there is no complete response.
FAILURES = (OSError, HTTPError, ValueError)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(r"(?=.{1,253}\Z)%s(?:\.%s)*\.?\Z" % (_LABEL, _LABEL), re.IGNORECASE)


@dataclass(frozen=True)
class ClientConfig:
    """The connection options, as the user wrote them.

    :param url: C(dokploy_url), with or without C(/api).
    :param signs_in: the client has no key; it signs in with a password.
    :param request_timeout: seconds to wait for a response; a connection gets at most 10 of them.
    :param max_retries: attempts after a failed first one.
    :param rate_limit_timeout: seconds in total to wait for a key whose rate limit is used up, 0 to fail at once.
        With C(None) the client waits only for a key that was accepted before.
    """

    url: str
    api_key: str = field(repr=False)
    auth_scheme: str = "auto"
    validate_certs: bool = True
    ca_path: Optional[str] = None
    request_timeout: float = 30.0
    max_retries: int = 5
    rate_limit_timeout: Optional[float] = None
    user_agent: str = "community.dokploy"
    signs_in: bool = False

    @property
    def verify(self) -> Union[bool, str]:
        """C(verify) of requests. With C(True) the variable C(REQUESTS_CA_BUNDLE) decides."""
        if not self.validate_certs or not self.ca_path:
            return self.validate_certs
        return os.path.expanduser(os.path.expandvars(self.ca_path))


def check_config(config: ClientConfig) -> None:
    """:raises ConfigurationError: an option cannot work; the message names it."""
    if not config.signs_in:
        api_key(config.api_key)
    if config.auth_scheme not in AUTH_SCHEMES:
        raise ConfigurationError("auth_scheme must be one of %s" % ", ".join(AUTH_SCHEMES))
    for option, value, least in (
        ("request_timeout", config.request_timeout, 0.001),
        ("max_retries", config.max_retries, 0),
        ("rate_limit_timeout", config.rate_limit_timeout or 0, 0),
    ):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < least:
            raise ConfigurationError("%s must be a number of at least %s" % (option, least))
    if isinstance(config.verify, str) and not os.path.exists(config.verify):
        raise ConfigurationError("ca_path does not exist: %s" % config.ca_path)


def api_key(value: str) -> str:
    """The key as it is sent, without surrounding spaces, which the server ignores too.

    :raises ConfigurationError: it is empty or cannot be a header; the message never shows it.
    """
    key = value.strip(" ") if isinstance(value, str) else ""
    if not key:
        raise ConfigurationError("dokploy_api_key is empty", hint="Create a key in Dokploy under Settings, Profile.")
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", key):
        raise ConfigurationError(
            "dokploy_api_key contains a line break or another control character",
            hint="A key that is read from a file often ends in a line break: remove it.",
        )
    if max(key) > "\xff":
        raise ConfigurationError("dokploy_api_key contains characters that an HTTP header cannot carry")
    return key


def normalise_url(url: str) -> str:
    """C(scheme://host[:port][/prefix]/api) for any usual way to write the address.

    :raises ConfigurationError: names C(dokploy_url); never repeats an address that contains credentials.
    """

    def refuse(why: str) -> ConfigurationError:
        return ConfigurationError("dokploy_url %s" % why, hint="An example is https://dokploy.example.com.")

    text = url.strip() if isinstance(url, str) else ""
    if not text:
        raise refuse("is empty")
    if re.search(r"[\s\\\x00-\x1f\x7f-\x9f]", text):
        raise refuse("contains a blank, a line break or a backslash")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise refuse("is not a valid address (host or port)") from None
    path = [segment for segment in parts.path.split("/") if segment]
    for refused, why in (
        ("://" not in text or parts.scheme not in ("http", "https"), "must begin with http:// or https://"),
        ("@" in parts.netloc, "must not contain credentials: the key goes into dokploy_api_key"),
        ("?" in text or "#" in text, "must not contain a query or a fragment"),
        (":" in host and "%" in host, "must not contain a zone (%...), which the library requests does not support"),
        (not _valid_host(host), "has no valid host"),
        (port == 0, "is not a valid address (host or port)"),
        ("." in path or ".." in path, "must not contain . or .. in its path"),
    ):
        if refused:
            raise refuse(why)
    if path and path[-1] == "api":
        path.pop()
    netloc = "[%s]" % host if ":" in host else host
    if port is not None:
        netloc = "%s:%d" % (netloc, port)
    return "/".join(["%s://%s" % (parts.scheme, netloc), *path, "api"])


def _valid_host(host: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(host) if ":" in host else _HOST.match(host.encode("idna").decode("ascii")))
    except ValueError:
        return False


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

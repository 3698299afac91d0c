# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The connection options: what they are, what cannot work, and the one form of the address."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from dataclasses import dataclass
from typing import Optional
from urllib.parse import urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._errors import ConfigurationError

AUTH_SCHEMES = ("auto", "api_key", "bearer")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(r"(?=.{1,253}\Z)%s(?:\.%s)*\.?\Z" % (_LABEL, _LABEL), re.IGNORECASE)
# Dokploy makes keys of 64 characters; node takes headers of 16 KiB in all, and the key goes in twice.
LONGEST_KEY = 4096
_EXAMPLE = "https://dokploy.example.com"


@dataclass(frozen=True)
class ClientConfig:
    """The connection options, as the user wrote them.

    :param url: C(dokploy_url), with or without C(/api).
    :param request_timeout: seconds for the answer; a connection gets at most 10 of them.
    :param max_retries: attempts after a failed first one.
    :param rate_limit_timeout: seconds to wait for a spent key in all, 0 to fail at once; C(None) leaves it to the
        client, which then waits only for a key that was accepted before.
    """

    url: str
    api_key: str
    auth_scheme: str = "auto"
    validate_certs: bool = True
    ca_path: Optional[str] = None
    request_timeout: float = 30.0
    max_retries: int = 5
    rate_limit_timeout: Optional[float] = None
    user_agent: str = "community.dokploy"

    def __repr__(self) -> str:
        return "ClientConfig(url=%r)" % (self.url,)  # dataclass would print the key


def check(config: ClientConfig) -> None:
    """Refuse what cannot work, with the name of the option.

    :raises ConfigurationError: before any request was made.
    """
    api_key(config.api_key)
    if config.auth_scheme not in AUTH_SCHEMES:
        raise ConfigurationError("auth_scheme must be one of %s" % ", ".join(AUTH_SCHEMES))
    for option, value, least in (
        ("request_timeout", config.request_timeout, 0.001),
        ("max_retries", config.max_retries, 0),
        ("rate_limit_timeout", 0 if config.rate_limit_timeout is None else config.rate_limit_timeout, 0),
    ):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < least:
            raise ConfigurationError("%s must be a number of at least %s" % (option, least))
    if config.validate_certs and config.ca_path and not os.path.exists(os.path.expanduser(config.ca_path)):
        raise ConfigurationError("ca_path does not exist: %s" % config.ca_path)


def api_key(value: str) -> str:
    """The key as it goes into the header; blanks around it do not count (the server trims them too).

    :raises ConfigurationError: it is empty or cannot be a header; the message never shows it.
    """
    key = value.strip(" ") if isinstance(value, str) else ""
    if not key:
        raise ConfigurationError("dokploy_api_key is empty", hint="Create a key in Dokploy under Settings, Profile.")
    if len(key) > LONGEST_KEY:
        raise ConfigurationError("dokploy_api_key has %d characters, and no key is that long" % len(key))
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", key):
        raise ConfigurationError(
            "dokploy_api_key contains a line break or another control character",
            hint="A key read from a file often ends in a line break: remove it.",
        )
    try:
        key.encode("latin-1")
    except UnicodeEncodeError:
        raise ConfigurationError("dokploy_api_key contains characters that an HTTP header cannot carry") from None
    return key


def normalise_url(url: str) -> str:
    """C(scheme://host[:port][/prefix]/api) for any usual way to write the address.

    :raises ConfigurationError: names C(dokploy_url); never repeats an address that holds credentials.
    """

    def refuse(why: str) -> ConfigurationError:
        return ConfigurationError("dokploy_url %s" % why, hint="It looks like %s." % _EXAMPLE)

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
    if "://" not in text or parts.scheme.lower() not in ("http", "https"):
        raise refuse("must begin with http:// or https://")
    if "@" in parts.netloc:
        raise refuse("must not contain credentials: the key goes into dokploy_api_key")
    if "?" in text or "#" in text:
        raise refuse("must not contain a query or a fragment")
    if ":" in host and "%" in host:
        raise refuse("must not contain a zone (%...), which the library requests cannot use: take another address")
    if not host or not (_HOST.match(host) or _ipv6(host) or _international(host)):
        raise refuse("has no valid host")
    if port == 0:
        raise refuse("is not a valid address (host or port)")
    path = [segment for segment in parts.path.split("/") if segment]
    if "." in path or ".." in path:
        raise refuse("must not contain . or .. in its path")
    if path and path[-1] == "api":
        path.pop()
    netloc = "[%s]" % host if ":" in host else host
    if port is not None:
        netloc = "%s:%d" % (netloc, port)
    return "/".join(["%s://%s" % (parts.scheme.lower(), netloc)] + path + ["api"])


def _ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _international(host: str) -> bool:
    try:
        return bool(_HOST.match(host.encode("idna").decode("ascii")))
    except UnicodeError:
        return False

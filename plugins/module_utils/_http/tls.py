# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which certificates are trusted, and what to do about a connection that TLS does not let through."""

from __future__ import annotations

import os
import ssl
from typing import Any, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig

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

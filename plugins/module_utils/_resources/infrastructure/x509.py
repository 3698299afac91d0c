# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Certificates and private keys in PEM: whether they are ones, belong together, and how long they are valid.

The standard library has no public reader of certificates, so the two dates are taken from the DER (RFC 5280, 4.1). That
a key belongs to a certificate is what OpenSSL says, which reads both from files only.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import os
import re
import ssl
import tempfile
from typing import Any, List, Optional, Tuple

from ..._values.codec import Codec
from .der import FIRST_OF_CONTEXT, GENERAL_TIME, SEQUENCE, UTC_TIME, content, element, elements, normal_pem

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n(.*?)-----END \1-----", re.DOTALL)
_FORMATS = {UTC_TIME: "%y%m%d%H%M%SZ", GENERAL_TIME: "%Y%m%d%H%M%SZ"}
Validity = Tuple[datetime.datetime, datetime.datetime]


def _blocks(text: Any, ending: str) -> List[Tuple[str, bytes]]:
    """The labels and the contents of the blocks whose label ends so.

    :raises ValueError: a block has no base64.
    """
    blocks = [(label, body) for label, body in _BLOCK.findall(normal_pem(text)) if label.endswith(ending)]
    try:
        return [(label, base64.b64decode("".join(body.split()), validate=True)) for label, body in blocks]
    except binascii.Error:
        raise ValueError("the text of a block is not base64") from None


def check_certificate(text: Any) -> None:
    """:raises ValueError: there is no certificate in PEM, or one of them cannot be read."""
    blocks = _blocks(text, "CERTIFICATE")
    if not blocks:
        raise ValueError("it is not a certificate in PEM (BEGIN CERTIFICATE)")
    try:
        for _label, data in blocks:
            _validity(data)
    except (IndexError, ValueError):
        raise ValueError("the text of a block is not that of a certificate") from None


def check_private_key(text: Any) -> None:
    """:raises ValueError: there is no private key in PEM, or one with a passphrase. The message does not quote it."""
    if "ENCRYPTED" in str(text):
        raise ValueError("it is protected by a passphrase, which Traefik cannot give")
    if len(_blocks(text, "PRIVATE KEY")) != 1:
        raise ValueError("it is not one private key in PEM (BEGIN PRIVATE KEY)")


def check_pair(certificate: str, private_key: str) -> None:
    """:raises ValueError: the key does not belong to the first certificate, or OpenSSL cannot read it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Traefik serves what OpenSSL takes for too weak.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("certificate", "key")]
        for name, text in zip(names, (certificate, private_key)):
            with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        try:
            # Without a password, OpenSSL would ask for one at the terminal.
            context.load_cert_chain(names[0], names[1], password="")
        except ssl.SSLError as error:
            if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
                raise ValueError("private_key is not the key of the first certificate in certificate") from None
            if not _is_readable(names[0]):
                raise ValueError("certificate: the text of a block is not that of a certificate") from None
            raise ValueError("private_key: its text is not that of a private key") from None


def _is_readable(path: str) -> bool:
    """Whether OpenSSL can read the certificates in a file."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return False
    return True


def validity(certificate: Any) -> Optional[Validity]:
    """From when until when the first certificate is valid; C(None) if it cannot be read."""
    try:
        return _validity(_blocks(certificate, "CERTIFICATE")[0][1])
    except (IndexError, ValueError):
        return None


def _validity(data: bytes) -> Validity:
    """:raises IndexError, ValueError: it is no certificate."""
    whole, _end = content(data, 0, SEQUENCE)
    fields, _end = content(whole, 0, SEQUENCE)
    at = element(fields, 0)[2] if fields[0] == FIRST_OF_CONTEXT else 0
    for _unused in ("serial number", "signature", "issuer"):
        at = element(fields, at)[2]
    dates, _end = content(fields, at, SEQUENCE)
    begin, end = (_moment(tag, text) for tag, text in elements(dates))
    return begin, end


def _moment(tag: int, text: bytes) -> datetime.datetime:
    if tag not in _FORMATS:
        raise ValueError(tag)
    moment = datetime.datetime.strptime(text.decode("ascii"), _FORMATS[tag])
    return moment.replace(tzinfo=datetime.timezone.utc)


def fingerprint(certificate: Any) -> Optional[str]:
    """The SHA-256 of the first certificate, as C(openssl x509 -fingerprint) writes it; C(None) if there is none."""
    try:
        digest = hashlib.sha256(_blocks(certificate, "CERTIFICATE")[0][1]).digest()
    except (IndexError, ValueError):
        return None
    return digest.hex(":").upper()


def _same(wanted: Any, current: Any) -> bool:
    """Whether two texts have the same blocks: what stands between them does not count."""
    try:
        return _blocks(wanted or "", "") == _blocks(current or "", "")
    except ValueError:
        return False


PEM = Codec(type="str", to_api=normal_pem, same=_same)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Private keys of SSH in the two formats that Dokploy takes, and the public keys that follow from them.

OpenSSH's own format (PROTOCOL.key of OpenSSH) has the public key in clear, PKCS#1 (RFC 8017, A.1.2) the numbers of it.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import Any, List, Tuple

from ..._values.codec import Codec
from .der import INTEGER, SEQUENCE, content, normal_pem

#: What Dokploy accepts (read in the source of 0.30.2).
_FORMATS = re.compile(r"-----BEGIN (OPENSSH|RSA) PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END \1 PRIVATE KEY-----\n\Z")
_MAGIC = b"openssh-key-v1\0"
_TYPES = (b"ssh-ed25519", b"ssh-rsa")


def check_key(text: Any) -> None:
    """:raises ValueError: it is no private key that Dokploy can use. The message does not quote it."""
    public_key(normal_pem(text))


def public_key(private_key: str) -> str:
    """The public key of a private key, as in C(authorized_keys), without a comment.

    :raises ValueError: it is no private key that Dokploy can use. The message does not quote it.
    """
    match = _FORMATS.match(private_key)
    if match is None:
        raise ValueError(
            "it is not a private key in OpenSSH's format (BEGIN OPENSSH PRIVATE KEY), or an RSA key in PEM without a "
            "passphrase (BEGIN RSA PRIVATE KEY)"
        )
    try:
        data = base64.b64decode(match.group(2).replace("\n", ""), validate=True)
        blob = _of_openssh(data) if match.group(1) == "OPENSSH" else _of_pkcs1(data)
        kind, _at = _string(blob, 0)
    except (binascii.Error, struct.error, IndexError):
        raise ValueError("its text between the first and the last line is not that of a private key") from None
    if kind not in _TYPES:
        raise ValueError("it is a key of the type %s; Dokploy takes ssh-ed25519 and ssh-rsa" % kind.decode("latin-1"))
    return "%s %s" % (kind.decode("ascii"), base64.b64encode(blob).decode("ascii"))


def _string(data: bytes, at: int) -> Tuple[bytes, int]:
    """A string of SSH, and where the next one begins."""
    (size,) = struct.unpack_from(">I", data, at)
    end = at + 4 + size
    if end > len(data):
        raise IndexError(end)
    return data[at + 4 : end], end


def _of_openssh(data: bytes) -> bytes:
    if not data.startswith(_MAGIC):
        raise IndexError(0)
    cipher, at = _string(data, len(_MAGIC))
    if cipher != b"none":
        raise ValueError("it is protected by a passphrase, which Dokploy cannot give")
    for _unused in ("key derivation", "its options"):
        _text, at = _string(data, at)
    blob, _at = _string(data, at + 4)
    return blob


def _of_pkcs1(data: bytes) -> bytes:
    """The public key that the modulus and the exponent of an RSA key make."""
    whole, _end = content(data, 0, SEQUENCE)
    numbers: List[bytes] = []
    at = 0
    for _unused in ("version", "modulus", "exponent"):
        number, at = content(whole, at, INTEGER)
        numbers.append(number)
    return b"".join(struct.pack(">I", len(part)) + part for part in (b"ssh-rsa", numbers[2], numbers[1]))


PRIVATE_KEY = Codec(
    type="str", to_api=normal_pem, same=lambda wanted, current: normal_pem(wanted) == normal_pem(current or "")
)

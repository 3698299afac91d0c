# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys in the forms of SSH. No server takes them: only their public part means something."""

from __future__ import annotations

import base64
import struct

from tests.support.strategies.resource_params import SECRET_MARK


def _strings(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def _pem(name: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join([f"-----BEGIN {name} PRIVATE KEY-----", *lines, f"-----END {name} PRIVATE KEY-----", ""])


def openssh_key(seed: str, kind: str = "ssh-ed25519", cipher: str = "none", secret: str = SECRET_MARK * 3) -> str:
    """A key in OpenSSH's format, whose text holds ``secret``."""
    public = _strings(kind.encode(), seed.encode().ljust(32)[:32])
    head = b"openssh-key-v1\0" + _strings(cipher.encode(), b"none", b"") + struct.pack(">I", 1) + _strings(public)
    # A secret begins where a group of base64 does.
    head += struct.pack(">I", 64) + b"\0" * (-(len(head) + 4) % 3)
    return _pem("OPENSSH", head + base64.b64decode(secret) + seed.encode())


def public_part(seed: str, kind: str = "ssh-ed25519") -> str:
    blob = _strings(kind.encode(), seed.encode().ljust(32)[:32])
    return f"{kind} {base64.b64encode(blob).decode()}"


def rsa_key(modulus: int, exponent: int = 65537) -> str:
    """The beginning of an RSA key, as far as its public part goes."""

    def integer(number: int) -> bytes:
        content = number.to_bytes(number.bit_length() // 8 + 1, "big")
        return b"\x02" + _length(content) + content

    body = integer(0) + integer(modulus) + integer(exponent)
    return _pem("RSA", b"\x30" + _length(body) + body)


def _length(content: bytes) -> bytes:
    size = len(content)
    return bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")


SSH_KEYS = (openssh_key("one"), openssh_key("two", "ssh-rsa"), openssh_key("three").replace("\n", "\r\n"))

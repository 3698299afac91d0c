# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fingerprint of a Redis: that of its dump, and how many keys this has. Pure."""

from __future__ import annotations

import re
from typing import Optional, Sequence

from .fingerprints import Bounds, FileSums, KeyCounts

_READ, _EXPIRE = re.compile(r"\D*(\d+) keys read\Z"), re.compile(r"\D*(\d+) expires\Z")


def dump_command(path: str) -> str:
    """The command that writes how many keys a dump has, which is a part of Redis; it may be missing in an image."""
    return "redis-check-rdb %s || echo fingerprint of the dump alone\n" % path


def key_counts(lines: Sequence[str], dump: Optional[FileSums]) -> Optional[KeyCounts]:
    """What is known of a dump; C(None) if nothing is.

    :param lines: the output of the command. :param dump: the file.
    """
    if dump is None:
        return None
    read = [int(match[1]) for match in map(_READ.match, lines) if match]
    expire = [int(match[1]) for match in map(_EXPIRE.match, lines) if match]
    keys: Bounds = [0, None]
    if len(read) == len(expire) == 1:
        # Those with a time to live may be gone when it is restored.
        keys = [max(0, read[0] - expire[0]), read[0]]
    return KeyCounts(keys, dump.files, dump.bytes, dump.sha256)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fingerprint of a Redis: that of its dump, and how many keys this has. Pure.

A Redis may be started with another file than the one that came back. So its keys are counted, too.
"""

from __future__ import annotations

import re
from typing import Optional, Sequence

from .fingerprints import Bounds, FileSums, KeyCounts

# The client ends well where the server is loading its file, and says so.
_COUNT = """\
keys=$(redis-cli -h "$DB_HOST" -p "$DB_PORT" info keyspace)
echo "$keys"
echo "$keys" | grep -q Keyspace
"""
_KEYS = re.compile(r"db\d+:keys=(\d+),")
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


def count_keys_script() -> str:
    """The script that counts the keys of a Redis that runs, with the variables of its client."""
    return _COUNT


def found_keys(lines: Sequence[str]) -> Optional[int]:
    """The keys in all databases; C(None) if the output is not whole. :param lines: the output of the script."""
    if not any("Keyspace" in line for line in lines):
        return None
    return sum(int(match[1]) for match in map(_KEYS.match, lines) if match)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Units of users and of Docker: sizes and bytes, CPUs and nano-CPUs, durations and nanoseconds.

Dokploy passes values to Docker without a check: it accepts the memory limit C(512m), reads it as 512 bytes, and the
next deployment fails (measured on 0.30.2). So values are converted and checked here, with C(ValueError) as the error.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ansible.module_utils.common.text.formatters import human_to_bytes

from ..._values.codec import Codec
from ..._values.schema import SCALAR

# Docker's own smallest limits: "Must be at least 4MiB", "Must be at least 0.001", "cannot be less than 1ms".
SMALLEST_MEMORY = 4 * 1024 * 1024
SMALLEST_CPUS = 10**6
SMALLEST_PROBE = 10**6
# The largest integer that JavaScript stores exactly.
LARGEST = 2**53 - 1

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtpe]?)(i?b)?\Z", re.IGNORECASE)
_NANOSECONDS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)")


def size_in_bytes(value: Any) -> int:
    """The number of bytes of C(512M). Units are powers of 1024.

    :raises ValueError: it is no size, or too large.
    """
    match = _SIZE.match(str(value).strip())
    if match is None:
        raise ValueError("%r is not a size; write for example 512M or 1.5G" % str(value))
    try:
        size = human_to_bytes("%s%s" % (match.group(1), match.group(2).upper() or "B"))
    except OverflowError:
        raise ValueError("%r is too large" % str(value)) from None
    if size > LARGEST:
        raise ValueError("%r is too large" % str(value))
    return int(size)


def memory_to_bytes(value: Any) -> Any:
    """The number of bytes of C(512M), as text: C("536870912"); C(0) means no limit. Units are powers of 1024."""
    size = size_in_bytes(value)
    if size == 0:
        return None
    if size < SMALLEST_MEMORY:
        raise ValueError("%r is less than the 4M that Docker accepts; a number without a unit is bytes" % str(value))
    return str(size)


def bytes_in_words(value: Any) -> Any:
    """A number of bytes in the largest unit that is exact; any other value unchanged."""
    if not re.match(r"\d+\Z", str(value or "")):
        return value or ""
    size, units = int(value), ["", "K", "M", "G", "T"]
    while size and size % 1024 == 0 and len(units) > 1:
        size //= 1024
        del units[0]
    return "%d%s" % (size, units[0])


def cpus_to_nano(value: Any) -> Any:
    """The number of nano-CPUs of C(1.5), as text: C("1500000000"); C(0) means no limit."""
    text = str(value).strip()
    if not re.match(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]-?[0-9]{1,3})?\Z", text):
        raise ValueError("%r is not a number of CPUs; write for example 0.5 or 2" % text)
    nano = Decimal(text) * 10**9
    if nano == 0:
        return None
    if nano < SMALLEST_CPUS:
        raise ValueError("%r is less than the 0.001 CPUs that Docker accepts" % text)
    if nano != int(nano) or nano > LARGEST:
        raise ValueError("%r is not a number of CPUs that Docker can store" % text)
    return str(int(nano))


def nano_in_words(value: Any) -> Any:
    """Nano-CPUs as a number of CPUs; any other value unchanged."""
    if not re.match(r"\d+\Z", str(value or "")):
        return value or ""
    return format(Decimal(int(value)).scaleb(-9).normalize(), "f")


def _same_amount(wanted: Any, current: Any) -> bool:
    return str(wanted or "0") == str(current or "0")


def to_nanoseconds(value: Any) -> int:
    """The nanoseconds of C(1m30s), a duration in the notation of Go and Docker; C(0) needs no unit."""
    text = str(value).strip().replace("µs", "us")
    if re.match(r"0+\Z", text):
        return 0
    if not re.match(r"(?:%s)+\Z" % _DURATION.pattern, text):
        raise ValueError("%r is not a duration; write for example 30s, 1m30s or 500ms" % str(value))
    total = sum(Decimal(number) * _NANOSECONDS[unit] for number, unit in _DURATION.findall(text))
    if total != int(total) or total > LARGEST:
        raise ValueError("%r is not a duration that Docker can store" % str(value))
    return int(total)


def _probe(value: Any) -> int:
    nanoseconds = to_nanoseconds(value)
    if 0 < nanoseconds < SMALLEST_PROBE:
        raise ValueError("%r is less than the 1ms that Docker accepts" % str(value))
    return nanoseconds


def nanoseconds_in_words(value: Any) -> Any:
    """Nanoseconds in the notation of Go: C(1m30s), C(500ms)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != int(value):
        return "" if value is None else value
    left, text = int(value), ""
    for unit in ("h", "m", "s", "ms", "us", "ns"):
        count, left = divmod(left, _NANOSECONDS[unit])
        text += "%d%s" % (count, unit) if count else ""
    return text or "0s"


MEMORY = Codec(type="str", to_api=memory_to_bytes, same=_same_amount, shown=bytes_in_words, empty=None)
CPUS = Codec(type="str", to_api=cpus_to_nano, same=_same_amount, shown=nano_in_words, empty=None)
DURATION = Codec(type="str", stored=SCALAR, to_api=to_nanoseconds, shown=nanoseconds_in_words, empty=None)
# The times of a health check.
PROBE_TIME = Codec(type="str", stored=SCALAR, to_api=_probe, shown=nanoseconds_in_words, empty=None)

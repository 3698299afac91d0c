# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A number of bytes for a person to read, in powers of 1024 as the limits of proxies are."""

from __future__ import annotations


def size_in_words(size: int) -> str:
    """C(1 byte), C(1023 bytes), C(1.0 KiB), C(12.3 MiB); rounded, so not for comparing."""
    if size < 1024:
        return "1 byte" if size == 1 else "%d bytes" % size
    amount, unit = size / 1024.0, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        # What would be rounded up to 1024.0.
        if amount < 1023.95:
            break
        amount, unit = amount / 1024.0, larger
    return "%.1f %s" % (amount, unit)

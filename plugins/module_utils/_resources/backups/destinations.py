# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which destination of a server has the bucket of an archive. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, List, Mapping, Optional

from .archives_file import Bucket


@dataclass(frozen=True)
class Destination:
    """:param id: its ID, or the promise of it."""

    bucket: Bucket
    id: str


def bucket_of(values: Mapping[str, Any]) -> Bucket:
    """:param values: the row of a destination, or its options."""
    return Bucket(*(str(values.get(key) or "") for key in ("name", "endpoint", "bucket")))


def destination_for(wanted: Bucket, known: Iterable[Destination]) -> Optional[Destination]:
    """That of the same storage, best of the same name; else that of the name whose bucket has the same name."""
    named = [destination for destination in known if destination.bucket.bucket == wanted.bucket]
    endpoint = _plain(wanted.endpoint)
    same = [destination for destination in named if _plain(destination.bucket.endpoint) == endpoint]
    by_name = [destination for destination in named if destination.bucket.name == wanted.name]
    best: List[Destination] = [*(destination for destination in same if destination in by_name), *same, *by_name]
    return best[0] if best else None


def _plain(endpoint: str) -> str:
    """An endpoint as it is compared."""
    return endpoint.rpartition("//")[2].rstrip("/").lower()

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of what an export has to know of a record beside its options."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

#: Keys and positions, from an entry of a document on.
Place = Tuple[Any, ...]


@dataclass
class Described:
    """What an entry of a document states.

    :ivar options: in the order of the description.
    :ivar secrets: the places of the secrets in it, each with the words that name its variable.
    :ivar left: the options that cannot be stated, each with the reason.
    :ivar variables: the places of environment text, as a mapping or as text.
    :ivar comments: the comments of that text, each with its place: that of a variable, or with an empty key behind all.
    """

    options: Dict[str, Any] = field(default_factory=dict)
    secrets: List[Tuple[Place, str]] = field(default_factory=list)
    left: List[Tuple[str, str]] = field(default_factory=list)
    variables: List[Place] = field(default_factory=list)
    comments: List[Tuple[Place, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Exportable:
    """How a record is exported, where its options do not say it.

    :param complete: adds to what its options have as C(Described), and takes out what is Dokploy's own; with the
        client, and the rows of all records that are exported.
    :param address: the fact that is its host name for others. Its texts are recognised in those of other entries.
    :param urls: the facts that are URLs of it, with its login; the first one has the address in it.
    :param logins: the facts that are passwords before the address in a URL, the most usual one first.
    :param volumes: what follows the address in the names of its volumes, and whether such a name ends there.
    """

    complete: Callable[[Described, Any, Sequence[Mapping[str, Any]]], None] = lambda described, client, rows: None
    address: str = ""
    urls: Tuple[str, ...] = ()
    logins: Tuple[str, ...] = ()
    volumes: Tuple[str, bool] = ("", False)

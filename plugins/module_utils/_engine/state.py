# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource as it was observed, of which plans are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, FrozenSet, Mapping, Optional, Tuple

from .._model.resource import Resource
from .desired import Desired
from .diff import Row
from .lookup import Target
from .plan import SELF


@dataclass(frozen=True)
class Node:
    """One resource that a run is about.

    :param params: the parameters of its module.
    :param key: what stands for it among the others: its row is kept under this name for C(FromResponse).
    :param takes: the keys of the nodes of which the parameters take facts.
    """

    resource: Resource
    params: Mapping[str, Any]
    key: str = SELF
    takes: FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class State:
    """One resource: what is desired of it, and what there is.

    :param names: the names of the IDs that were met.
    :param row: its current row, with the children that are stated; C(None) if it does not exist.
    :param whole: whether the row is needed; otherwise only its children are read.
    :param child_id: the ID of the only child that is stated, instead of its natural key.
    :param key: that of its node.
    :param sent_before: whether this run had written anything before.
    """

    resource: Resource
    target: Target
    desired: Desired
    names: Mapping[str, str]
    row: Optional[Row] = None
    whole: bool = True
    child_id: Optional[str] = None
    key: str = SELF
    sent_before: bool = False

    @property
    def children(self) -> Tuple[str, ...]:
        """The options of the children that are stated."""
        return tuple(self.desired.children)

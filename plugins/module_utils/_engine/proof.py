# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what a run has written has the effect that the API cannot show, looked at once at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List

from .._model.resource import Resource
from .diff import Diff, Row
from .execute import Executor


@dataclass(frozen=True)
class Written:
    """A record of which a run has written children.

    :param row: the record with its children, as the server shows it afterwards.
    """

    resource: Resource
    label: str
    diff: Diff
    row: Row


def prove(executor: Executor) -> bool:
    """Look whether what was written since the last time has its effect; whether something was written again.

    :raises DokployError: it has none, and cannot get it.
    """
    written: List[Written] = list(executor.written)
    executor.written.clear()
    again = False
    for proof in dict.fromkeys(record.resource.proof for record in written):
        if proof is not None:
            again = proof([record for record in written if record.resource.proof is proof], executor) or again
    return again

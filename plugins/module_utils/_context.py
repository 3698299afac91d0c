# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a run of an operation has at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._client import Client
from ansible_collections.community.dokploy.plugins.module_utils._execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._wait import Waiter


@dataclass
class Context:
    """The parameters of one run, and the parts that talk to the server."""

    params: Mapping[str, Any]
    client: Client
    reads: Reads
    executor: Executor
    waiter: Waiter


def attempts(attempt: Callable[[], Optional[Dict[str, Any]]], context: Context) -> Dict[str, Any]:
    """The result of an attempt that nobody has overtaken; before each new one all that was read is forgotten.

    Whoever is overtaken was so by somebody who got on, so this ends.
    """
    while True:
        result = attempt()
        if result is not None:
            return result
        context.reads.forget()

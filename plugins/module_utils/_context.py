# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a run of an operation has at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

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

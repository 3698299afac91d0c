# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployments that are planned before their services are configured, with rows or by a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List, Mapping, Optional, Sequence

from .._engine.diff import Diff
from .._engine.runner import Context
from .._model.states import Transition
from .._swarm.tasks import Service


@dataclass(frozen=True)
class Configured:
    """A service as it will be configured.

    :param key: that of its node. :param row: what there is of it before; C(None): nothing.
    :param diff: what the configuration changes. :param params: those of its deployment.
    """

    key: str
    service: Service
    row: Optional[Mapping[str, Any]]
    diff: Diff
    params: Mapping[str, Any]


@dataclass(frozen=True)
class DeploymentKind:
    """How services are deployed, and how that is recorded.

    :param transition: what is configured runs.
    :param reasons: why each needs a deployment once it is configured, in few requests; C(None): it does not.
    :param why_not_adoptable: why what runs is not the result of the last deployment; empty if it may be.
    :param queued: the server builds one after the other.
    """

    transition: Transition
    reasons: Callable[[Sequence[Configured], Context], List[Optional[str]]]
    why_not_adoptable: Callable[[Service], str]
    queued: bool

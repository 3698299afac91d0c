# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of the states that a resource is brought into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional


@dataclass(frozen=True)
class Transition:
    """How a resource is brought into a state.

    :param observe: reads what there is, from each C(Node) and the context: one observation each, in few requests.
    :param plan: the C(ChangePlan) of an observation, from the context of its node: no write, but the reads of checks.
    :param polls: what has to end before C(finish), as a generator of polls with their seconds, from the plan, its
        C(Outcome) and the context of the node. Those of several nodes are polled in one request. What it returns is
        C(Outcome.ended).
    :param finish: the result, from the plan of the first attempt, that of this one, its C(Outcome) and the context. It
        reads back, and goes on with a further plan where what is left to do is only known then.
    :param refuse: options, before anything is read, from the resource and the parameters.
    :param configures: others can refer to what it makes; otherwise it acts on what exists.
    """

    observe: Callable[..., List[Any]]
    plan: Callable[..., Any]
    finish: Callable[..., Dict[str, Any]]
    refuse: Optional[Callable[..., None]] = None
    configures: bool = True
    polls: Optional[Callable[..., Any]] = None


@dataclass(frozen=True)
class States:
    """The states of a resource besides C(present) and C(absent), or another one of these.

    :param transitions: how it is brought into each.
    :param options: the options that these states read, or the checks of the resource, and that no record has.
    :param begins_as: of these options, the one from which the server makes a new record; what is not stated stays then.
    """

    transitions: Mapping[str, Transition] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    begins_as: str = ""

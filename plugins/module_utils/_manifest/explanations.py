# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why a service is deployed that no change of the document explains: what runs otherwise, and whose options that is."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._api.client import Client
from .._deployment.fingerprint import CHANGED, NO_RECORD, PATCHES_CHANGED, SOURCE_CHANGED
from .._engine.unstated import Unstated
from .._errors import DokployError, PermissionDenied
from .._resources.databases.deployment import OTHER_VERSION
from .._swarm.comparison import Comparison, Mismatch, compare_many
from .._swarm.tasks import Service
from .._values import dotenv
from .entries import Entry

# The reasons that do not say what differs. The others say all: that nothing was deployed, or that it failed.
UNEXPLAINED = (CHANGED, SOURCE_CHANGED, PATCHES_CHANGED, NO_RECORD, OTHER_VERSION)
OUTSIDE = "set outside of the document"


@dataclass(frozen=True)
class Unexplained:
    """A service that is to be deployed. :param reason: one of C(UNEXPLAINED)."""

    entry: Entry
    service: Service
    reason: str

    @property
    def source(self) -> str:
        """The option of its source."""
        return str(self.service.row.get("sourceType") or "")


@dataclass(frozen=True)
class Explanation:
    """What runs otherwise than it is configured, as far as that is known.

    :param stated: in options that the entry states. :param outside: in others.
    """

    stated: Tuple[str, ...] = ()
    outside: Tuple[str, ...] = ()

    def added_to(self, reason: str) -> str:
        """C(configuration changed: command, mounts (set outside of the document))."""
        parts = [", ".join(self.stated)] if self.stated else []
        parts += ["%s (%s)" % (", ".join(self.outside), OUTSIDE)] if self.outside else []
        return "%s: %s" % (reason, "; ".join(parts)) if parts else reason


def explanations(unexplained: Sequence[Unexplained], client: Client) -> List[Explanation]:
    """What explains each deployment, after a look at what runs of all of them."""
    return [
        explanation(deployment, comparison)
        for deployment, comparison in zip(unexplained, _comparisons(unexplained, client))
    ]


def _comparisons(unexplained: Sequence[Unexplained], client: Client) -> List[Optional[Comparison]]:
    """What runs of each; C(None) where it is not known, or where the reason says it."""
    looked_at = [number for number, deployment in enumerate(unexplained) if deployment.reason != PATCHES_CHANGED]
    compared: Dict[int, Any] = {}
    # A key that may not read Docker still sees what was deployed last.
    with contextlib.suppress(PermissionDenied):
        compared.update(zip(looked_at, compare_many([unexplained[number].service for number in looked_at], client)))
    comparisons = [compared.get(number) for number in range(len(unexplained))]
    return [None if isinstance(comparison, DokployError) else comparison for comparison in comparisons]


def explanation(deployment: Unexplained, comparison: Optional[Comparison]) -> Explanation:
    """What explains a deployment. Pure."""
    mismatches = [_narrowed(mismatch, deployment) for mismatch in (comparison.mismatches if comparison else ())]
    mismatches = [mismatch for mismatch in mismatches if not _is_ignored(mismatch, deployment.entry)]
    # What is built leaves no trace of its source in Docker, and only the fingerprint knows patches.
    if deployment.reason == PATCHES_CHANGED:
        mismatches = [Mismatch("patches", ("patches",))]
    elif deployment.reason == SOURCE_CHANGED and not any(_of_source(mismatch, deployment) for mismatch in mismatches):
        mismatches.append(Mismatch(deployment.source, (deployment.source,)))
    stated = [mismatch.text for mismatch in mismatches if _is_stated(mismatch, deployment.entry)]
    outside = [mismatch.text for mismatch in mismatches if mismatch.text not in stated]
    return Explanation(tuple(stated), tuple(outside))


def _of_source(mismatch: Mismatch, deployment: Unexplained) -> bool:
    return any(option.partition(".")[0] == deployment.source for option in mismatch.options)


def _narrowed(mismatch: Mismatch, deployment: Unexplained) -> Mismatch:
    """The mismatch with the options that can explain it, since the fingerprint tells whether the source has changed."""
    others = tuple(option for option in mismatch.options if option != deployment.source)
    if deployment.reason == CHANGED and others:
        return Mismatch(mismatch.text, others, mismatch.variables)
    return mismatch


def _is_ignored(mismatch: Mismatch, entry: Entry) -> bool:
    """Whether what explains it is left to others, and the entry states nothing else that does."""
    ignored = Unstated(ignored=frozenset(entry.params.get("ignore") or ()))
    if mismatch.variables and all(ignored.ignores("env", name) for name in mismatch.variables):
        return True
    others = [option for option in mismatch.options if not ignored.ignores(*option.split("."))]
    return len(others) < len(mismatch.options) and not any(_states(entry, option, mismatch) for option in others)


def _is_stated(mismatch: Mismatch, entry: Entry) -> bool:
    """Whether the entry states an option that explains it; what is no option of its module cannot be set elsewhere."""
    known = entry.section.module_options
    options = [option for option in mismatch.options if option.partition(".")[0] in known]
    return not options or any(_states(entry, option, mismatch) for option in options)


def _states(entry: Entry, option: str, mismatch: Mismatch) -> bool:
    value: Any = entry.params
    for name in option.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return False
    # Variables that are merged with those of the server may be set elsewhere.
    if option == "env" and entry.params.get("env_mode") == "merge":
        variables = value if isinstance(value, dict) else dotenv.parse(str(value))
        return bool(mismatch.variables.intersection(map(str, variables)))
    return True

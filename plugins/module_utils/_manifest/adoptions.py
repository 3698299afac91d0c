# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services of a document cannot be adopted, found before anything is written."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .._api.client import Client
from .._errors import DokployError, Refused, enumerated
from .._resources.actions.deployment import deployment_kind
from .._swarm.comparison import Comparison, compare_many
from .._swarm.tasks import Service
from .entries import Entry

_REFUSED = "%s %s cannot be adopted, since %s; %sdeploy what is configured with deploy: changed"
_DIFFERENT = "what runs is not what is configured: %s"


def refusals(adoptions: Sequence[Tuple[Entry, Service]], client: Client) -> Dict[str, Refused]:
    """Why entries cannot be adopted, by their keys, after a look at what runs of all the others."""
    problems = [deployment_kind(service.resource).why_not_adoptable(service) for _entry, service in adoptions]
    looked_at = [number for number, problem in enumerate(problems) if not problem]
    compared = compare_many([adoptions[number][1] for number in looked_at], client, thorough=True) if looked_at else ()
    comparisons = dict(zip(looked_at, compared))
    refusals_by_key = (
        (entry.key, adoption_refusal(entry, service, problem, comparisons.get(number)))
        for number, ((entry, service), problem) in enumerate(zip(adoptions, problems))
    )
    return {key: refused for key, refused in refusals_by_key if refused is not None}


def adoption_refusal(
    entry: Entry, service: Service, problem: str, comparison: Union[Comparison, DokployError, None]
) -> Optional[Refused]:
    """Why an entry cannot be adopted; C(None) if it can. Pure.

    :param problem: what its record says, without which its containers were looked at.
    """
    different: List[str] = []
    if isinstance(comparison, DokployError):
        problem = comparison.message.replace("%s: " % service.label, "", 1)
    elif comparison is not None:
        different = comparison.different
        problem = _DIFFERENT % enumerated(different) if different else ""
    if not problem:
        return None
    details: Mapping[str, List[str]] = {"different": different} if different else {}
    stating = "state what runs, or " if different else ""
    return Refused(_REFUSED % (entry.section.kind, entry.path, problem, stating), details=dict(details))

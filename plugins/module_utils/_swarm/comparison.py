# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs of services beside what is configured, of one or of many in the same few requests."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Generator, List, Optional, Sequence, Tuple, Union

from .._api.client import Call, Client
from .._engine.wait import asked_together
from .._errors import DokployError, PermissionDenied, Refused, enumerated
from .tasks import Service

#: What compares one service: it yields the queries of a round, gets their answers, and returns the comparison.
Looks = Generator[Sequence[Call], Sequence[Any], "Comparison"]


@dataclass(frozen=True)
class Mismatch:
    """What runs otherwise than it is configured, without values.

    :param text: how messages name it: C(command), C(env (A, B)), C(web (image)).
    :param options: those of which a change explains it. :param variables: the names in a mapping that differ.
    """

    text: str
    options: Tuple[str, ...]
    variables: FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """What runs beside what is configured, in names of options and without values.

    :param mismatches: what differs. :param compared: the options that are as configured.
    :param unknown: those that cannot be seen in what runs.
    """

    mismatches: Tuple[Mismatch, ...]
    compared: Tuple[str, ...]
    unknown: Tuple[str, ...]

    @property
    def different(self) -> List[str]:
        return [mismatch.text for mismatch in self.mismatches]

    def facts(self) -> Dict[str, Any]:
        return {"compared": sorted(self.compared), "not_compared": sorted(self.unknown)}


def compare_many(
    services: Sequence[Service], client: Client, thorough: bool = False
) -> List[Union[Comparison, DokployError]]:
    """What runs of each service, or why that is not known; the queries of all of them share the batches.

    :param thorough: whether everything that Docker shows is looked at, for which one service needs up to four rounds.
        Otherwise it needs one, and a second one where Dokploy builds what runs.
    """
    looks = [
        None if service.resource.deployable.compare is None else service.resource.deployable.compare(service, thorough)
        for service in services
    ]
    return [
        Refused("%s: what runs of it cannot be compared" % service.label) if comparison is None else comparison
        for service, comparison in zip(services, inspected_together(looks, client))
    ]


def proven_equal(services: Sequence[Service], client: Client) -> List[Optional[Comparison]]:
    """What runs of each service, where all of it was seen and is as it is configured; C(None) otherwise.

    What is built leaves no trace of its source in Docker, so that it is never proven.
    """
    comparisons: List[Union[Comparison, DokployError]] = []
    # A key that may not read Docker proves nothing.
    with contextlib.suppress(PermissionDenied):
        comparisons = compare_many(services, client, thorough=True) if services else []
    proven = dict(enumerate(map(_proof, comparisons)))
    return [proven.get(number) for number in range(len(services))]


def _proof(comparison: Union[Comparison, DokployError]) -> Optional[Comparison]:
    if isinstance(comparison, DokployError) or comparison.mismatches or comparison.unknown:
        return None
    return comparison


def inspected_together(
    looks: Sequence[Optional[Generator[Sequence[Call], Sequence[Any], Any]]], client: Client
) -> List[Any]:
    """What each look returns, or its error; C(None) for none. The queries of all of them share the requests."""
    results: Dict[int, Any] = dict.fromkeys(range(len(looks)))
    wanted = {number: look for number, look in enumerate(looks) if look is not None}
    asked: Dict[int, Sequence[Call]] = {}

    def go_on(number: int, answers: Any) -> None:
        try:
            asked[number] = wanted[number].send(answers)
        except StopIteration as end:
            results[number] = end.value
        except DokployError as error:
            results[number] = error

    for number in wanted:
        go_on(number, None)
    while asked:
        calls, asked = dict(asked), {}
        for number, answers in zip(calls, asked_together(client, list(calls.values()))):
            go_on(number, answers)
    return list(results.values())


def compared(service: Service, client: Client) -> Comparison:
    """What runs of a service, which is as it is configured.

    :raises Refused: nothing runs, or it differs; C(different) in the details has the options.
    """
    (comparison,) = compare_many([service], client, thorough=True)
    if isinstance(comparison, DokployError):
        raise comparison
    if comparison.mismatches:
        raise Refused(
            "%s: what runs is not what is configured: %s" % (service.label, enumerated(comparison.different)),
            hint="Nothing was recorded. State what runs, or deploy what is configured with trigger=changed.",
            details={"different": comparison.different},
        )
    return comparison


def nothing_runs(service: Service) -> Refused:
    hint = "Deploy it with trigger=changed."
    return Refused("%s: nothing of it runs that could be adopted" % service.label, hint=hint)

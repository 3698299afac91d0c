# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The answers to queries, kept and given again: an export is proven against what it was made from."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, cast

from .._api.client import Call, Client
from .._engine.execute import Executor
from .._engine.runner import Context
from .._engine.wait import Waiter
from .._errors import DokployError, NotFoundError, PermissionDenied, UnknownProcedure
from .._reads.reads import Reads

# What is the same when it is asked again.
_FINAL = (NotFoundError, PermissionDenied, UnknownProcedure)


class Memory:
    """A client that makes each query once. It writes nothing.

    :param client: makes the queries.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: Dict[str, Any] = {}

    def query(self, procedure: str, input: Optional[Mapping[str, Any]] = None, **how: Any) -> Any:
        """The value of a query.

        :raises DokployError: there is none.
        """
        key = _key(Call(procedure, input or {}))
        if key not in self._answers:
            self._answers[key] = self._client.query(procedure, input, **how)
        if isinstance(self._answers[key], DokployError):
            raise self._answers[key]
        return self._answers[key]

    def call_many(self, calls: Sequence[Call]) -> List[Any]:
        """The results of several queries in order: each its value, or its error."""
        new = {_key(call): call for call in calls if _key(call) not in self._answers}
        results = dict(zip(new, self._client.call_many(list(new.values())) if new else ()))
        for key, result in results.items():
            # By REST, the same query may have an answer.
            if not isinstance(result, DokployError) or isinstance(result, _FINAL):
                self._answers[key] = result
        return [results[key] if key in results else self._answers[key] for key in map(_key, calls)]

    def assume(self, call: Call, answer: Any) -> None:
        """Give this answer to a query, which is not made."""
        self._answers[_key(call)] = answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def context(self, context: Context, params: Mapping[str, Any]) -> Context:
        """The context of an operation in check mode that reads from these answers."""
        client = cast("Client", self)
        reads = Reads(client)
        reads.resources = context.reads.resources
        return Context(params, client, reads, Executor(client, reads, Waiter(), check_mode=True), context.waiter)


def _key(call: Call) -> str:
    # None counts as absent.
    given = {name: value for name, value in call.input.items() if value is not None}
    return "%s %s" % (call.procedure, json.dumps(given, sort_keys=True))

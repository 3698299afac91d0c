# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The answers to queries, kept and given again: an export is proven against what it was made from."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, cast

from .._api.client import Call, Client
from .._engine.execute import Executor
from .._engine.reads import Reads
from .._engine.runner import Context
from .._engine.wait import Waiter
from .._errors import DokployError


class Memory:
    """A client that makes each query once. It writes nothing.

    :param client: makes the queries.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: Dict[str, Any] = {}

    def query(self, procedure: str, input: Optional[Mapping[str, Any]] = None, **how: Any) -> Any:
        """The value of a query.

        :raises DokployError: the error with which it was answered.
        """
        key = _key(Call(procedure, input or {}))
        if key not in self._answers:
            try:
                self._answers[key] = self._client.query(procedure, input, **how)
            except DokployError as error:
                self._answers[key] = error
        answer = self._answers[key]
        if isinstance(answer, DokployError):
            raise answer
        return answer

    def call_many(self, calls: Sequence[Call]) -> List[Any]:
        """The results of several queries in order: each its value, or its error."""
        new = list({_key(call): call for call in calls if _key(call) not in self._answers}.values())
        for call, answer in zip(new, self._client.call_many(new) if new else ()):
            self._answers[_key(call)] = answer
        return [self._answers[_key(call)] for call in calls]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def context(self, context: Context, params: Mapping[str, Any]) -> Context:
        """The context of an operation in check mode that reads from these answers."""
        client = cast("Client", self)
        reads = Reads(client)
        reads.resources = context.reads.resources
        return Context(params, client, reads, Executor(client, reads, Waiter(), check_mode=True), context.waiter)


def _key(call: Call) -> str:
    return "%s %s" % (call.procedure, json.dumps(call.input, sort_keys=True))

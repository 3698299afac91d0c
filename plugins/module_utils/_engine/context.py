# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a run of an operation has at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, TypeVar

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, Refused

_T = TypeVar("_T")


@dataclass
class Context:
    """The parameters of one run, and the parts that talk to the server."""

    params: Mapping[str, Any]
    client: Client
    reads: Reads
    executor: Executor
    waiter: Waiter
    _found: Optional[Any] = field(default=None, init=False)

    def first(self, found: _T) -> _T:
        """What an attempt has found to do, or what the first attempt that wrote had found: the later ones see only what
        it has left. To be called before anything is written, and once an attempt."""
        if self._found is None or not self.executor.sent:
            self._found = found
        result: _T = self._found
        return result

    def warn(self, warnings: Iterable[str]) -> None:
        """Warn, but only once where a task takes several attempts."""
        for warning in warnings:
            if warning not in self.executor.warnings:
                self.executor.warnings.append(warning)


def settled(perform: Callable[[], _T], context: Context) -> _T:
    """The result of an operation, which is performed again after a write whose effect is unknown.

    The executor says after which failures, and how often.
    """
    while True:
        try:
            return perform()
        except DokployError as error:
            if error.pause is None:
                raise
            context.waiter.progress("%s. Looking at it again in %s s" % (error.message, round(error.pause, 1)))
            context.waiter.sleep(error.pause)
            context.reads.forget()


# Attempts of one task; so many others in a row that each write what this one has just read are no others.
MOST_ATTEMPTS = 50


def attempts(attempt: Callable[[], Optional[Dict[str, Any]]], context: Context, words: str) -> Dict[str, Any]:
    """The result of an attempt that nobody has overtaken; before each new one all that was read is forgotten.

    Whoever is overtaken was so by somebody who got on, so this ends.

    :param words: what is written, for the message.
    :raises Refused: it does not end.
    """
    for _again in range(MOST_ATTEMPTS):
        result = attempt()
        if result is not None:
            return result
        context.reads.forget()
    raise Refused(
        "%s: it was read %d times, and each time somebody else wrote it before this task could"
        % (words, MOST_ATTEMPTS),
        hint="Other tasks change it without a pause. Run this one when they are done.",
    )

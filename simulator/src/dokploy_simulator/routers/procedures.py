# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a router registers what carries out its procedures, and what that works with.

A handler is ``handler(context, input) -> value`` or a coroutine of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from ..api.validate import MISSING
from ..jobs.instance import Instance
from ..store.identities import Identity
from ..store.store import Store

UNDEFINED = MISSING
"""Return value of a procedure that returns nothing: an empty body over REST, superjson's marker over tRPC."""


@dataclass(slots=True)
class Context:
    instance: Instance
    identity: Identity

    @property
    def store(self) -> Store:
        return self.instance.store

    def has(self, behaviour: str) -> bool:
        """Whether the release that is played behaves in this newer way (``releases.BEHAVIOURS``)."""
        return self.instance.config.has(behaviour)

    def drop(self, procedure: str, values: dict[str, Any]) -> dict[str, Any]:
        """``values`` without the fields that a test wants lost (``drop_fields``)."""
        lost = self.instance.config.drop_fields.get(procedure) or self.instance.config.drop_fields.get("*")
        return {name: value for name, value in values.items() if name not in lost} if lost else values


@dataclass(slots=True)
class WithDates:
    """A value whose named fields are JavaScript Dates: superjson says so in ``meta``, REST does not."""

    value: dict[str, Any]
    dates: tuple[str, ...]


Handler = Callable[[Context, dict[str, Any]], Any]
HANDLERS: dict[str, Handler] = {}
PUBLIC = {
    *("settings.health", "settings.isCloud", "sso.showSignInWithSSO", "sso.enforceSSO", "whitelabeling.getPublic"),
    *("user.session", "user.getUserByToken", "notification.receiveNotification"),
}
Subscription = Callable[[Context, dict[str, Any]], AsyncIterator[str]]
SUBSCRIPTIONS: dict[str, Subscription] = {}


class NeverEnds(Exception):
    """A subscription whose stream the server leaves open."""


def procedure(*names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name] = handler
        return handler

    return register


def subscription(name: str) -> Callable[[Subscription], Subscription]:
    def register(lines: Subscription) -> Subscription:
        SUBSCRIPTIONS[name] = lines
        return lines

    return register

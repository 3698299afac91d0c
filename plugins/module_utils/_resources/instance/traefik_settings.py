# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Traefik of the server: the environment and ports of its container, and its files.

Measured on Dokploy 0.30.2, or read in its source: a change of the environment or of the ports is answered at once, and
the container is made again in the background. A second one meanwhile is lost without a word, so each is waited for.
Ports that Traefik publishes already are refused as those of a service of the host, so they are closed before. The
search for a port that is taken finds ports of containers, and on the host those of TCP, if Docker has busybox or can
pull it. Of one that it does not find, Docker says so when it starts the new container, which Dokploy only logs: the
container stays behind, without a port, and Traefik stands still. A write while there is no container is refused (C(The
argument 'file' cannot be empty)), so the one before it is waited for until the new container runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, Sequence, Set

from ..._engine.concurrency import in_flight
from ..._engine.diff import Change
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Step, Write
from ..._errors import DokployError, ServerError, WaitTimeout
from ..._model.field import Field, Group
from ..._values import dotenv
from ..._values.codec import BOOLEAN, INTEGER, OBJECTS
from ..._values.env import ENV
from ..service_children.server_limits import LIMITS
from .traefik_content import MAIN_FILE, MIDDLEWARES_FILE, with_those_of_dokploy

# Seconds in which Docker makes a container again; it took 5 s (measured).
_RECREATED = 120.0
_OF_THE_IMAGE = "PATH"
_CONTAINER = "dokploy-traefik"


def _own(text: Any) -> Dict[str, str]:
    """The variables without that of the image, which a container has beside those that it was given."""
    return {name: value for name, value in dotenv.parse(text).items() if name != _OF_THE_IMAGE}


def _same_environment(wanted: Any, current: Any) -> bool:
    stored = dotenv.parse(current) if _OF_THE_IMAGE in dotenv.parse(wanted) else _own(current)
    return dotenv.parse(wanted) == stored


# Docker shows the variables of the container, and no text that somebody wrote.
ENVIRONMENT = replace(ENV, same=_same_environment, shown=_own, merge=None, edited=None)


_PORT_RANGE = (1, 65535)
_PARTS = (
    Field("target_port", "targetPort", INTEGER, limits=_PORT_RANGE, needed=True),
    Field("published_port", "publishedPort", INTEGER, limits=_PORT_RANGE, needed=True),
    Field("protocol", "protocol", choices=("tcp", "udp", "sctp"), default="tcp"),
)
TRAEFIK = Group(
    "traefik",
    (
        Field(
            "environment",
            "traefikEnvironment",
            ENVIRONMENT,
            secret=True,
            query="settings.readTraefikEnv",
            procedure="settings.writeTraefikEnv",
            sent_as="env",
        ),
        Field(
            "ports",
            "traefikPorts",
            replace(OBJECTS, empty=[]),
            parts=_PARTS,
            query="settings.getTraefikPorts",
            procedure="settings.updateTraefikPorts",
            sent_as="additionalPorts",
        ),
        Field(
            "dashboard",
            "traefikDashboard",
            BOOLEAN,
            query="settings.haveTraefikDashboardPortEnabled",
            procedure="settings.toggleDashboard",
            sent_as="enableDashboard",
        ),
        Field(
            "config",
            "traefikConfig",
            MAIN_FILE,
            secret=True,
            query="settings.readTraefikConfig",
            procedure="settings.updateTraefikConfig",
        ),
        Field(
            "middlewares",
            "traefikMiddlewares",
            MIDDLEWARES_FILE,
            secret=True,
            query="settings.readMiddlewareTraefikConfig",
            procedure="settings.updateMiddlewareTraefikConfig",
            sent_as="traefikConfig",
        ),
        Field(
            "access_log",
            "traefikAccessLog",
            BOOLEAN,
            query="settings.haveActivateRequests",
            procedure="settings.toggleRequests",
            sent_as="enable",
        ),
    ),
)
# Of the container, whose changes are made in the background.
_OF_THE_CONTAINER = ("traefikEnvironment", "traefikPorts", "traefikDashboard")


def traefik_changes(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes, of which those of Traefik's container are waited for, and one of its middlewares keeps Dokploy's."""
    for change in changes:
        if change.field.api in _OF_THE_CONTAINER:
            closed = _published(change.before) & _published(change.after)
            yield replace(change, step=Recreate(change.field, change.after, change.before, bool(closed)))
        elif change.field.api == "traefikMiddlewares":
            yield replace(change, step=WriteMiddlewares(change.field, change.after))
        else:
            yield change


def _published(ports: Any) -> Set[Any]:
    return {port["publishedPort"] for port in ports} if isinstance(ports, list) else set()


@dataclass(frozen=True)
class WriteMiddlewares(Step):
    """Write the file of all middlewares, which has those of applications as they are at this moment."""

    field: Field
    text: str

    def run(self, executor: Executor, outcome: Outcome) -> None:
        with in_flight(executor.client.base_url, LIMITS[self.field.procedure]):
            text = with_those_of_dokploy(self.text, executor.client.query(self.field.query))
            Write(self.field.procedure, {self.field.sent_as: text}).run(executor, outcome)


@dataclass(frozen=True)
class Recreate(Step):
    """Have the container made again, and wait until it has the value. One that does not get it gets that of before.

    :param closing: some of the ports are published already, so they are closed before.
    """

    field: Field
    value: Any
    before: Any
    closing: bool

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises DokployError: the container does not get it; the message says what it has."""
        sent = len(outcome.requests)
        try:
            if self.closing:
                self._make(executor, outcome, [])
            self._make(executor, outcome, self.value)
        except DokployError as error:
            # What was refused at once has changed nothing.
            if len(outcome.requests) > sent:
                error.message, error.hint = "%s %s" % (error, self._returned(executor, outcome)), None
            raise

    def _returned(self, executor: Executor, outcome: Outcome) -> str:
        """Give the container what it had before; returns what it has, in words."""
        try:
            if not self._has(executor, self.before):
                self._make(executor, outcome, self.before)
        except DokployError as error:
            return "Nor does it get back what it had before: %s" % error
        return "Traefik has what it had before."

    def _make(self, executor: Executor, outcome: Outcome, value: Any) -> None:
        Write(self.field.procedure, {self.field.sent_as: value}).run(executor, outcome)

        def expired() -> DokployError:
            return WaitTimeout(
                "traefik.%s: Traefik does not have it after %d s" % (self.field.name, _RECREATED),
                hint="The log of Dokploy says why, such as that a port is already in use.",
            )

        executor.waiter.until(_RECREATED, lambda _elapsed: self._has(executor, value) or None, expired)

    def _has(self, executor: Executor, value: Any) -> bool:
        try:
            same = self.field.same(value, self.field.known(executor.client.query(self.field.query)))
            return bool(same) and _runs(executor)
        except ServerError:
            # While there is no container.
            return False


def _runs(executor: Executor) -> bool:
    """Whether Traefik runs. A container that is being removed, or could not start, shows no port either."""
    answer = executor.client.query("docker.getConfig", {"containerId": _CONTAINER}) or {}
    # A service of the swarm has no state.
    state = answer.get("State", {"Running": True}) or {} if answer else {}
    return bool(state.get("Running"))

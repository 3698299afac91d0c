# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The settings of the server itself, which is one row, and those of Traefik, each with a query of its own.

Measured on Dokploy 0.30.2: C(settings.assignDomainServer) switches HTTPS off if it is not told, and writes the email
for Let's Encrypt into Traefik's main file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..._engine.apply import PRESENT, resource_operation
from ..._engine.diff import Change, Diff, Judgement, Row
from ..._engine.flow import ResourcePlan
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import State
from ..._errors import OptionError
from ..._model.exportable import Exportable
from ..._model.field import Field, Group, Listing
from ..._model.procedures import Reading, Updating
from ..._model.resource import ChangeCheck, Resource
from ..._model.states import States, Transition
from ..._values.codec import BOOLEAN, INTEGER, TEXT, is_empty
from ..._values.grammar import CRON
from ..access.accounts import EMAIL
from .maintenance import ACTIONS, MAINTENANCE, steps_of
from .traefik_export import complete
from .traefik_facts import EMPTY_MAIN_FILE
from .traefik_files import ANSWERS, plan_files, stated_files, stated_texts
from .traefik_files import OPTIONS as FILES
from .traefik_settings import TRAEFIK, traefik_changes

_HOST = (
    r"(?=.{1,253}\Z)[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*\Z",
    "is not a host name, such as dokploy.example.com, without a scheme and a path",
)
# Words that exclude each other, since one is in the other.
_EXCLUSIVE = (("ports", "dashboard"), ("config", "access_log"))


def _without_domain(row: Row) -> Optional[str]:
    return None if row.get("host") else "there is no domain.host"


def _checked(_state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """The diff with changes of Traefik's container that are waited for, and of its middlewares beside Dokploy's.

    :raises OptionError: two options that exclude each other are stated, or Traefik's main file would be empty.
    """
    traefik = params["traefik"] or {}
    for first, second in _EXCLUSIVE:
        if traefik.get(first) is not None and traefik.get(second) is not None:
            raise OptionError("traefik.%s and traefik.%s are mutually exclusive" % (first, second))
    if traefik.get("config") is not None and is_empty(traefik["config"]):
        raise OptionError("traefik.config %s" % EMPTY_MAIN_FILE)
    changes: Tuple[Change, ...] = tuple(traefik_changes(diff.changes))
    return Judgement(diff if changes == diff.changes else replace(diff, changes=changes))


def _refuse(_resource: Resource, params: Mapping[str, Any]) -> None:
    stated_texts(params)


def _plan(state: State, context: Context) -> ResourcePlan:
    """C(present), with the files, and then what is to be done."""
    planned = plan_files(stated_files(context), PRESENT.plan(state, context))
    effects = [ACTIONS[name].effect for name in _actions(context.params)]
    steps = steps_of(_actions(context.params), context.params["wait_timeout"])
    return planned.also(steps, {}, {"actions": effects} if effects else {})


def _finish(first: ResourcePlan, planned: ResourcePlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    actions = [{"action": name, "effect": ACTIONS[name].effect} for name in _actions(context.params)]
    return {**PRESENT.finish(first, planned, outcome, context), "actions": actions}


def _actions(params: Mapping[str, Any]) -> List[str]:
    """Those that are asked for, in their order."""
    return [name for name in ACTIONS if name in params["actions"]]


SETTINGS = Resource(
    name="settings",
    scope="singleton",
    listing=Listing("settings", ("settings.getWebServerSettings",), "id", many="settings"),
    options=(
        Group(
            "domain",
            (
                Field("host", "host", pattern=_HOST),
                Field("https", "https", BOOLEAN, no_effect=_without_domain),
                Field("certificate_type", "certificateType", choices=("none", "letsencrypt", "custom")),
                Field(
                    "letsencrypt_email",
                    "letsEncryptEmail",
                    pattern=EMAIL,
                    needed=("certificate_type", "letsencrypt"),
                ),
            ),
        ),
        Field(
            "server_ip",
            "serverIp",
            procedure="settings.updateServerIp",
            by_server=True,
            unexported=lambda address: "It is the address of this host. Another host has its own." if address else None,
        ),
        Field(
            "log_cleanup",
            "logCleanupCron",
            replace(CRON, shown=TEXT.shown),
            procedure="settings.updateLogCleanup",
            sent_as="cronExpression",
        ),
        Field("docker_cleanup", "enableDockerCleanup", BOOLEAN, procedure="settings.updateDockerCleanup"),
        Field(
            "builds_concurrency",
            "buildsConcurrency",
            INTEGER,
            limits=(1, 100),
            since=(0, 29, 9),
            procedure="settings.updateBuildsConcurrency",
        ),
        TRAEFIK,
    ),
    reading=Reading("settings.getWebServerSettings", in_listing=True),
    updating=Updating(
        "settings.assignDomainServer",
        always_sent={"host": "", "https": False, "certificateType": "none", "letsEncryptEmail": None},
    ),
    answers=ANSWERS,
    since=(0, 26, 3),
    states=States(
        {"present": Transition(PRESENT.observe, _plan, _finish, _refuse)},
        options={**MAINTENANCE, "traefik": {"type": "dict", "options": {"files": FILES}}},
    ),
    checks=(ChangeCheck(_checked),),
    exportable=Exportable(complete=complete),
)

OPERATION = resource_operation(SETTINGS)

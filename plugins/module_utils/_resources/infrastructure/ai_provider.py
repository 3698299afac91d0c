# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""AI providers: services that explain logs and suggest stacks.

An update creates the record if it does not exist, and needs every key. The answers show the keys in clear
(dokploy-infrastructure.md, sections 1.1 and 3.5).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Tuple

from ..._engine.apply import resource_operation
from ..._engine.diff import Diff, Row
from ..._engine.info import info_operation
from ..._engine.plan import ConnectionTest, Write
from ..._engine.requirements import need
from ..._engine.runner import Context
from ..._engine.view import predicted
from ..._model.field import Field, Listing
from ..._model.resource import Resource
from ..._values.codec import BOOLEAN
from .provider_config import URL

# Three attempts, each with a completion of a model.
_TEST_TIMEOUT = 120.0
_TESTED = ("apiUrl", "apiKey", "model")


def _tested(resource: Resource, _children: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context) -> Diff:
    """The diff with a test, if the parameters ask for it, whether the model answers.

    :raises Refused: the server cannot test it.
    """
    if context.params["test_connection"]:
        need(context.client.version(), "test_connection", (0, 29, 0))
        after = predicted(resource, resource.create_defaults if row is None else row, diff)
        context.client.add_secret(str(after.get("apiKey") or ""))
        body = {key: after[key] for key in _TESTED}
        test = ConnectionTest(
            Write("ai.testConnection", body, writes=False, timeout=_TEST_TIMEOUT),
            "test_connection: the model %r does not answer" % after["model"],
            hint="Check url, api_key and model. Nothing was written.",
        )
        return replace(diff, tests=(test,))
    return diff


AI_PROVIDER = Resource(
    name="ai_provider",
    scope="instance",
    listing=Listing("AI provider", ("ai.getAll",), "aiId"),
    options=(
        Field("name", "name", needed=True, limits=(1, 255)),
        Field("url", "apiUrl", needed=True, pattern=URL),
        Field("api_key", "apiKey", secret=True),
        Field("model", "model", needed=True, limits=(1, 255)),
        Field("enabled", "isEnabled", BOOLEAN),
    ),
    create="ai.create",
    create_takes=("name", "apiUrl", "apiKey", "model", "isEnabled"),
    create_defaults={"apiKey": "", "isEnabled": True},
    created=None,
    readable="in_listing",
    update="ai.update",
    always_sent={"name": None, "apiUrl": None, "apiKey": "", "model": None, "isEnabled": True},
    remove="ai.delete",
    acknowledged=("ai.delete", "ai.testConnection"),
    facts=(("created_at", "createdAt"),),
    checks=(_tested,),
    options_of_states={"test_connection": {"type": "bool", "default": False}},
)
OPERATION = resource_operation(AI_PROVIDER)
INFO_OPERATION = info_operation(AI_PROVIDER)

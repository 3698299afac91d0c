# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""AI providers: services that explain logs and suggest stacks.

An update creates the record if it does not exist, and needs every key. The answers show the keys in clear
(dokploy-infrastructure.md, sections 1.1 and 3.5).
"""

from __future__ import annotations

from typing import Any, Mapping

from ..._engine.apply import resource_operation
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.plan import Write
from ..._engine.state import State
from ..._model.field import Field, Listing
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import ChangeCheck, Resource
from ..._model.states import States
from ..._reads.reads import Reads
from ..._reads.rows import need
from ..._values.codec import BOOLEAN
from .connection_tests import OPTION, ConnectionTest, tested
from .provider_config import URL

# Three attempts, each with a completion of a model.
_TEST_TIMEOUT = 120.0
_TESTED = ("apiUrl", "apiKey", "model")


def _version(state: State, _diff: Diff, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(version), if the model is tested. An answer to that may quote the stored key."""
    if not params["test_connection"]:
        return {}
    reads.client.add_secret(str((state.row or {}).get("apiKey") or ""))
    return {"version": reads.client.version()}


def _can_test(_state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: the server is too old to test it."""
    if params["test_connection"]:
        need(known["version"], "test_connection", (0, 29, 0))
    return Judgement(diff)


def _test(_state: State, after: Row) -> ConnectionTest:
    """Whether the model answers."""
    return ConnectionTest(
        Write("ai.testConnection", {key: after[key] for key in _TESTED}, writes=False, timeout=_TEST_TIMEOUT),
        "test_connection: the model %r does not answer" % after["model"],
        hint="Check url, api_key and model. Nothing was written.",
    )


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
    creation=Creation(
        "ai.create",
        takes=("name", "apiUrl", "apiKey", "model", "isEnabled"),
        defaults={"apiKey": "", "isEnabled": True},
        row_path=None,
    ),
    reading=Reading(in_listing=True, facts=(("created_at", "createdAt"),)),
    updating=Updating(
        "ai.update", always_sent={"name": None, "apiUrl": None, "apiKey": "", "model": None, "isEnabled": True}
    ),
    removal=Removal("ai.delete"),
    acknowledged=("ai.delete", "ai.testConnection"),
    checks=(ChangeCheck(_can_test, _version), tested(_test)),
    states=States(options=OPTION),
)
OPERATION = resource_operation(AI_PROVIDER)
INFO_OPERATION = info_operation(AI_PROVIDER)

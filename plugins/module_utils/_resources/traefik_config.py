# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Traefik configuration of an application: a file of the server, written as a whole."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import address_spec
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.traefik_configuration import configure

_ADDRESS: Spec = {**address_spec("application"), "application": {"type": "str"}}


def _configure(context: Context) -> Dict[str, Any]:
    return configure(APPLICATION, context)


OPERATION = Operation(
    name="dokploy_traefik_config",
    options={
        **_ADDRESS,
        # It may hold hashes of passwords.
        "content": {"type": "raw", "required": True, "no_log": True},
    },
    perform=_configure,
    resource=APPLICATION,
    rules={"required_one_of": [["application", "application_id"]]},
)

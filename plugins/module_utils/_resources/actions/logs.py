# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The logs of the containers of applications, Compose stacks and databases."""

from __future__ import annotations

from ..._engine.runner import action_operation
from ..._swarm.follow import read_logs
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from ..services.database import DATABASES

_SERVICES = (APPLICATION, COMPOSE, *DATABASES)
_NAMES = list(dict.fromkeys(option for one in _SERVICES for option in (one.name, one.id_option)))

INFO_OPERATION = action_operation(
    "dokploy_logs_info",
    _SERVICES,
    read_logs,
    {
        "service": {"type": "str"},
        "lines": {"type": "int", "default": 100},
        "since": {"type": "str"},
        "search": {"type": "str"},
        "follow": {"type": "bool", "default": False},
        "until": {"type": "str"},
        "wait_timeout": {"type": "float", "default": 60.0},
    },
    {"required_one_of": [_NAMES]},
)

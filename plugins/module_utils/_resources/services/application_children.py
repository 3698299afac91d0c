# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The modules of what only applications have: basic authentication, patches, ports, redirects."""

from __future__ import annotations

from ..._engine.apply_child import child_operation
from ..service_children.ports import PORTS
from ..service_children.routing import BASIC_AUTH, REDIRECTS
from .application import APPLICATION
from .source import PATCHES

BASIC_AUTH_OPERATION = child_operation((APPLICATION, BASIC_AUTH))
PATCH_OPERATION = child_operation((APPLICATION, PATCHES))
PORT_OPERATION = child_operation((APPLICATION, PORTS))
REDIRECT_OPERATION = child_operation((APPLICATION, REDIRECTS))

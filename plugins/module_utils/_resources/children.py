# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The modules of what services of several kinds have: domains, mounts, schedules, volume backups."""

from __future__ import annotations

from .._engine.apply_child import child_operation
from .._engine.runner import Operation
from .._model.resource import Resource
from .application import APPLICATION
from .compose import COMPOSE
from .database import DATABASES


def _operation(option: str, *parents: Resource) -> Operation:
    found = [(parent, child) for parent in parents for child in parent.children if child.option == option]
    return child_operation(*found)


DOMAIN_OPERATION = _operation("domains", APPLICATION, COMPOSE)
MOUNT_OPERATION = _operation("mounts", APPLICATION, COMPOSE, *DATABASES)
SCHEDULE_OPERATION = _operation("schedules", APPLICATION, COMPOSE)
VOLUME_BACKUP_OPERATION = _operation("volume_backups", APPLICATION, COMPOSE, *DATABASES)

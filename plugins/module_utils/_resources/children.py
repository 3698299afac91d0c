# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of an application's children, each for a module of its own."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import child_operation
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.basic_auth import BASIC_AUTH
from ansible_collections.community.dokploy.plugins.module_utils._resources.domain import DOMAINS
from ansible_collections.community.dokploy.plugins.module_utils._resources.mount import MOUNTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.patch import PATCHES
from ansible_collections.community.dokploy.plugins.module_utils._resources.port import PORTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.redirect import REDIRECTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.schedule import SCHEDULES
from ansible_collections.community.dokploy.plugins.module_utils._resources.volume_backup import VOLUME_BACKUPS

BASIC_AUTH_OPERATION = child_operation(APPLICATION, BASIC_AUTH)
DOMAIN_OPERATION = child_operation(APPLICATION, DOMAINS)
MOUNT_OPERATION = child_operation(APPLICATION, MOUNTS)
PATCH_OPERATION = child_operation(APPLICATION, PATCHES)
PORT_OPERATION = child_operation(APPLICATION, PORTS)
REDIRECT_OPERATION = child_operation(APPLICATION, REDIRECTS)
SCHEDULE_OPERATION = child_operation(APPLICATION, SCHEDULES)
VOLUME_BACKUP_OPERATION = child_operation(APPLICATION, VOLUME_BACKUPS)

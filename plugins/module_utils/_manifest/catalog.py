# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of the modules that manage a resource or a child, or list resources: written by C(make generate)."""

from __future__ import annotations

from typing import Tuple

from .._engine.runner import Operation
from .._resources.access.api_key import INFO_OPERATION as API_KEY_INFO
from .._resources.access.api_key import OPERATION as API_KEY
from .._resources.access.organization import INFO_OPERATION as ORGANIZATION_INFO
from .._resources.access.organization import OPERATION as ORGANIZATION
from .._resources.access.user import INFO_OPERATION as USER_INFO
from .._resources.access.user import OPERATION as USER
from .._resources.databases.database import INFO_OPERATION as DATABASE_INFO
from .._resources.databases.database import OPERATION as DATABASE
from .._resources.infrastructure.ai_provider import INFO_OPERATION as AI_PROVIDER_INFO
from .._resources.infrastructure.ai_provider import OPERATION as AI_PROVIDER
from .._resources.infrastructure.certificate import INFO_OPERATION as CERTIFICATE_INFO
from .._resources.infrastructure.certificate import OPERATION as CERTIFICATE
from .._resources.infrastructure.destination import INFO_OPERATION as DESTINATION_INFO
from .._resources.infrastructure.destination import OPERATION as DESTINATION
from .._resources.infrastructure.dns_provider import INFO_OPERATION as DNS_PROVIDER_INFO
from .._resources.infrastructure.dns_provider import OPERATION as DNS_PROVIDER
from .._resources.infrastructure.git_provider import INFO_OPERATION as GIT_PROVIDER_INFO
from .._resources.infrastructure.git_provider import OPERATION as GIT_PROVIDER
from .._resources.infrastructure.network import INFO_OPERATION as NETWORK_INFO
from .._resources.infrastructure.network import OPERATION as NETWORK
from .._resources.infrastructure.notification import INFO_OPERATION as NOTIFICATION_INFO
from .._resources.infrastructure.notification import OPERATION as NOTIFICATION
from .._resources.infrastructure.registry import INFO_OPERATION as REGISTRY_INFO
from .._resources.infrastructure.registry import OPERATION as REGISTRY
from .._resources.infrastructure.server import INFO_OPERATION as SERVER_INFO
from .._resources.infrastructure.server import OPERATION as SERVER
from .._resources.infrastructure.ssh_key import INFO_OPERATION as SSH_KEY_INFO
from .._resources.infrastructure.ssh_key import OPERATION as SSH_KEY
from .._resources.infrastructure.vault_provider import INFO_OPERATION as VAULT_PROVIDER_INFO
from .._resources.infrastructure.vault_provider import OPERATION as VAULT_PROVIDER
from .._resources.instance.settings import OPERATION as SETTINGS
from .._resources.projects.project import ENVIRONMENT_INFO_OPERATION as ENVIRONMENT_INFO
from .._resources.projects.project import ENVIRONMENT_OPERATION as ENVIRONMENT
from .._resources.projects.project import INFO_OPERATION as PROJECT_INFO
from .._resources.projects.project import OPERATION as PROJECT
from .._resources.projects.tag import INFO_OPERATION as TAG_INFO
from .._resources.projects.tag import OPERATION as TAG
from .._resources.service_children.backup import OPERATION as BACKUP
from .._resources.service_children.operations import DOMAIN_OPERATION as DOMAIN
from .._resources.service_children.operations import MOUNT_OPERATION as MOUNT
from .._resources.service_children.operations import SCHEDULE_OPERATION as SCHEDULE
from .._resources.service_children.operations import VOLUME_BACKUP_OPERATION as VOLUME_BACKUP
from .._resources.services.application import BASIC_AUTH_OPERATION as BASIC_AUTH
from .._resources.services.application import INFO_OPERATION as APPLICATION_INFO
from .._resources.services.application import OPERATION as APPLICATION
from .._resources.services.application import PATCH_OPERATION as PATCH
from .._resources.services.application import PORT_OPERATION as PORT
from .._resources.services.application import REDIRECT_OPERATION as REDIRECT
from .._resources.services.compose import INFO_OPERATION as COMPOSE_INFO
from .._resources.services.compose import OPERATION as COMPOSE

OPERATIONS: Tuple[Operation, ...] = (
    AI_PROVIDER,
    API_KEY,
    APPLICATION,
    CERTIFICATE,
    COMPOSE,
    DATABASE,
    DESTINATION,
    DNS_PROVIDER,
    ENVIRONMENT,
    GIT_PROVIDER,
    NETWORK,
    NOTIFICATION,
    ORGANIZATION,
    PROJECT,
    REGISTRY,
    SERVER,
    SETTINGS,
    SSH_KEY,
    TAG,
    USER,
    VAULT_PROVIDER,
)
CHILD_OPERATIONS: Tuple[Operation, ...] = (
    BACKUP,
    BASIC_AUTH,
    DOMAIN,
    MOUNT,
    PATCH,
    PORT,
    REDIRECT,
    SCHEDULE,
    VOLUME_BACKUP,
)
INFO_OPERATIONS: Tuple[Operation, ...] = (
    AI_PROVIDER_INFO,
    API_KEY_INFO,
    APPLICATION_INFO,
    CERTIFICATE_INFO,
    COMPOSE_INFO,
    DATABASE_INFO,
    DESTINATION_INFO,
    DNS_PROVIDER_INFO,
    ENVIRONMENT_INFO,
    GIT_PROVIDER_INFO,
    NETWORK_INFO,
    NOTIFICATION_INFO,
    ORGANIZATION_INFO,
    PROJECT_INFO,
    REGISTRY_INFO,
    SERVER_INFO,
    SSH_KEY_INFO,
    TAG_INFO,
    USER_INFO,
    VAULT_PROVIDER_INFO,
)

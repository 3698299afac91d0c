# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lists of C(dokploy_info), as the descriptions of the records say: written by C(make generate)."""

from __future__ import annotations

from typing import Mapping

from .subset import Subset

LISTED: Mapping[str, Subset] = {
    "ai_providers": Subset(
        "ai.getAll",
        {
            "ai_provider_id": "aiId",
            "name": "name",
            "url": "apiUrl",
            "model": "model",
            "enabled": "isEnabled",
            "created_at": "createdAt",
        },
    ),
    "api_keys": Subset(
        "user.getBackups",
        {
            "api_key_id": "id",
            "name": "name",
            "prefix": "prefix",
            "remaining": "remaining",
            "refill_amount": "refillAmount",
            "enabled": "enabled",
            "expires_at": "expiresAt",
            "created_at": "createdAt",
        },
        rows="apiKeys",
    ),
    "certificates": Subset(
        "certificates.all",
        {
            "certificate_id": "certificateId",
            "name": "name",
            "server": "serverId",
            "path": "certificatePath",
        },
        named={
            "server": "servers",
        },
    ),
    "destinations": Subset(
        "destination.all",
        {
            "destination_id": "destinationId",
            "name": "name",
            "provider": "provider",
            "bucket": "bucket",
            "region": "region",
            "endpoint": "endpoint",
            "created_at": "createdAt",
        },
    ),
    "dns_providers": Subset(
        "dnsProvider.all",
        {
            "dns_provider_id": "dnsProviderId",
            "name": "name",
            "type": "providerType",
            "created_at": "createdAt",
        },
    ),
    "git_providers": Subset(
        "gitProvider.getAll",
        {
            "git_provider_id": "bitbucket.bitbucketId gitea.giteaId github.githubId gitlab.gitlabId",
            "name": "name",
            "type": "providerType",
        },
    ),
    "networks": Subset(
        "network.all",
        {
            "network_id": "networkId",
            "name": "name",
            "server": "serverId",
            "driver": "driver",
            "internal": "internal",
            "attachable": "attachable",
            "ipv4": "enableIPv4",
            "ipv6": "enableIPv6",
            "mtu": "mtu",
            "created_at": "createdAt",
        },
        named={
            "server": "servers",
        },
        input={"serverId": None},
    ),
    "notifications": Subset(
        "notification.all",
        {
            "notification_id": "notificationId",
            "name": "name",
            "type": "notificationType",
            "created_at": "createdAt",
        },
    ),
    "organizations": Subset(
        "organization.all",
        {
            "organization_id": "id",
            "name": "name",
            "logo": "logo",
            "default_role": "defaultRole",
            "slug": "slug",
            "owner_id": "ownerId",
            "created_at": "createdAt",
        },
    ),
    "registries": Subset(
        "registry.all",
        {
            "registry_id": "registryId",
            "name": "registryName",
            "url": "registryUrl",
            "image_prefix": "imagePrefix",
            "created_at": "createdAt",
        },
    ),
    "servers": Subset(
        "server.all",
        {
            "server_id": "serverId",
            "name": "name",
            "description": "description",
            "ip_address": "ipAddress",
            "port": "port",
            "user": "username",
            "ssh_key": "sshKeyId",
            "type": "serverType",
            "docker_cleanup": "enableDockerCleanup",
            "builds_concurrency": "buildsConcurrency",
            "command": "command",
            "created_at": "createdAt",
        },
        named={
            "ssh_key": "ssh_keys",
        },
    ),
    "ssh_keys": Subset(
        "sshKey.all",
        {
            "ssh_key_id": "sshKeyId",
            "name": "name",
            "description": "description",
            "public_key": "publicKey",
            "created_at": "createdAt",
        },
    ),
    "tags": Subset(
        "tag.all",
        {
            "tag_id": "tagId",
            "name": "name",
            "color": "color",
            "created_at": "createdAt",
        },
    ),
    "users": Subset(
        "user.all",
        {
            "user_id": "userId",
            "email": "user.email email",
            "role": "role",
            "first_name": "user.firstName firstName",
            "last_name": "user.lastName lastName",
        },
    ),
    "vault_providers": Subset(
        "vaultProvider.all",
        {
            "vault_provider_id": "vaultProviderId",
            "name": "name",
            "type": "providerType",
            "created_at": "createdAt",
        },
    ),
}

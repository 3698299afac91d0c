# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sections of a document: written by ``make generate``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  backups:
    description:
      - Backups of Dokploy itself. The options of an entry are those of M(community.dokploy.dokploy_backup).
      - Those that are not listed stay.
    type: list
    elements: dict
  schedules:
    description:
      - Schedules of Dokploy itself. The options of an entry are those of M(community.dokploy.dokploy_schedule).
      - Those that are not listed stay.
    type: list
    elements: dict
  settings:
    description:
      - The options of M(community.dokploy.dokploy_settings).
    type: dict
  ai_providers:
    description:
      - AI providers. The options of an entry are those of M(community.dokploy.dokploy_ai_provider).
    type: list
    elements: dict
  certificates:
    description:
      - Certificates. The options of an entry are those of M(community.dokploy.dokploy_certificate).
    type: list
    elements: dict
  destinations:
    description:
      - Destinations. The options of an entry are those of M(community.dokploy.dokploy_destination).
    type: list
    elements: dict
  dns_providers:
    description:
      - DNS providers. The options of an entry are those of M(community.dokploy.dokploy_dns_provider).
    type: list
    elements: dict
  git_providers:
    description:
      - Git providers. The options of an entry are those of M(community.dokploy.dokploy_git_provider).
    type: list
    elements: dict
  networks:
    description:
      - Networks. The options of an entry are those of M(community.dokploy.dokploy_network).
    type: list
    elements: dict
  notifications:
    description:
      - Notifications. The options of an entry are those of M(community.dokploy.dokploy_notification).
    type: list
    elements: dict
  registries:
    description:
      - Registries. The options of an entry are those of M(community.dokploy.dokploy_registry).
    type: list
    elements: dict
  servers:
    description:
      - Servers. The options of an entry are those of M(community.dokploy.dokploy_server).
    type: list
    elements: dict
  ssh_keys:
    description:
      - SSH keys. The options of an entry are those of M(community.dokploy.dokploy_ssh_key).
    type: list
    elements: dict
  tags:
    description:
      - Tags. The options of an entry are those of M(community.dokploy.dokploy_tag).
    type: list
    elements: dict
  users:
    description:
      - Users. The options of an entry are those of M(community.dokploy.dokploy_user).
    type: list
    elements: dict
  vault_providers:
    description:
      - Vault providers. The options of an entry are those of M(community.dokploy.dokploy_vault_provider).
    type: list
    elements: dict
  projects:
    description:
      - Projects. The options of an entry are those of M(community.dokploy.dokploy_project).
      - C(environments) of a project has entries with the options of M(community.dokploy.dokploy_environment).
      - C(applications) of an environment has entries with the options of M(community.dokploy.dokploy_application).
      - C(compose) of an environment has entries with the options of M(community.dokploy.dokploy_compose).
      - C(databases) of an environment has entries with the options of M(community.dokploy.dokploy_database).
    type: list
    elements: dict
"""

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_vault_provider_info
short_description: List the vault providers of Dokploy
version_added: 1.0.0
description:
  - Lists vault providers with the projects that they are assigned to.
  - One of a kind that this collection does not know, such as a fork of Dokploy has, is listed with its ID, its name and
    its RV(vault_providers[].type), and without anything else.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
requirements:
  - For this module, Dokploy 0.30.0 or newer.
options:
  # Written by make generate, but for what is described below.
  vault_provider_id:
    description:
      - Only the vault provider with this ID.
    type: str
  type:
    description:
      - Only vault providers of this kind.
    type: str
    choices:
      - aws
      - aws_parameter_store
      - azure
      - doppler
      - hashicorp
      - infisical
      - phase
      - scaleway
  # Written by hand.
  include_secrets:
    description:
      - Whether to also return the IDs of access keys, which Dokploy shows. It never shows the other secrets. The IDs
        are then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_vault_provider
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all vault providers
  community.dokploy.dokploy_vault_provider_info:
  register: all_providers

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ all_providers.vault_providers | map(attribute='name') | list }}"
"""

RETURN = r"""
vault_providers:
  description: The vault providers, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    aws:
      description: See O(community.dokploy.dokploy_vault_provider#module:aws). C(access_key_id) is returned with
        O(include_secrets=true) only.
      returned: when RV(vault_providers[].type=aws)
      type: dict
      sample:
        region: eu-central-1
        access_key_id: AKIAIOSFODNN7EXAMPLE
        endpoint: https://secrets.example.com
    aws_parameter_store:
      description: See O(community.dokploy.dokploy_vault_provider#module:aws_parameter_store). C(access_key_id) is
        returned with O(include_secrets=true) only.
      returned: when RV(vault_providers[].type=aws_parameter_store)
      type: dict
      sample:
        region: eu-central-1
        access_key_id: AKIAIOSFODNN7EXAMPLE
        endpoint: https://ssm.example.com
        path: /shop/production
    azure:
      description: See O(community.dokploy.dokploy_vault_provider#module:azure).
      returned: when RV(vault_providers[].type=azure)
      type: dict
      sample:
        vault_uri: https://acme.vault.azure.net
        tenant_id: 9f3c
        client_id: 7d1e
    doppler:
      description: See O(community.dokploy.dokploy_vault_provider#module:doppler).
      returned: when RV(vault_providers[].type=doppler)
      type: dict
      sample:
        project: shop
        config: prd
    hashicorp:
      description: See O(community.dokploy.dokploy_vault_provider#module:hashicorp).
      returned: when RV(vault_providers[].type=hashicorp)
      type: dict
      sample:
        url: https://vault.example.com
        namespace: team
        mount: secret
    infisical:
      description: See O(community.dokploy.dokploy_vault_provider#module:infisical).
      returned: when RV(vault_providers[].type=infisical)
      type: dict
      sample:
        site_url: https://app.infisical.com
        client_id: 7d1e
        project_id: 4b2a
        environment_slug: prod
        folder: /
    phase:
      description: See O(community.dokploy.dokploy_vault_provider#module:phase).
      returned: when RV(vault_providers[].type=phase)
      type: dict
      sample:
        app_id: 72b9ddd5-8fce-49ab-89d9-c431d53a9552
        environment: Production
        path: /backend
        api_url: https://api.phase.dev
    scaleway:
      description: See O(community.dokploy.dokploy_vault_provider#module:scaleway).
      returned: when RV(vault_providers[].type=scaleway)
      type: dict
      sample:
        project_id: 4b2a
        region: fr-par
        api_url: https://api.scaleway.com
    type:
      description: The kind of provider.
      type: str
      sample: hashicorp
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    vault_provider_id:
      description: ID of the vault provider.
      type: str
      sample: i-fcFeuwaZ47OT0TdZo7i
    name:
      description: See O(community.dokploy.dokploy_vault_provider#module:name).
      type: str
      sample: main
    assignments:
      description: See O(community.dokploy.dokploy_vault_provider#module:assignments). C(project) is an ID.
      type: list
      elements: dict
      sample:
        - project: gP-SkwxLQ2-co6eGjXQYQ
          environments:
            - gP-SkwxLQ2-co6eGjXQYQ
error:
  description: The error in a form for conditions. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: failure
  type: dict
  sample:
    kind: validation
    procedure: application.update
    status: 400
effect_unknown:
  description: Whether it is unknown if a write took effect, because the connection failed after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.vault_provider import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

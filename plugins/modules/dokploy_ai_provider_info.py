#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_ai_provider_info
short_description: List the AI providers of Dokploy
version_added: 1.0.0
description:
  - Lists the AI providers of the organization.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
  # Written by make generate, but for what is described below.
  ai_provider_id:
    description:
      - Only the AI provider with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the API key. It is then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_ai_provider
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all AI providers
  community.dokploy.dokploy_ai_provider_info:
  register: all_providers

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ all_providers.ai_providers | map(attribute='name') | list }}"
"""

RETURN = r"""
ai_providers:
  description: The AI providers, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    api_key:
      description: See O(community.dokploy.dokploy_ai_provider#module:api_key).
      returned: O(include_secrets=true)
      type: str
      sample: key of the service
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    ai_provider_id:
      description: ID of the ai provider.
      type: str
      sample: i-fcFeuwaZ47OT0TdZo7i
    name:
      description: See O(community.dokploy.dokploy_ai_provider#module:name).
      type: str
      sample: main
    url:
      description: See O(community.dokploy.dokploy_ai_provider#module:url).
      type: str
      sample: https://api.openai.com/v1
    model:
      description: See O(community.dokploy.dokploy_ai_provider#module:model).
      type: str
      sample: gpt-5-mini
    enabled:
      description: See O(community.dokploy.dokploy_ai_provider#module:enabled).
      type: bool
      sample: true
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ai_provider import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_registry_info
short_description: List the registries that Dokploy logs in to
version_added: 1.0.0
description:
  - Lists the registries. Without O(name) and O(registry_id), it lists all registries that the API key can access.
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
  registry_id:
    description:
      - Only the registry with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the password. It is then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_registry
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all registries
  community.dokploy.dokploy_registry_info:
  register: all_registries

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.url }}"
  loop: "{{ all_registries.registries }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
registries:
  description: The registries, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    password:
      description: See O(community.dokploy.dokploy_registry#module:password).
      returned: O(include_secrets=true)
      type: str
      sample: ghp_0123456789abcdef
    registry_id:
      description: ID of the registry.
      type: str
      sample: Xq3TnV7bKp0sLw9RyEj2M
    name:
      description: See O(community.dokploy.dokploy_registry#module:name).
      type: str
      sample: github
    url:
      description: See O(community.dokploy.dokploy_registry#module:url).
      type: str
      sample: ghcr.io
    username:
      description: See O(community.dokploy.dokploy_registry#module:username).
      type: str
      sample: acme-bot
    image_prefix:
      description: See O(community.dokploy.dokploy_registry#module:image_prefix).
      type: str
      sample: acme
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_api_key_info
short_description: List the API keys of Dokploy
version_added: 1.0.0
description:
  - Lists the API keys of the user whose API key the module uses, of all organizations, with their limits. Keys of other
    users and the values of the keys cannot be read. Without O(name) and O(api_key_id), it lists all of them.
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
  api_key_id:
    description:
      - Only the API key with this ID.
    type: str
seealso:
  - module: community.dokploy.dokploy_api_key
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the API keys
  community.dokploy.dokploy_api_key_info:
  register: found

- name: Show the keys that expire
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.expires_at }}"
  loop: "{{ found.api_keys | selectattr('expires_at') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
api_keys:
  description: The keys, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    api_key_id:
      description: ID of the key.
      type: str
      sample: npDUPHDh7vmblnJBwZo1gloxiZ21dHiq
    name:
      description: Name of the key.
      type: str
      sample: pipeline
    prefix:
      description: Beginning of its value, null without one.
      type: str
      sample: ci_
    organization:
      description: ID of the organization, as O(community.dokploy.dokploy_api_key#module:organization) takes it.
      type: str
      sample: 1CksJdNMCHsJ6rbtiEgyC
    organization_id:
      description: ID of the organization that it is for.
      type: str
      sample: 1CksJdNMCHsJ6rbtiEgyC
    enabled:
      description: Whether it is accepted.
      type: bool
      sample: true
    expires_at:
      description: When it expires, null if it does not.
      type: str
      sample: '2026-12-25T15:54:16.996Z'
    created_at:
      description: When it was created.
      type: str
      sample: '2026-11-25T15:54:16.996Z'
    rate_limit:
      description: Number of checks within the window, null if it is not limited.
      type: int
      sample: 100
    rate_limit_window:
      description: Seconds of the window, null if it is not limited.
      type: int
      sample: 60
    remaining:
      description: Number of checks that are left, null without such a limit.
      type: int
      sample: 50
    refill_amount:
      description: Number to which the rest is set again, null if it is not.
      type: int
      sample: 50
    refill_interval:
      description: Seconds after which the rest is set again, null if it is not.
      type: int
      sample: 3600
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.api_key import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

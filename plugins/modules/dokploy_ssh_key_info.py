#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_ssh_key_info
short_description: List the SSH keys of Dokploy
version_added: 1.0.0
description:
  - Lists the SSH keys. Without O(name) and O(ssh_key_id), it lists all SSH keys that the API key can access.
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
  ssh_key_id:
    description:
      - Only the SSH key with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the private key. It is then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_ssh_key
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all SSH keys
  community.dokploy.dokploy_ssh_key_info:
  register: all_keys

- name: Show their public keys
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.public_key }}"
  loop: "{{ all_keys.ssh_keys }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
ssh_keys:
  description: The SSH keys, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    public_key:
      description: The public key, as a file C(authorized_keys) takes it.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjx6jZ9mBdqJ4cQ8sYd3uPz1oX0tYJYbYhVn2mQ5cRk
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    ssh_key_id:
      description: ID of the SSH key.
      type: str
      sample: Zp4WcT9nLk2sVx7QyRb1D
    name:
      description: See O(community.dokploy.dokploy_ssh_key#module:name).
      type: str
      sample: shop repository
    description:
      description: See O(community.dokploy.dokploy_ssh_key#module:description).
      type: str
      sample: Deploy key of the repository
    private_key:
      description: See O(community.dokploy.dokploy_ssh_key#module:private_key).
      returned: O(include_secrets=true)
      type: str
      sample: |
        -----BEGIN OPENSSH PRIVATE KEY-----
        ...
        -----END OPENSSH PRIVATE KEY-----
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ssh_key import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

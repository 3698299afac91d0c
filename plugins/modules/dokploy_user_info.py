#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_user_info
short_description: List the users of Dokploy
version_added: 1.0.0
description:
  - Lists the users of the organization of the API key, with their roles, rights and what they may see. Without O(email)
    and O(user_id), it lists all of them.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
options:
  # Written by make generate, but for what is described below.
  user_id:
    description:
      - Only the user with this ID.
    type: str
  # Written by hand.
  email:
    description:
      - Only the user with this email address, in upper or lower case.
    type: str
seealso:
  - module: community.dokploy.dokploy_user
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the users
  community.dokploy.dokploy_user_info:
  register: accounts

- name: Show who may create services
  ansible.builtin.debug:
    msg: "{{ item.email }}"
  loop: "{{ accounts.users }}"
  when: item.role != 'member' or item.permissions.create_services
  loop_control:
    label: "{{ item.email }}"
"""

RETURN = r"""
users:
  description: The users, sorted by their email addresses.
  returned: success
  type: list
  elements: dict
  contains:
    user_id:
      description: ID of the user.
      type: str
      sample: wLb_zB-QrcveVtMpcmige
    email:
      description: Email address of the user.
      type: str
      sample: dev@example.com
    first_name:
      description: First name of the user.
      type: str
      sample: ''
    last_name:
      description: Last name of the user.
      type: str
      sample: ''
    role:
      description:
        - Role of the user. The user who created the organization is its V(owner). An V(owner) or V(admin) may do
          everything, whatever RV(users[].permissions) says.
      type: str
      sample: member
    permissions:
      description: What a member may do. See O(community.dokploy.dokploy_user#module:permissions).
      type: dict
      sample:
        create_projects: false
        delete_projects: false
        create_environments: false
        delete_environments: false
        create_services: false
        delete_services: false
        docker: false
        traefik_files: false
        api: false
        ssh_keys: false
        git_providers: false
    projects:
      description: IDs of the projects that a member may see.
      type: list
      elements: str
      sample:
        - fPQG5t8zUbvJh1Z0T4fR_
    environments:
      description: IDs of the environments that a member may see.
      type: list
      elements: str
      sample:
        - uGTCXJl3CQdAHQs_razNx
    services:
      description: IDs of the services that a member may see.
      type: list
      elements: str
      sample:
        - fytClkpfksi8Fbee0L53I
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.user import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

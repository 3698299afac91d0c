#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_server_info
short_description: List the remote servers of Dokploy
version_added: 1.0.0
description:
  - Lists the servers. Without O(name) and O(server_id), it lists all servers that the API key can access.
  - It does not connect to the servers. See O(community.dokploy.dokploy_server#module:state=validated) for that.
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
  server_id:
    description:
      - Only the server with this ID.
    type: str
  # Written by hand.
  include:
    description:
      - What to return in addition.
      - V(service_list) returns RV(servers[].service_list). Dokploy 0.30.5 and newer are asked once a server. Older
        releases are asked for every service, in a few requests.
    type: list
    elements: str
    choices:
      - service_list
    default: []
seealso:
  - module: community.dokploy.dokploy_server
  - module: community.dokploy.dokploy_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all servers with what runs on them
  community.dokploy.dokploy_server_info:
    include:
      - service_list
  register: all_servers

- name: Show how many services are on each of them
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.service_list | length }}"
  loop: "{{ all_servers.servers }}"
  loop_control:
    label: "{{ item.name }}"

- name: List what runs on one of them
  community.dokploy.dokploy_server_info:
    name: frankfurt
    include:
      - service_list
  register: frankfurt
"""

RETURN = r"""
servers:
  description: The servers, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    service_list:
      description:
        - The services on the server that the API key can access, sorted by project, environment and name.
      returned: when O(include) has V(service_list)
      type: list
      elements: dict
      contains:
        type:
          description: Kind of the service, such as V(application), V(compose) or V(postgres).
          type: str
          sample: application
        id:
          description: ID of the service.
          type: str
          sample: kX3vQ9mT2bWcZ7rLdPfYs
        name:
          description: Name of the service.
          type: str
          sample: web
        project:
          description: Name of the project.
          type: str
          sample: shop
        environment:
          description: Name of the environment.
          type: str
          sample: production
        environment_id:
          description: ID of the environment.
          type: str
          sample: PTa-UaNbNUmuooHmDgtiZ
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    in_use:
      description: Whether services are on the server, also such that the API key cannot access. Dokploy does not count
        libSQL databases.
      type: bool
      sample: true
    server_id:
      description: ID of the server.
      type: str
      sample: fLdjvz_GFr-f4uCHC9Vc3
    name:
      description: See O(community.dokploy.dokploy_server#module:name).
      type: str
      sample: frankfurt
    description:
      description: See O(community.dokploy.dokploy_server#module:description).
      type: str
      sample: Runs the shop
    ip_address:
      description: See O(community.dokploy.dokploy_server#module:ip_address).
      type: str
      sample: 203.0.113.20
    port:
      description: See O(community.dokploy.dokploy_server#module:port).
      type: int
      sample: 22
    user:
      description: See O(community.dokploy.dokploy_server#module:user).
      type: str
      sample: root
    ssh_key:
      description: See O(community.dokploy.dokploy_server#module:ssh_key). The ID.
      type: str
      sample: Zp4WcT9nLk2sVx7QyRb1D
    type:
      description: See O(community.dokploy.dokploy_server#module:type).
      type: str
      sample: deploy
    docker_cleanup:
      description: See O(community.dokploy.dokploy_server#module:docker_cleanup).
      type: bool
      sample: true
    builds_concurrency:
      description: See O(community.dokploy.dokploy_server#module:builds_concurrency).
      type: int
      sample: 1
    command:
      description: See O(community.dokploy.dokploy_server#module:command).
      type: str
      sample: ''
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.server import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_network_info
short_description: List the Docker networks of Dokploy
version_added: 1.0.0
description:
  - Lists the networks on the host of Dokploy and in all servers. Without O(name), O(network_id) and O(server), it
    lists all networks that the API key can access.
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
  network_id:
    description:
      - Only the network with this ID.
    type: str
  # Written by hand.
  server:
    description:
      - Only the networks of this server, by its name or ID.
    type: str
seealso:
  - module: community.dokploy.dokploy_network
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all networks
  community.dokploy.dokploy_network_info:
  register: all_networks

- name: Show their drivers
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.driver }}"
  loop: "{{ all_networks.networks }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
networks:
  description: The networks, sorted by the names of their servers and their own.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: Name of the server that it is in. Null for the host of Dokploy.
      type: str
      sample: worker-1
    server_id:
      description: ID of the server that it is in. Null for the host of Dokploy.
      type: str
      sample: g0o3z1CqnRzS7irwynWVP
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    network_id:
      description: ID of the network.
      type: str
      sample: p5NGUUpYVB2x2BYRenZeY
    name:
      description: See O(community.dokploy.dokploy_network#module:name).
      type: str
      sample: monitoring
    driver:
      description: See O(community.dokploy.dokploy_network#module:driver).
      type: str
      sample: overlay
    internal:
      description: See O(community.dokploy.dokploy_network#module:internal).
      type: bool
      sample: false
    attachable:
      description: See O(community.dokploy.dokploy_network#module:attachable).
      type: bool
      sample: false
    ipv4:
      description: See O(community.dokploy.dokploy_network#module:ipv4).
      type: bool
      sample: true
    ipv6:
      description: See O(community.dokploy.dokploy_network#module:ipv6).
      type: bool
      sample: false
    mtu:
      description: See O(community.dokploy.dokploy_network#module:mtu).
      type: int
      sample: 1400
    ipam:
      description: See O(community.dokploy.dokploy_network#module:ipam). V({}) if it is not set.
      type: dict
      sample:
        driver: default
        config:
          - subnet: 10.20.0.0/24
            gateway: 10.20.0.1
            ip_range: 10.20.0.128/25
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.network import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

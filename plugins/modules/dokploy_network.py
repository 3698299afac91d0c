#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_network
short_description: Manage a Docker network of Dokploy
version_added: 1.0.0
description:
  - Creates, replaces and removes a Docker network that services of Dokploy can be attached to.
  - Most tasks set O(name) and O(driver).
  - 'A short example: C(community.dokploy.dokploy_network: {name: backend, driver: overlay}).'
  - A network is identified by O(name), on the host of Dokploy or in O(server).
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
    details:
      - Check mode does not notice what Docker refuses, for example a subnet that overlaps with another one.
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - For this module, Dokploy 0.29.14 or newer.
notes:
  - Docker cannot change a network. O(replace=true) removes the network, creates it with the changed options and lets
    all services use it that used the old one. Docker refuses the removal while a container runs in the network. If it
    refuses the changed options, the module creates the network again as it was, and fails. The services need a
    deployment afterwards.
  - Services of Docker Swarm can only use networks with O(driver=overlay).
  - A network that Docker has and Dokploy does not know is refused, because the name is taken. Import it in the web
    interface, or with M(community.dokploy.dokploy_api) and the procedure C(network.import).
options:
  # Written by make generate, but for what is described below.
  network_id:
    description:
      - ID of an existing network. Use it instead of O(server) and O(name).
      - If it does not exist, O(state=present) and O(state=synced) fail, and O(state=absent) changes nothing.
    type: str
  replace:
    description:
      - Whether to create the network again if an option differs. Otherwise the module fails.
    type: bool
    default: false
  # Written by hand.
  state:
    description:
      - V(present) creates the network, or compares it.
      - V(absent) removes the network. If services use it, the module fails and lists them, unless O(force=true).
      - V(synced) brings the record of Dokploy up to date if the network of this name in Docker is another one than
        before, for example because it was removed and created again without Dokploy. Changes nothing in Docker, and
        takes no option of the network. Needs Dokploy 0.30.3 or newer.
    type: str
    choices:
      - present
      - absent
      - synced
    default: present
  name:
    description:
      - Name of the network, 1 to 255 letters, digits, V(_), V(.) and V(-). It starts with a letter or a digit. Case
        is significant.
      - A name with a blank is refused, since Dokploy could not remove the network again.
      - One of O(name) and O(network_id) is required.
    type: str
  server:
    description:
      - Name or ID of the server that the network is in. The default is the host of Dokploy itself.
      - A server without an SSH key is refused for a new network, since Dokploy would create the network on its own
        host.
    type: str
  driver:
    description:
      - Driver of the network. The default for a new network is V(bridge).
    type: str
    choices:
      - bridge
      - overlay
  internal:
    description:
      - Whether the network has no connection to the outside. The default for a new network is V(false).
    type: bool
  attachable:
    description:
      - Whether containers can be attached to an overlay network, and not only services. The default for a new network
        is V(false).
    type: bool
  ipv4:
    description:
      - Whether the network has IPv4 addresses. The default for a new network is V(true).
      - One of O(ipv4) and O(ipv6) must be true.
    type: bool
  ipv6:
    description:
      - Whether the network has IPv6 addresses. The default for a new network is V(false).
    type: bool
  mtu:
    description:
      - Largest size of a packet, 68 to 65535. The default for a new network is that of Docker.
    type: int
  ipam:
    description:
      - Addresses of the network, as a whole. Parts that you leave out are not set. The default for a new network is
        that Docker chooses them. V({}) removes the setting.
    type: dict
    suboptions:
      driver:
        description:
          - Driver that assigns addresses. The default is V(default).
        type: str
      config:
        description:
          - Subnets of the network, in any order, as a whole. Parts that you leave out are not set.
        type: list
        elements: dict
        suboptions:
          subnet:
            description:
              - Subnet, for example V(10.20.0.0/24).
            type: str
            required: true
          gateway:
            description:
              - Address of the gateway in the subnet.
            type: str
          ip_range:
            description:
              - Part of the subnet from which containers get addresses, for example V(10.20.0.128/25).
            type: str
  force:
    description:
      - Whether O(state=absent) also removes a network that services use. Docker refuses this while they run.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_network_info
  - module: community.dokploy.dokploy_application
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create a network for services
  community.dokploy.dokploy_network:
    name: backend
    driver: overlay
    internal: true

- name: Create a network with a subnet of its own
  community.dokploy.dokploy_network:
    name: monitoring
    driver: overlay
    ipam:
      config:
        - subnet: 10.20.0.0/24
          gateway: 10.20.0.1

- name: Create it again with another subnet
  community.dokploy.dokploy_network:
    name: monitoring
    ipam:
      config:
        - subnet: 10.30.0.0/24
    replace: true

- name: Read the network from Docker, where it was created again
  community.dokploy.dokploy_network:
    name: monitoring
    state: synced

- name: Remove the network, unless a service uses it
  community.dokploy.dokploy_network:
    name: backend
    state: absent
"""

RETURN = r"""
network:
  description:
    - The network after the module ran, or as predicted in check mode.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the network.
      type: str
      sample: monitoring
    driver:
      description: See O(driver).
      returned: O(state=present) or O(state=synced)
      type: str
      sample: overlay
    internal:
      description: See O(internal).
      returned: O(state=present) or O(state=synced)
      type: bool
      sample: false
    attachable:
      description: See O(attachable).
      returned: O(state=present) or O(state=synced)
      type: bool
      sample: false
    ipv4:
      description: See O(ipv4).
      returned: O(state=present) or O(state=synced)
      type: bool
      sample: true
    ipv6:
      description: See O(ipv6).
      returned: O(state=present) or O(state=synced)
      type: bool
      sample: false
    mtu:
      description: See O(mtu).
      returned: O(state=present) or O(state=synced)
      type: int
      sample: 1400
    ipam:
      description: See O(ipam). V({}) if it is not set.
      returned: O(state=present) or O(state=synced)
      type: dict
      sample:
        driver: default
        config:
          - subnet: 10.20.0.0/24
            gateway: 10.20.0.1
            ip_range: 10.20.0.128/25
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    network_id:
      description: ID of the network. V((generated\)) if check mode would create it.
      type: str
      sample: p5NGUUpYVB2x2BYRenZeY
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      mtu: null
    after:
      mtu: 1400
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.network import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

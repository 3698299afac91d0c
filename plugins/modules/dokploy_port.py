#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_port
short_description: Manage a published port of an application of Dokploy
version_added: 1.0.0
description:
  - Publishes a port of an application's containers on the server. Docker publishes it itself, bypassing Traefik and
    also a firewall on the server. For HTTP, use M(community.dokploy.dokploy_domain).
  - A port is identified by O(published_port) and O(protocol). Dokploy does not enforce that they are unique. If several
    ports of an application have the same, the module fails and lists their IDs.
  - If another application publishes the same port, the deployment fails.
  - The module manages one port and does not change the others of the application.
    O(community.dokploy.dokploy_application#module:ports) manages the whole list and removes the others. Use one of the
    two for an application.
  - Changes need a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.location
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the port, or updates it where it differs.
      - V(absent) removes the port.
    type: str
    choices:
      - present
      - absent
    default: present
  port_id:
    description:
      - ID of an existing port. Use it instead of O(published_port) and O(protocol), or with them to change them in
        place.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
      - One of O(published_port) and O(port_id) is required.
    type: str
  # Written by hand.
  published_port:
    description:
      - Port on the server, 1 to 65535.
    type: int
  protocol:
    description:
      - Protocol of the port.
      - The default is V(tcp), unless O(port_id) is set.
    type: str
    choices:
      - tcp
      - udp
  target_port:
    description:
      - Port that the application listens on in its container, 1 to 65535. Required for a new port.
    type: int
  publish_mode:
    description:
      - V(ingress) publishes the port on all nodes of the swarm, and distributes the connections over all containers.
        The application does not see the addresses of its clients.
      - V(host) publishes the port on the nodes with a container, and each can have only one container.
      - The default for a new port is V(ingress).
    type: str
    choices:
      - ingress
      - host
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_domain
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Publish a port for a protocol that Traefik does not support
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    published_port: 5353
    protocol: udp
    target_port: 53
  register: dns

- name: Show the addresses of clients to the application
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    published_port: 5353
    protocol: udp
    publish_mode: host

- name: Change the published port
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    port_id: "{{ dns.port.port_id }}"
    published_port: 5354

- name: Remove the port
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    published_port: 5354
    protocol: udp
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
port:
  description:
    - The port after the module ran, or as predicted in check mode. Its keys are the options. Null for O(state=absent).
  returned: success
  type: dict
  contains:
    port_id:
      description: ID of the port. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Zx1Cv2Bn3Mq4We5Rt6Yu7
    published_port:
      description: See O(published_port).
      returned: O(state=present)
      type: int
      sample: 5353
    protocol:
      description: See O(protocol).
      returned: O(state=present)
      type: str
      sample: udp
    target_port:
      description: See O(target_port).
      returned: O(state=present)
      type: int
      sample: 53
    publish_mode:
      description: See O(publish_mode).
      returned: O(state=present)
      type: str
      sample: host
deploy_needed:
  description:
    - Whether a deployment is needed, by the rules of O(community.dokploy.dokploy_deployment#module:trigger). It is
      needed if nothing was deployed yet, if the last deployment failed or was cancelled, or if the configuration
      differs from what was deployed last, regardless of who changed it.
    - A new commit, or a new image with the same tag, is not detected.
    - V(false) if the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      ports:
        5353/udp:
          publish_mode: ingress
    after:
      ports:
        5353/udp:
          publish_mode: host
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    PORT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

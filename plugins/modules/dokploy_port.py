#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_port
short_description: Manage a published port of an application of Dokploy
version_added: 0.1.0
description:
  - Publishes a port of an application's containers on the server. Docker does that by itself and past Traefik, so the
    port is open to everybody who reaches the server, also where a firewall on it says otherwise. For HTTP use
    M(community.dokploy.dokploy_domain).
  - A port is recognized by O(published_port) and O(protocol). Dokploy does not keep them unique. Two ports of an
    application that are alike in both are an error that lists their ids.
  - Whether another application publishes the same port shows in the deployment, which then fails.
  - The module manages one port and leaves its siblings alone. O(community.dokploy.dokploy_application#module:ports) is
    the list of all of them instead, and removes those that it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new port gets what Dokploy
    takes of itself.
  - Changes need a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  state:
    description:
      - V(present) makes sure that the port exists and is as stated.
      - V(absent) makes sure that there is no such port.
    type: str
    choices:
      - present
      - absent
    default: present
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application) and O(application_id) is required.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  port_id:
    description:
      - Id of an existing port, to be used instead of O(published_port) and O(protocol), or together with them to change
        them in place.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
      - One of O(published_port) and O(port_id) is required.
    type: str
  published_port:
    description:
      - Port on the server, 1 to 65535.
    type: int
  protocol:
    description:
      - Protocol of the port.
      - Without it V(tcp) is meant, unless O(port_id) is given.
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
      - V(ingress) publishes the port on all nodes of the swarm, and spreads the connections over all containers. The
        application then sees no addresses of its clients.
      - V(host) publishes it on the nodes on which a container runs. There can only be one container on each.
      - A new port gets V(ingress).
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

- name: Publish the port of a protocol that Traefik does not know
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    published_port: 5353
    protocol: udp
    target_port: 53
  register: dns

- name: Let the application see the addresses of its clients
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    published_port: 5353
    protocol: udp
    publish_mode: host

- name: Publish it under another number
  community.dokploy.dokploy_port:
    project: shop
    environment: staging
    application: web
    port_id: "{{ dns.port.port_id }}"
    published_port: 5354

- name: Close it
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
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
port:
  description:
    - The port as it is after the module ran, or as it would be in check mode. The keys are those of the options. Null
      for O(state=absent).
  returned: success
  type: dict
  contains:
    port_id:
      description: Id of the port. Null when check mode would create it.
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
    - Whether a deployment is needed, judged as M(community.dokploy.dokploy_deployment) does it. It is when nothing was
      deployed yet, when the last deployment failed or was cancelled, and when what is configured is not what was
      deployed last, whoever changed it.
    - A new commit, or a new image behind the same tag, is not noticed.
    - V(false) as long as the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description:
    - What changed, or would change in check mode.
    - It holds the differing options only, below C(ports) and the published port, V(/) and the protocol.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        ports:
          5353/udp:
            publish_mode: ingress
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        ports:
          5353/udp:
            publish_mode: host
    before_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions in a playbook. The message is in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists all
          kinds.
      returned: failure
      type: str
      sample: validation
    procedure:
      description: The procedure of Dokploy's API that failed. Null if the error did not come from the server.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the answer. Null if there was no answer.
      returned: failure
      type: int
      sample: 400
effect_unknown:
  description:
    - Whether it is unknown if a write took effect, because the connection failed after the request was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import (
    PORT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

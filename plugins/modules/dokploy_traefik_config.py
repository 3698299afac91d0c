#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_traefik_config
short_description: Manage the Traefik configuration of an application of Dokploy
version_added: 0.1.0
description:
  - Writes the file in which Traefik finds the routers, services and middlewares of one application. It is compared
    before it is written, and its YAML is checked. Dokploy stores whatever it gets. As long as one file is broken,
    Traefik ignores every later change of a route on the whole server, and later changes of a domain of this application
    fail.
  - Dokploy itself writes this file. Each time when a domain, a redirect or a basic-auth user of the application is
    created, changed or removed, it reads the file, changes its own routers and services in it and writes it back. Other
    keys stay, comments and formatting do not, and a domain's routers become again what the domain says. With the last
    router the file goes. A deployment does not touch it.
  - So let domains be managed by M(community.dokploy.dokploy_application), and use this module last, for what Dokploy
    has no option for.
  - To read the file, use M(community.dokploy.dokploy_application_info) with V(traefik_config) in
    O(community.dokploy.dokploy_application_info#module:include).
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
    details:
      - An application that does not exist is taken for one that an earlier task has promised, with a warning.
  diff_mode:
    support: full
    details:
      - Shows both texts. Hashes of passwords, passwords in addresses, and the values of keys that are named like
        secrets are masked.
  idempotent:
    support: full
options:
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
  content:
    description:
      - The whole file, as a mapping or as YAML text. It is one YAML document that holds a mapping. V({}) is a
        configuration without anything in it. The file cannot be removed.
      - It is compared by what it means. Comments, the order of keys and the formatting make no difference, so a change
        of these alone is not written.
      - The option is treated as a secret, since middlewares may hold hashes of passwords. Dokploy's own users of
        basic auth are in a file for all applications, not in this one.
      - An empty section or table, such as V(http) without anything or V(routers) with V({}), is refused, since Traefik
        refuses the whole file for it.
      - What was read with its secrets masked is refused.
    type: raw
    required: true
requirements:
  - PyYAML where the module runs. The controller always has it.
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Limit the rate of requests, which no option of a domain can
  community.dokploy.dokploy_traefik_config:
    project: shop
    environment: production
    application: web
    content:
      http:
        routers:
          shop-web-router-1:
            rule: Host(`shop.example.com`)
            service: shop-web-service-1
            entryPoints:
              - web
            middlewares:
              - shop-web-limit
        services:
          shop-web-service-1:
            loadBalancer:
              servers:
                - url: http://shop-web-k3f9zq:3000
        middlewares:
          shop-web-limit:
            rateLimit:
              average: 100
              burst: 50

- name: Write a text, for example one from a template
  community.dokploy.dokploy_traefik_config:
    project: shop
    application: worker
    content: |
      tcp:
        routers:
          shop-worker-queue:
            rule: HostSNI(`*`)
            service: shop-worker-queue
            entryPoints:
              - queue
        services:
          shop-worker-queue:
            loadBalancer:
              servers:
                - address: shop-worker-k3f9zq:5672
"""

RETURN = r"""
application_id:
  description: Id of the application. Null in check mode when it does not exist yet.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
traefik_config:
  description:
    - The text of the file, or what it would be in check mode, with its secrets masked. Null in check mode when the
      application does not exist yet.
  returned: success
  type: str
  sample: |
    http:
      routers:
        shop-web-k3f9zq-router-1:
          rule: Host(`shop.example.com`)
          service: shop-web-k3f9zq-service-1
          entryPoints:
            - web
      services:
        shop-web-k3f9zq-service-1:
          loadBalancer:
            servers:
              - url: http://shop-web-k3f9zq:3000
diff:
  description: Both texts, with their secrets masked.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: What was there.
      returned: success
      type: str
      sample: ''
    after:
      description: What is there now, or would be in check mode.
      returned: success
      type: str
      sample: |
        {}
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.traefik import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

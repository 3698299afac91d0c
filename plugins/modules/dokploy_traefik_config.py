#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_traefik_config
short_description: Manage the Traefik configuration of an application of Dokploy
version_added: 1.0.0
description:
  - Manages the file with the Traefik routers, services and middlewares of one application. The module validates the
    YAML, and writes the file only if it differs. Dokploy accepts any text. While one file is invalid, Traefik ignores
    every later change of a route on the whole server, and later changes of a domain of this application fail.
  - Dokploy also writes this file. When a domain, a redirect or a basic-auth user of the application is created, changed
    or removed, it reads the file, changes its own routers and services in it and writes it back. Other keys are kept,
    comments and formatting are not, and the routers of a domain are reset to the settings of the domain. With the last
    router, the file is removed. A deployment does not change it.
  - So manage domains with M(community.dokploy.dokploy_application), and run this module after it, for settings that
    Dokploy does not have.
  - To read the file, use M(community.dokploy.dokploy_application_info) with V(traefik_config) in
    O(community.dokploy.dokploy_application_info#module:include).
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location
attributes:
  check_mode:
    support: full
    details:
      - If the application does not exist, the module assumes that an earlier task would create it, and issues a
        warning.
  diff_mode:
    support: full
    details:
      - Shows both texts. Password hashes, passwords in URLs, and the values of keys with the names of secrets are
        masked.
  idempotent:
    support: full
options:
  content:
    description:
      - The whole file, as a mapping or as the YAML text of one document with a mapping. V({}) is an empty
        configuration. The file cannot be removed.
      - The parsed values are compared. Comments, the order of keys and formatting are not significant, so a change of
        only these is not written.
      - The option is a secret, since middlewares may contain password hashes. The basic-auth users of Dokploy are in a
        file for all applications, not in this one.
      - An empty section or table, such as V(http) without content or V(routers) with V({}), is refused, since Traefik
        would refuse the whole file. The module warns of sections that Traefik ignores.
      - Text with masked secrets is refused.
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

- name: Limit the rate of requests, for which a domain has no option
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
  description: ID of the application. V((generated\)) in check mode if it does not exist yet.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
traefik_config:
  description:
    - The text of the file, or the predicted text in check mode, with its secrets masked. V((generated\)) in check mode
      if the application does not exist yet.
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
  sample:
    before: ''
    after: |
      {}
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.traefik_config import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

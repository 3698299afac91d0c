#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_domain
short_description: Manage a domain of an application or a Compose stack of Dokploy
version_added: 1.0.0
description:
  - Makes Traefik route the requests for a host name, or for a part of its paths, to an application or to a service of a
    Compose stack.
  - Most tasks set O(project), O(environment) and O(application) or O(compose), O(host) and O(port), and O(https) with
    O(certificate).
  - 'A short example: C(community.dokploy.dokploy_domain: {project: shop, application: web, host: shop.example.com,
    port: 3000, https: true, certificate: letsencrypt}).'
  - A domain is identified by O(host) and O(path). Dokploy does not enforce that they are unique. If several domains of
    an application or stack have the same, the module fails and lists their IDs. If another application or stack has the
    host and path of a new domain, the module issues a warning that names it.
  - The module manages one domain and does not change the others.
    O(community.dokploy.dokploy_application#module:domains) and O(community.dokploy.dokploy_compose#module:domains)
    manage the whole list and remove the others. Use one of the two for a service.
  - Takes effect at once, without a deployment. Dokploy writes it to Traefik's configuration. A domain of a stack needs
    a deployment, which adds it as labels to the service.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.notes.traefik
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.location.compose
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the domain, or updates it where it differs.
      - V(absent) removes the domain.
    type: str
    choices:
      - present
      - absent
    default: present
  # Written by hand.
  domain_id:
    description:
      - ID of an existing domain. Use it instead of O(host) and O(path), or with them to change them in place.
      - If it does not exist, O(state=present) fails and O(state=absent) changes nothing.
      - One of O(host), O(domain_id) and O(generate) is required.
    type: str
  host:
    description:
      - Host name, for example V(shop.example.com). Its DNS records must point to the server.
      - Labels of letters, digits and hyphens, separated by dots. Write a name with other characters in the form that
        begins with V(xn--).
      - Upper-case letters are converted to lower case.
    type: str
  service:
    description:
      - Name of the service of the Compose stack that serves the domain. Required for a new domain of a stack, and not
        supported for an application.
      - A name that the Compose file does not have is refused. Of a repository the services are known once it was
        deployed.
    type: str
  generate:
    description:
      - Whether to have Dokploy generate a host name below V(sslip.io), which resolves to the address of the
        application's server without any DNS record. It begins with the name of the application in Docker.
      - An existing domain with a generated name is identified by its form, so a second run does not add another one.
        Other domains of the application do not change.
      - Use it instead of O(host) and O(domain_id).
    type: bool
  path:
    description:
      - Prefix of the paths that Traefik routes to the application (Traefik's C(PathPrefix)). It begins with V(/).
      - The default is V(/), unless O(domain_id) is set.
    type: str
  port:
    description:
      - Port that the application listens on in its container, 1 to 65535. The default for a new domain is V(3000).
    type: int
  https:
    description:
      - Whether Traefik serves the domain on the entry point C(websecure) and redirects requests to C(web) there. The
        default for a new domain is V(false), which serves it on C(web).
    type: bool
  certificate:
    description:
      - The source of the certificate. V(letsencrypt) is Traefik's certificate resolver of that name, V(custom) is
        O(certificate_resolver), and V(none) uses no resolver. The default for a new domain is V(none).
      - Has no effect without O(https=true). The module then issues a warning.
    type: str
    choices:
      - none
      - letsencrypt
      - custom
  certificate_resolver:
    description:
      - Name of a certificate resolver in Traefik's configuration. Required with O(certificate=custom), unless the
        domain has one already.
    type: str
  internal_path:
    description:
      - Prefix that Traefik adds to the path of a request (Traefik's C(AddPrefix)). It begins with V(/). The default for
        a new domain is V(/), which adds nothing, as does V("").
    type: str
  strip_path:
    description:
      - Whether Traefik removes O(path) from a request before it forwards it (Traefik's C(StripPrefix)). The default for
        a new domain is V(false).
    type: bool
  entrypoint:
    description:
      - Name of the Traefik entry point that serves the domain, instead of C(web) and C(websecure). Needs Dokploy 0.29.0
        or newer.
      - V("") clears it.
    type: str
  middlewares:
    description:
      - Names of Traefik middlewares for the domain, for example V(compress@file). Needs Dokploy 0.29.0 or newer.
      - Traefik applies them in this order, so the order is significant. V([]) clears them.
    type: list
    elements: str
  forward_auth:
    description:
      - Whether Traefik requires Dokploy's single sign-on for requests. The default for a new domain is V(false). Needs
        Dokploy 0.29.8 or newer.
      - Single sign-on is a feature of Dokploy's enterprise licence and must be set up on the server first. Dokploy
        stores V(true) even if it is not. Traefik then misses the middleware and does not serve the domain.
    type: bool
  enabled:
    description:
      - Whether Traefik serves the domain. With V(false), Dokploy keeps the domain, but removes it from Traefik's
        configuration. The default for a new domain is V(true). Needs Dokploy 0.30.0 or newer.
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_basic_auth
  - module: community.dokploy.dokploy_compose
  - module: community.dokploy.dokploy_redirect
  - name: Documentation of Dokploy
    description: The documentation of domains and certificates.
    link: https://docs.dokploy.com/docs/core/domains
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Add a domain to an application
  community.dokploy.dokploy_domain:
    project: shop
    environment: production
    application: web
    host: www.example.com
    port: 3000
    https: true
    certificate: letsencrypt
  register: www

- name: Try an application with a generated host name
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    generate: true
    port: 3000
  register: trial

- name: Show its URL
  ansible.builtin.debug:
    msg: "http://{{ trial.domain.host }}{{ trial.domain.path }}"

- name: Serve a path of another domain, and strip it from the requests
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    host: intranet.example.com
    path: /shop
    strip_path: true
    port: 3000
    middlewares:
      - compress@file

- name: Add a domain to a service of a Compose stack, and deploy the stack in a handler
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Add the domain
      community.dokploy.dokploy_domain:
        project: shop
        compose: monitoring
        service: web
        host: monitoring.example.com
        port: 80
      register: monitoring
      # Also if an earlier run ended before its handlers.
      changed_when: monitoring is changed or monitoring.deploy_needed | default(false)
      notify: Deploy the stack
  handlers:
    - name: Deploy the stack
      community.dokploy.dokploy_deployment:
        project: shop
        compose: monitoring

- name: Rename the domain in place, without an interruption
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    domain_id: "{{ www.domain.domain_id }}"
    host: www.example.net

- name: Disable the domain for a while
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    host: www.example.net
    enabled: false

- name: Remove the domain
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    host: www.example.net
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for an application
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a stack
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
domain:
  description:
    - The domain after the module ran, or as predicted in check mode. Its keys are the options. Null for
      O(state=absent).
  returned: success
  type: dict
  contains:
    domain_id:
      description: ID of the domain. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: t5NbVc8xZa1SdFg3HjKlQ
    host:
      description:
        - Host name. With O(generate), the name that Dokploy generated, or V(generated.sslip.io) in check mode if it
          would generate one.
      returned: O(state=present)
      type: str
      sample: shop.example.com
    service:
      description: See O(service).
      returned: O(state=present)
      type: str
      sample: web
    path:
      description: See O(path).
      returned: O(state=present)
      type: str
      sample: /
    port:
      description: See O(port).
      returned: O(state=present)
      type: int
      sample: 3000
    https:
      description: See O(https).
      returned: O(state=present)
      type: bool
      sample: true
    certificate:
      description: See O(certificate).
      returned: O(state=present)
      type: str
      sample: letsencrypt
    certificate_resolver:
      description: See O(certificate_resolver).
      returned: O(state=present)
      type: str
      sample: ''
    internal_path:
      description: See O(internal_path).
      returned: O(state=present)
      type: str
      sample: /
    strip_path:
      description: See O(strip_path).
      returned: O(state=present)
      type: bool
      sample: false
    entrypoint:
      description: See O(entrypoint).
      returned: O(state=present)
      type: str
      sample: ''
    middlewares:
      description: See O(middlewares).
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - compress@file
    forward_auth:
      description: See O(forward_auth).
      returned: O(state=present)
      type: bool
      sample: false
    enabled:
      description: See O(enabled).
      returned: O(state=present)
      type: bool
      sample: true
deploy_needed:
  description:
    - Whether a deployment is needed, by the rules of O(community.dokploy.dokploy_deployment#module:trigger). It is
      needed if nothing was deployed yet, if the last deployment failed or was cancelled, or if the configuration
      differs from what was deployed last, regardless of who changed it.
    - A new commit, or a new image with the same tag, is not detected.
    - V(false) if the stack has no source that could be deployed.
  returned: O(state=present), for a stack
  type: bool
  sample: true
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      domains:
        shop.example.com/:
          port: 80
    after:
      domains:
        shop.example.com/:
          port: 3000
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    DOMAIN_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

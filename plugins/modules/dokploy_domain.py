#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_domain
short_description: Manage a domain of an application of Dokploy
version_added: 0.1.0
description:
  - Makes Traefik send the requests for a host name, or for a part of its paths, to an application.
  - A domain is recognized by O(host) and O(path). Dokploy does not keep them unique. Two domains of an application that
    are alike in both are an error that lists their ids. Where another application has the host and path of a new domain
    already, the module warns and names it.
  - The module manages one domain and leaves its siblings alone. O(community.dokploy.dokploy_application#module:domains)
    is the list of all of them instead, and removes those that it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new domain gets what Dokploy
    takes of itself. V("") clears a text.
  - Takes effect at once, without a deployment. Dokploy writes it into Traefik's configuration.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
notes:
  - Dokploy keeps what belongs to Traefik in files that it reads, changes and writes as a whole. Of changes that come at
    once it can lose all but one there, although it stores all of them. So this module,
    M(community.dokploy.dokploy_redirect), M(community.dokploy.dokploy_basic_auth), and the lists of
    M(community.dokploy.dokploy_application) make such changes one after the other, also with C(forks), as far as one
    user makes them on one controller. Several controllers, and somebody on the web page, are not kept from it.
options:
  state:
    description:
      - V(present) makes sure that the domain exists and is as stated.
      - V(absent) makes sure that there is no such domain.
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
  domain_id:
    description:
      - Id of an existing domain, to be used instead of O(host) and O(path), or together with them to change them in
        place, as when an application is to answer under another name.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
      - One of O(host), O(domain_id) and O(generate) is required.
    type: str
  host:
    description:
      - Host name, for example V(shop.example.com). Its DNS records have to point to the server.
      - Labels of letters, digits and hyphens with dots between. A name in other letters is written in the form that
        begins with V(xn--).
      - Capitals make no difference, and are written as small letters.
    type: str
  generate:
    description:
      - Whether to have Dokploy make up a free host name below V(sslip.io), which leads to the address of the
        application's server without any DNS record. It begins with the name that the application has in Docker.
      - An existing domain with such a name is recognized by its form, so that a second run makes no second one. Others
        of the application's domains are left alone.
      - To be used instead of O(host) and O(domain_id).
    type: bool
  path:
    description:
      - Beginning of the paths that Traefik sends to the application, C(PathPrefix) in its words. It begins with V(/).
      - Without it V(/) is meant, unless O(domain_id) is given.
    type: str
  port:
    description:
      - Port that the application listens on in its container, 1 to 65535. A new domain gets V(3000).
    type: int
  https:
    description:
      - Whether the domain is served on Traefik's entry point C(websecure), and requests to C(web) are redirected there.
        A new domain gets V(false), and is served on C(web).
    type: bool
  certificate:
    description:
      - Where Traefik gets the certificate from. V(letsencrypt) is the resolver of that name, V(custom) is
        O(certificate_resolver), and V(none) asks no resolver. A new domain gets V(none).
      - Has no effect without O(https=true). The module warns of that.
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
      - Prefix that Traefik puts before the path of a request, C(AddPrefix) in its words. It begins with V(/). A new
        domain gets V(/), which stands for none, as V("") does.
    type: str
  strip_path:
    description:
      - Whether Traefik takes O(path) off a request before it goes to the application, C(StripPrefix) in its words. A
        new domain gets V(false).
    type: bool
  entrypoint:
    description:
      - Name of a Traefik entry point to serve the domain on, instead of C(web) and C(websecure). Needs Dokploy 0.29.0
        or newer.
      - V("") clears it.
    type: str
  middlewares:
    description:
      - Names of Traefik middlewares for the domain, for example V(compress@file). Needs Dokploy 0.29.0 or newer.
      - Traefik applies them in this order, so another order is a change. V([]) clears them.
    type: list
    elements: str
  forward_auth:
    description:
      - Whether Traefik asks Dokploy's single sign-on before it lets a request through. A new domain gets V(false).
        Needs Dokploy 0.29.8 or newer.
      - This is a part of Dokploy that needs a licence, and it has to be set up on the server first. Dokploy stores
        V(true) also where it is not. Traefik then misses the middleware and does not serve the domain.
    type: bool
  enabled:
    description:
      - Whether the domain is served. With V(false) Dokploy keeps it, but takes it out of Traefik's configuration. A new
        domain gets V(true). Needs Dokploy 0.30.0 or newer.
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_basic_auth
  - module: community.dokploy.dokploy_redirect
  - name: Documentation of Dokploy
    description: How domains and certificates work.
    link: https://docs.dokploy.com/docs/core/domains
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Serve an application under one more name
  community.dokploy.dokploy_domain:
    project: shop
    environment: production
    application: web
    host: www.example.com
    port: 3000
    https: true
    certificate: letsencrypt
  register: www

- name: Serve a path of another name, and take the path off the requests
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    host: intranet.example.com
    path: /shop
    strip_path: true
    port: 3000
    middlewares:
      - compress@file

- name: Rename the domain in place, so that it answers under one of its names at any time
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    domain_id: "{{ www.domain.domain_id }}"
    host: www.example.net

- name: Take the domain off the network for a while
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    host: www.example.net
    enabled: false

- name: Try an application under a name that needs no DNS record
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    generate: true
    port: 3000
  register: trial

- name: Say where it is
  ansible.builtin.debug:
    msg: "http://{{ trial.domain.host }}{{ trial.domain.path }}"

- name: Remove the domain
  community.dokploy.dokploy_domain:
    project: shop
    application: web
    host: www.example.net
    state: absent
"""

RETURN = r"""
application_id:
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
domain:
  description:
    - The domain as it is after the module ran, or as it would be in check mode. The keys are those of the options. Null
      for O(state=absent).
  returned: success
  type: dict
  contains:
    domain_id:
      description: Id of the domain. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: t5NbVc8xZa1SdFg3HjKlQ
    host:
      description:
        - As O(host), or the name that Dokploy made up. In check mode V(generated.sslip.io) stands for one that is yet
          to be made up.
      returned: O(state=present)
      type: str
      sample: shop.example.com
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
diff:
  description:
    - What changed, or would change in check mode.
    - It holds the differing options only, below C(domains) and the domain's host and path as one word.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        domains:
          shop.example.com/:
            port: 80
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        domains:
          shop.example.com/:
            port: 3000
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
    DOMAIN_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

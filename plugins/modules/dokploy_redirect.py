#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_redirect
short_description: Manage a redirect of an application of Dokploy
version_added: 1.0.0
description:
  - Makes Traefik redirect requests whose URL matches a regular expression. It applies to all domains of the
    application.
  - A redirect is identified by O(regex). Dokploy does not enforce that it is unique. If several redirects of an
    application have the same expression, the module fails and lists their IDs.
  - Traefik applies redirects in the order in which they were created.
  - The module manages one redirect and does not change the others of the application.
    O(community.dokploy.dokploy_application#module:redirects) manages the whole list and removes the others. Use one of
    the two for an application.
  - Takes effect at once, without a deployment. Dokploy writes it to Traefik's configuration.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.notes.traefik
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.location
notes:
  - A redirect of an application without an enabled domain takes effect with its first domain. Dokploy alone would write
    a file that Traefik refuses, and Traefik would ignore every later change of a route on the server. So the module
    first writes V({}) to the file, and replaces such a file that was left behind, with a warning and as a change.
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the redirect, or updates it where it differs.
      - V(absent) removes the redirect.
    type: str
    choices:
      - present
      - absent
    default: present
  redirect_id:
    description:
      - ID of an existing redirect. Use it instead of O(regex), or with it to change it in place.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
      - One of O(regex) and O(redirect_id) is required.
    type: str
  # Written by hand.
  regex:
    description:
      - Regular expression in Go's syntax for the URL of a request, with scheme and host, 1 to 8192 characters, for
        example V(^https?://shop.example.com/(.*)).
      - It is compared as text, so another expression with the same meaning is another redirect.
    type: str
  replacement:
    description:
      - URL to redirect to, 1 to 8192 characters. V(${1}) is the match of the first group in O(regex). Required for a
        new redirect.
    type: str
  permanent:
    description:
      - Whether the redirect is permanent, so that browsers remember it. The default for a new redirect is V(false).
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_domain
  - name: RedirectRegex
    description: The documentation of Traefik's middleware.
    link: https://doc.traefik.io/traefik/middlewares/http/redirectregex/
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Redirect all requests to the host name with www
  community.dokploy.dokploy_redirect:
    project: shop
    environment: production
    application: web
    regex: ^https?://example.com/(.*)
    replacement: https://www.example.com/${1}
  register: to_www

- name: Make it permanent
  community.dokploy.dokploy_redirect:
    project: shop
    application: web
    regex: ^https?://example.com/(.*)
    permanent: true

- name: Change the expression in place
  community.dokploy.dokploy_redirect:
    project: shop
    application: web
    redirect_id: "{{ to_www.redirect.redirect_id }}"
    regex: ^https?://(?:shop[.])?example.com/(.*)

- name: Remove the redirect
  community.dokploy.dokploy_redirect:
    project: shop
    application: web
    regex: ^https?://(?:shop[.])?example.com/(.*)
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
redirect:
  description:
    - The redirect after the module ran, or as predicted in check mode. Its keys are the options. Null for
      O(state=absent).
  returned: success
  type: dict
  contains:
    redirect_id:
      description: ID of the redirect. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Qa1Ws2Ed3Rf4Tg5Yh6Uj7
    regex:
      description: See O(regex).
      returned: O(state=present)
      type: str
      sample: ^https?://shop.example.com/(.*)
    replacement:
      description: See O(replacement).
      returned: O(state=present)
      type: str
      sample: https://www.example.com/${1}
    permanent:
      description: See O(permanent).
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
      redirects:
        ^https?://shop.example.com/(.*):
          permanent: false
    after:
      redirects:
        ^https?://shop.example.com/(.*):
          permanent: true
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
    REDIRECT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

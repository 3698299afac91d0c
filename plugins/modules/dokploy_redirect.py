#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_redirect
short_description: Manage a redirect of an application of Dokploy
version_added: 0.1.0
description:
  - Makes Traefik answer requests whose address matches a regular expression with a redirect. It holds for all domains
    of the application.
  - A redirect is recognized by O(regex). Dokploy does not keep it unique. Two redirects of an application with the same
    expression are an error that lists their ids.
  - Traefik applies redirects in the order in which they were made.
  - The module manages one redirect and leaves its siblings alone.
    O(community.dokploy.dokploy_application#module:redirects) is the list of all of them instead, and removes those that
    it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new redirect gets what
    Dokploy takes of itself.
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
    M(community.dokploy.dokploy_domain), M(community.dokploy.dokploy_basic_auth), and the lists of
    M(community.dokploy.dokploy_application) make such changes one after the other, also with C(forks), as far as one
    user makes them on one controller. Several controllers, and somebody on the web page, are not kept from it.
  - A redirect of an application without an enabled domain takes effect with its first domain. Dokploy alone would
    leave a file that Traefik refuses, and Traefik would ignore every later change of a route on the server. So it
    puts V({}) into the file first, and replaces a file that was left behind like that, with a warning and as a change.
options:
  state:
    description:
      - V(present) makes sure that the redirect exists and is as stated.
      - V(absent) makes sure that there is no such redirect.
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
  redirect_id:
    description:
      - Id of an existing redirect, to be used instead of O(regex), or together with it to change it in place.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
      - One of O(regex) and O(redirect_id) is required.
    type: str
  regex:
    description:
      - Regular expression for the whole address, with scheme and host, in Go's syntax, 1 to 8192 characters, for
        example V(^https?://shop.example.com/(.*)).
      - Compared letter by letter, so an expression that means the same in other letters is another redirect.
    type: str
  replacement:
    description:
      - Address to redirect to, 1 to 8192 characters. V(${1}) stands for what the first pair of parentheses in O(regex)
        matched. Required for a new redirect.
    type: str
  permanent:
    description:
      - Whether the redirect is for good, which browsers remember. A new redirect gets V(false).
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_domain
  - name: RedirectRegex
    description: What Traefik does with it.
    link: https://doc.traefik.io/traefik/middlewares/http/redirectregex/
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Send everybody to the name with www
  community.dokploy.dokploy_redirect:
    project: shop
    environment: production
    application: web
    regex: ^https?://example.com/(.*)
    replacement: https://www.example.com/${1}
  register: to_www

- name: Make it permanent, now that it works
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
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
redirect:
  description:
    - The redirect as it is after the module ran, or as it would be in check mode. The keys are those of the options.
      Null for O(state=absent).
  returned: success
  type: dict
  contains:
    redirect_id:
      description: Id of the redirect. Null when check mode would create it.
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
  description:
    - What changed, or would change in check mode.
    - It holds the differing options only, below C(redirects) and the redirect's regular expression.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        redirects:
          ^https?://shop.example.com/(.*):
            permanent: false
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        redirects:
          ^https?://shop.example.com/(.*):
            permanent: true
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
    REDIRECT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

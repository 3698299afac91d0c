#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_basic_auth
short_description: Manage a basic-auth user of an application of Dokploy
version_added: 0.1.0
description:
  - Makes Traefik ask for a user and a password before it lets a request through to an application. It holds for all
    domains of the application, as long as there is at least one user.
  - A user is recognized by O(username), which Dokploy keeps unique within an application. Dokploy's API calls this
    security.
  - The module manages one user and leaves its siblings alone.
    O(community.dokploy.dokploy_application#module:basic_auth) is the list of all of them instead, and removes those
    that it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new user gets what Dokploy
    takes of itself.
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
    M(community.dokploy.dokploy_domain), M(community.dokploy.dokploy_redirect), and the lists of
    M(community.dokploy.dokploy_application) make such changes one after the other, also with C(forks), as far as one
    user makes them on one controller. Several controllers, and somebody on the web page, are not kept from it.
  - A user of an application without an enabled domain takes effect with its first domain. Dokploy alone would
    leave a file that Traefik refuses, and Traefik would ignore every later change of a route on the server. So it
    puts V({}) into the file first, and replaces a file that was left behind like that, with a warning and as a change.
options:
  state:
    description:
      - V(present) makes sure that the user exists and is as stated.
      - V(absent) makes sure that there is no such user. Without the last one Traefik lets everybody through.
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
  basic_auth_id:
    description:
      - Id of an existing user, to be used instead of O(username), or together with it to give the user another name.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
      - One of O(username) and O(basic_auth_id) is required.
    type: str
  username:
    description:
      - Name of the user, without blanks and colons, 1 to 255 characters. Case matters.
    type: str
  password:
    description:
      - Password of the user, 1 to 1024 characters. Required for a new user.
      - A secret. Dokploy returns it, so it is compared and written only when it differs.
    type: str
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_domain
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Let nobody but the editors in
  community.dokploy.dokploy_basic_auth:
    project: shop
    environment: production
    application: web
    username: editor
    password: "{{ vault_editor_password }}"
  register: editor

- name: Give the user another name, and keep the password
  community.dokploy.dokploy_basic_auth:
    project: shop
    application: web
    basic_auth_id: "{{ editor.basic_auth.basic_auth_id }}"
    username: chief-editor

- name: Let everybody in
  community.dokploy.dokploy_basic_auth:
    project: shop
    application: web
    username: chief-editor
    state: absent
"""

RETURN = r"""
application_id:
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
basic_auth:
  description:
    - The user as it is after the module ran, or as it would be in check mode. The keys are those of the options,
      without the password. Null for O(state=absent).
  returned: success
  type: dict
  contains:
    basic_auth_id:
      description: Id of the user. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: Mn1Bv2Cx3Zl4Kj5Hg6Fd7
    username:
      description: See O(username).
      returned: O(state=present)
      type: str
      sample: editor
diff:
  description:
    - What changed, or would change in check mode, with the password hidden.
    - It holds the differing options only, below C(basic_auth) and the user's name.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        basic_auth:
          editor:
            password: (hidden) old
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        basic_auth:
          editor:
            password: (hidden) new
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
    BASIC_AUTH_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

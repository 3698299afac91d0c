#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_basic_auth
short_description: Manage a basic-auth user of an application of Dokploy
version_added: 1.0.0
description:
  - Makes Traefik require a user and a password for the requests to an application. This applies to all domains of the
    application while it has at least one user.
  - A user is identified by O(username), which is unique within an application. Dokploy's API calls this security.
  - The module manages one user and does not change the others of the application.
    O(community.dokploy.dokploy_application#module:basic_auth) manages the whole list and removes the others. Use one of
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
  - A user of an application without an enabled domain takes effect with its first domain. Dokploy alone would write a
    file that Traefik refuses, and Traefik would ignore every later change of a route on the server. So the module first
    writes V({}) to the file, and replaces such a file that was left behind, with a warning and as a change.
options:
  state:
    description:
      - V(present) creates the user, or updates it where it differs.
      - V(absent) removes the user. Without any user, Traefik lets all requests through.
    type: str
    choices:
      - present
      - absent
    default: present
  basic_auth_id:
    description:
      - ID of an existing user. Use it instead of O(username), or with it to rename the user.
      - If it does not exist, O(state=present) fails and O(state=absent) changes nothing.
      - One of O(username) and O(basic_auth_id) is required.
    type: str
  username:
    description:
      - Name of the user, without whitespace and colons, 1 to 255 characters. Case is significant.
    type: str
  password:
    description:
      - Password of the user, 1 to 1024 characters. Required for a new user.
      - A secret. Dokploy returns it, so it is compared, and written only if it differs.
    type: str
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_domain
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Let only the editors in
  community.dokploy.dokploy_basic_auth:
    project: shop
    environment: production
    application: web
    username: editor
    password: "{{ vault_editor_password }}"
  register: editor

- name: Rename the user and keep the password
  community.dokploy.dokploy_basic_auth:
    project: shop
    application: web
    basic_auth_id: "{{ editor.basic_auth.basic_auth_id }}"
    username: chief-editor

- name: Remove the user
  community.dokploy.dokploy_basic_auth:
    project: shop
    application: web
    username: chief-editor
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
basic_auth:
  description:
    - The user after the module ran, or as predicted in check mode. Its keys are the options, without the password. Null
      for O(state=absent).
  returned: success
  type: dict
  contains:
    basic_auth_id:
      description: ID of the user. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Mn1Bv2Cx3Zl4Kj5Hg6Fd7
    username:
      description: See O(username).
      returned: O(state=present)
      type: str
      sample: editor
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      basic_auth:
        editor:
          password: (hidden) old
    after:
      basic_auth:
        editor:
          password: (hidden) new
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
    BASIC_AUTH_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_registry
short_description: Manage the login of Dokploy to an image registry
version_added: 1.0.0
description:
  - Creates, updates and removes a registry, which is the login to a server that applications push images to and pull
    images from. In the web interface it is listed under B(Registry).
  - Most tasks set O(name), O(url), O(username) and O(password).
  - 'A short example: C(community.dokploy.dokploy_registry: {name: github, url: ghcr.io, username: acme-bot, password:
    "{{ vault_registry_password }}"}).'
  - Dokploy shows the password to every API key that may read registries, so it is compared with what it stores. It is
    never returned, except by M(community.dokploy.dokploy_registry_info) on request.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.unstated
attributes:
  check_mode:
    support: full
    details:
      - Check mode does not log in, so it does not notice a wrong password.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Dokploy logs in to the registry on its own host with every creation and every update, whatever option it is that
    changes, and fails if the registry refuses the login. The module writes only when something differs.
  - Dokploy stores an update before it logs in. If it refuses one, the module reads the registry again, and says whether
    Dokploy has stored the change. Set O(test_connection=true) to test the login before anything is written.
  - Tokens of some registries expire, for example those of Amazon ECR after 12 hours. Run the task with a new token
    before that, for example by a scheduled job. It logs in again because the token differs.
options:
  # Written by make generate, but for what is described below.
  name:
    description:
      - Name of the registry, 1 to 255 characters. Case is significant.
      - One of O(name) and O(registry_id) is required.
    type: str
  registry_id:
    description:
      - ID of an existing registry. Use it instead of O(name), or with it to rename the registry.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the registry, or updates it where it differs.
      - V(absent) removes the registry, and Dokploy logs out of its address, also for other registries with the same
        address. Dokploy removes the registry from the applications that use it as well. If an application uses it, the
        module fails and lists it, unless O(force=true).
    type: str
    choices:
      - present
      - absent
    default: present
  url:
    description:
      - Host name of the registry, and its port if it is not the default one, for example V(ghcr.io) or
        V(registry.example.com:5000). It has no scheme and no path.
      - V("") is Docker Hub, which is also the default for a new registry.
    type: str
  username:
    description:
      - User to log in as, without blanks around it. Required for a new registry. For Amazon ECR it is V(AWS).
    type: str
  password:
    description:
      - Password or access token of the user. Required for a new registry. Treated as a secret.
    type: str
  image_prefix:
    description:
      - Part of the name of images that Dokploy pushes, between the address of the registry and the name of the
        application, for example an organization. V("") clears it. The default for a new registry is none, which stands
        for O(username).
    type: str
  test_connection:
    description:
      - Whether to log in with the options as they will be, before anything is written. If the registry refuses the
        login, the module fails with the reason, and nothing is written.
      - The test runs each time, also if nothing differs. It reads O(state=present) only.
    type: bool
    default: false
  force:
    description:
      - Whether O(state=absent) also removes a registry that applications use.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_registry_info
  - module: community.dokploy.dokploy_application
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Log in to a registry, and test the login before it is stored
  community.dokploy.dokploy_registry:
    name: github
    url: ghcr.io
    username: acme-bot
    password: "{{ vault_registry_password }}"
    image_prefix: acme
    test_connection: true

- name: Replace the password
  community.dokploy.dokploy_registry:
    name: github
    password: "{{ vault_registry_new_password }}"

- name: Remove the registry, unless an application uses it
  community.dokploy.dokploy_registry:
    name: github
    state: absent

- name: Renew the token of Amazon ECR, which expires after 12 hours
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Get a token
      ansible.builtin.command:
        cmd: aws ecr get-login-password --region eu-central-1
      register: ecr_token
      changed_when: false
      check_mode: false
      no_log: true

    - name: Log in with it
      community.dokploy.dokploy_registry:
        name: ecr
        url: 123456789012.dkr.ecr.eu-central-1.amazonaws.com
        username: AWS
        password: "{{ ecr_token.stdout }}"
"""

RETURN = r"""
registry:
  description:
    - The registry after the module ran, or as predicted in check mode. It never contains the password.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    registry_id:
      description: ID of the registry. V((generated\)) if check mode would create it.
      type: str
      sample: Xq3TnV7bKp0sLw9RyEj2M
    name:
      description: Name of the registry.
      type: str
      sample: github
    url:
      description: See O(url).
      returned: O(state=present)
      type: str
      sample: ghcr.io
    username:
      description: See O(username).
      returned: O(state=present)
      type: str
      sample: acme-bot
    image_prefix:
      description: See O(image_prefix).
      returned: O(state=present)
      type: str
      sample: acme
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      url: docker.example.com
    after:
      url: ghcr.io
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

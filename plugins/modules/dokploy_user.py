#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_user
short_description: Manage users of Dokploy with their roles and permissions
version_added: 1.0.0
description:
  - Manages the users of the organization of the API key, created with an email address and a password, their role,
    their permissions and the projects, environments and services that they can access.
  - Most tasks set O(email), O(password), O(role), O(permissions) and O(projects).
  - 'A short example: C(community.dokploy.dokploy_user: {email: lead@example.com, password: "{{ vault_user_password }}",
    role: member, projects: [shop]}).'
  - A user that has an account in another organization cannot be created again. Invite such a user in the web
    interface.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.unstated
options:
  state:
    description:
      - Whether the user exists. With a user, the API keys and Git providers of the user are removed. Projects, services
        and schedules stay.
    type: str
    choices:
      - present
      - absent
    default: present
  user_id:
    description:
      - ID of an existing user, instead of O(email).
    type: str
  email:
    description:
      - Email address of the user. Dokploy stores it in lower case, and cannot change it. One of O(user_id) and O(email)
        is required.
    type: str
  password:
    description:
      - Password of a new user, 8 to 1024 characters. Dokploy cannot change the password of an existing user, so it is
        not used then. It is secret.
    type: str
  role:
    description:
      - Role of the user, needed to create one. Dokploy accepts any text, and locks out a user with an unknown role.
        Custom roles need a licence of Dokploy's enterprise edition, and are not managed.
      - Needs Dokploy 0.26.0 or newer.
      - An administrator may do and see everything, so O(permissions) and the lists matter for members only.
    type: str
    choices:
      - admin
      - member
  permissions:
    description:
      - What a member may do. Each suboption is independent, and those that are not set are not managed. A new user may
        do nothing of it.
    type: dict
    suboptions:
      create_projects:
        description:
          - Whether the user may create projects.
        type: bool
      delete_projects:
        description:
          - Whether the user may delete projects.
        type: bool
      create_environments:
        description:
          - Whether the user may create environments.
        type: bool
      delete_environments:
        description:
          - Whether the user may delete environments.
        type: bool
      create_services:
        description:
          - Whether the user may create services.
        type: bool
      delete_services:
        description:
          - Whether the user may delete services.
        type: bool
      docker:
        description:
          - Whether the user may see and manage the containers of the host.
        type: bool
      traefik_files:
        description:
          - Whether the user may read and write the files of Traefik.
        type: bool
      api:
        description:
          - Whether the web interface shows the user the API keys and the description of the API. Dokploy accepts API
            keys of the user without it, too.
        type: bool
      ssh_keys:
        description:
          - Whether the user may see and manage SSH keys.
        type: bool
      git_providers:
        description:
          - Whether the user may see and manage Git providers.
        type: bool
  projects:
    description:
      - Names or IDs of all projects that a member may see, in any order. V([]) removes all. A project that does not
        exist is an error, as are environments and services.
      - A project alone shows neither its environments nor its services, so set O(environments) and O(services) as well.
    type: list
    elements: str
  environments:
    description:
      - Paths or IDs of all environments that a member may see, in any order, for example V(shop/staging). V([]) removes
        all.
    type: list
    elements: str
  services:
    description:
      - Paths or IDs of all applications, Compose stacks and databases that a member may see, in any order, for example
        V(shop/production/web), or V(shop//web) for the default environment. V([]) removes all.
      - If two services of an environment have the same name, state their IDs. A slash in a name has a backslash before
        it.
    type: list
    elements: str
  force:
    description:
      - Whether to remove a user that has Git providers. Applications lose them.
    type: bool
    default: false
notes:
  - The API key must belong to an owner or administrator. The owner of the organization is neither changed in role nor
    removed.
  - Creating a user needs Dokploy 0.29.0 or newer.
seealso:
  - module: community.dokploy.dokploy_user_info
  - module: community.dokploy.dokploy_organization
  - module: community.dokploy.dokploy_api_key
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create a member who may create projects
  community.dokploy.dokploy_user:
    email: lead@example.com
    password: "{{ vault_user_password }}"
    role: member
    permissions:
      create_projects: true

- name: Let the member create environments as well
  community.dokploy.dokploy_user:
    email: lead@example.com
    permissions:
      create_environments: true

- name: Create a member who sees and deploys only this application
  community.dokploy.dokploy_user:
    email: dev@example.com
    password: "{{ vault_user_password }}"
    role: member
    projects:
      - shop
    environments:
      - shop/production
    services:
      - shop/production/web

- name: Remove the member
  community.dokploy.dokploy_user:
    email: dev@example.com
    state: absent
"""

RETURN = r"""
user:
  description: The user, null if it did not exist. Of a removed one only the ID and the email address are returned.
  returned: success
  type: dict
  contains:
    user_id:
      description: ID of the user, V((generated\)) if check mode would create it.
      type: str
      sample: wLb_zB-QrcveVtMpcmige
    email:
      description: Email address of the user.
      type: str
      sample: dev@example.com
    first_name:
      description: First name of the user.
      type: str
      sample: ''
    last_name:
      description: Last name of the user.
      type: str
      sample: ''
    role:
      description: Role of the user.
      type: str
      sample: member
    permissions:
      description: What a member may do. See O(permissions).
      type: dict
      sample:
        create_projects: false
        delete_projects: false
        create_environments: false
        delete_environments: false
        create_services: false
        delete_services: false
        docker: false
        traefik_files: false
        api: false
        ssh_keys: false
        git_providers: false
    projects:
      description: IDs of the projects that a member may see. The diff shows their names.
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - fPQG5t8zUbvJh1Z0T4fR_
    environments:
      description: IDs of the environments that a member may see. The diff shows their paths.
      type: list
      elements: str
      sample:
        - uGTCXJl3CQdAHQs_razNx
    services:
      description: IDs of the services that a member may see. The diff shows their paths.
      type: list
      elements: str
      sample:
        - fytClkpfksi8Fbee0L53I
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      role: member
    after:
      role: admin
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.user import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

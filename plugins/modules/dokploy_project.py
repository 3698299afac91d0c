#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_project
short_description: Manage projects of Dokploy with their variables and tags
version_added: 1.0.0
description:
  - Creates, updates and removes projects. A project contains environments, and these contain applications, databases
    and Compose stacks.
  - Most tasks set O(name) and O(env).
  - 'A short example: C(community.dokploy.dokploy_project: {name: shop, env: {CURRENCY: EUR}}).'
  - Dokploy creates an environment named V(production) in every new project, which is its default environment.
  - 'An option that is not set is not managed: it is neither compared nor changed. An empty value clears the setting. A
    value is written only if it differs.'
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.variables
  - community.dokploy.unstated
options:
  # Written by make generate, but for what is described below.
  project_id:
    description:
      - ID of an existing project. Use it instead of O(name), or with it to rename the project.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the project, or updates it where it differs.
      - V(absent) removes the project. Its services are stopped and deleted first, and only with O(force=true).
        Dokploy's own removal of a project does not stop their containers.
      - The removal of a project requires the API key of an owner or administrator. With the key of another user,
        services that this user cannot access are not visible, and Dokploy would delete their records without stopping
        their containers.
    type: str
    choices:
      - present
      - absent
    default: present
  name:
    description:
      - Name of the project, 1 to 255 characters. Case is significant.
      - Dokploy does not enforce unique names. If several projects have this name, the module fails and lists their IDs.
        Select one with O(project_id).
      - With O(project_id), the new name.
      - One of O(name) and O(project_id) is required.
    type: str
  tags:
    description:
      - All tags of the project, by their names or IDs, in any order. M(community.dokploy.dokploy_tag) creates them.
        V([]) removes all tags.
      - Needs Dokploy 0.29.0 or newer.
    type: list
    elements: str
  env:
    description:
      - Variables that the applications of the project can refer to in their own variables. Containers do not get them
        by themselves.
      - An application refers to such a variable with V(${{project.NAME}}).
      - A mapping of names to values, or text in the format of a C(.env) file. The text is stored unchanged, with its
        comments. Values of a mapping are quoted where necessary. V(true) and V(false) become text.
      - A mapping changes the text on the server in place. Comments, blank lines and the lines of variables that do not
        change stay.
      - The values that Dokploy parses are compared. Order, comments and quotes are not significant.
      - V({}) or V("") clears all. In a mapping, null removes the variable.
      - Running containers get changed values with the next deployment of their applications.
      - A secret. See R(the guide to environment text, ansible_collections.community.dokploy.docsite.environment_text).
    type: raw
  force:
    description:
      - Whether O(state=absent) may delete the services of the project. Otherwise, a project with services is
        not removed.
      - Docker volumes and their data are kept. Everything else that Dokploy stores of a service is deleted.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for which O(state=absent) waits for a running build of each application to end. If an application were
        deleted during a build, its service would remain.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_project_info
  - module: community.dokploy.dokploy_environment
  - module: community.dokploy.dokploy_application
  - name: Documentation of Dokploy
    description: The documentation of projects, environments and their variables.
    link: https://docs.dokploy.com
"""

EXAMPLES = r"""
- name: Create a project
  community.dokploy.dokploy_project:
    dokploy_url: "{{ dokploy_url }}"
    dokploy_api_key: "{{ vault_dokploy_api_key }}"
    name: shop
    description: The web shop and what belongs to it

# The other examples take the connection options from environment variables or from module_defaults.

- name: Set all variables that the applications of the project share
  community.dokploy.dokploy_project:
    name: shop
    env:
      MAIL: help@example.com
      MAIL_PASSWORD: "{{ vault_mail_password }}"

- name: Set one variable, remove another one, and do not change the others
  community.dokploy.dokploy_project:
    name: shop
    env_mode: merge
    env:
      MAIL: support@example.com
      FAX_NUMBER: null

- name: Rename a project
  community.dokploy.dokploy_project:
    project_id: "{{ blog_project_id }}"
    name: magazine

- name: Remove a project with everything in it
  community.dokploy.dokploy_project:
    name: old shop
    state: absent
    force: true
"""

RETURN = r"""
project:
  description:
    - The project after the module ran, or as predicted in check mode.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    project_id:
      description: ID of the project. V((generated\)) if check mode would create it.
      type: str
      sample: 8OYmGSp4Gg3lRPDmVxk2s
    name:
      description: Name of the project.
      type: str
      sample: shop
    description:
      description: Description of the application, V("") if there is none.
      returned: O(state=present)
      type: str
      sample: The web shop and what belongs to it
    tags:
      description: See O(tags). The IDs if the option is not set.
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - production
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    organization_id:
      description: ID of the organization it belongs to. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: q3kLr0Vd7yTnWzXcBvMsA
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      description: ''
    after:
      description: The web shop and its services
services:
  description: The services in the project, each with its type and name.
  returned: when O(state=absent) was refused because of them
  type: list
  elements: str
  sample:
    - application web
    - postgres database
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

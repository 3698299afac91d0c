#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_project_info
short_description: List projects of Dokploy
version_added: 1.0.0
description:
  - Lists projects with their environments and services. Without O(name) and O(project_id), it lists all projects that
    the API key can access.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
  # Written by make generate, but for what is described below.
  project_id:
    description:
      - Only the project with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the variables. They are then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_project
  - module: community.dokploy.dokploy_environment_info
  - module: community.dokploy.dokploy_application_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all projects
  community.dokploy.dokploy_project_info:
  register: all_projects

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ all_projects.projects | map(attribute='name') }}"

- name: Show one project, including its variables
  community.dokploy.dokploy_project_info:
    name: shop
    include_secrets: true
  no_log: true
  register: shop

- name: Use a variable
  ansible.builtin.debug:
    msg: "Mail goes to {{ shop.projects[0].env.MAIL }}"
"""

RETURN = r"""
projects:
  description: The projects, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    project_id:
      description: ID of the project.
      type: str
      sample: 8OYmGSp4Gg3lRPDmVxk2s
    name:
      description: Name of the project.
      type: str
      sample: shop
    description:
      description: Description of the application, V("") if there is none.
      type: str
      sample: The web shop and what belongs to it
    env:
      description: Its variables, by name, as Dokploy parses them.
      returned: O(include_secrets=true)
      type: dict
      sample:
        MAIL: help@example.com
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    organization_id:
      description: ID of the organization it belongs to.
      type: str
      sample: q3kLr0Vd7yTnWzXcBvMsA
    environments:
      description: Its environments.
      type: list
      elements: dict
      contains:
        environment_id:
          description: ID of the environment.
          type: str
          sample: Vb2n6Wk0sXq9RtYu4Lm7c
        name:
          description: Name of the environment.
          type: str
          sample: production
        is_default:
          description: Whether it is the default environment. Always V(false) with Dokploy before 0.26.1.
          type: bool
          sample: true
        path:
          description: Its path, as other modules and plugins take and show it.
          type: str
          sample: shop/production
        services:
          description: The applications, Compose stacks and databases in it.
          type: list
          elements: dict
          contains:
            type:
              description:
                - V(application), V(compose), V(postgres), V(mysql), V(mariadb), V(mongo), V(redis) or V(libsql).
              type: str
              sample: application
            id:
              description: ID of the service.
              type: str
              sample: kX3vQ9mT2bWcZ7rLdPfYs
            name:
              description: Name of the service.
              type: str
              sample: web
            path:
              description: Its path, as other modules and plugins take and show it. Null if a name is not known.
              type: str
              sample: shop/production/web
    tags:
      description: See O(community.dokploy.dokploy_project#module:tags). The IDs.
      type: list
      elements: str
      sample:
        - Rb4kWfVPC8e19CW3EUcXx
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

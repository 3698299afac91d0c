#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_environment_info
short_description: List environments of Dokploy projects
version_added: 1.0.0
description:
  - Lists environments with their services. Without O(project), O(name) and O(environment_id), it lists all environments
    that the API key can access.
  - If nothing matches, the list is empty, without an error. A O(project) that does not exist is an error.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
  # Written by make generate, but for what is described below.
  environment_id:
    description:
      - Only the environment with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the variables. They are then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
  # Written by hand.
  project:
    description:
      - Only environments of this project, by its name or ID. If several projects have this name, the module fails and
        lists their IDs.
    type: str
seealso:
  - module: community.dokploy.dokploy_environment
  - module: community.dokploy.dokploy_project_info
  - module: community.dokploy.dokploy_application_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the environments of a project
  community.dokploy.dokploy_environment_info:
    project: shop
  register: environments

- name: Show their services
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.services | map(attribute='name') | join(', ') }}"
  loop: "{{ environments.environments }}"
  loop_control:
    label: "{{ item.name }}"

- name: Show one of them, including its variables
  community.dokploy.dokploy_environment_info:
    project: shop
    name: staging
    include_secrets: true
  no_log: true
  register: staging
"""

RETURN = r"""
environments:
  description: The environments, sorted by project and name.
  returned: success
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
      sample: staging
    description:
      description: Description of the application, V("") if there is none.
      type: str
      sample: What comes next
    env:
      description: Its variables, by name, as Dokploy parses them.
      returned: O(include_secrets=true)
      type: dict
      sample:
        LOG_LEVEL: debug
    project:
      description: Name of its project.
      type: str
      sample: shop
    project_id:
      description: ID of its project.
      type: str
      sample: 8OYmGSp4Gg3lRPDmVxk2s
    is_default:
      description: Whether it is the default environment of its project. Null with Dokploy before 0.26.1.
      type: bool
      sample: false
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_INFO_OPERATION as INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_environment
short_description: Manage environments of a Dokploy project with their variables
version_added: 1.0.0
description:
  - Creates, updates and removes environments. An environment contains the applications, databases and Compose stacks
    of a project for one purpose, such as staging.
  - Most tasks set O(project), O(name) and O(env).
  - 'A short example: C(community.dokploy.dokploy_environment: {project: shop, name: staging, env: {TIER: staging}}).'
  - Every project has a default environment, named V(production), which is created and removed with the project. You can
    set its description and variables, but not its name.
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
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Required unless O(environment_id) is set. With O(environment_id), the project to move the environment to.
    type: str
  environment_id:
    description:
      - ID of an existing environment. Use it instead of O(project) and O(name), or with them to move or rename it.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the environment, or updates it where it differs.
      - V(absent) removes the environment. Its services are stopped and deleted first, and only with O(force=true). The
        default environment cannot be removed.
    type: str
    choices:
      - present
      - absent
    default: present
  name:
    description:
      - Name of the environment, 1 to 255 characters. Case is significant.
      - Dokploy does not enforce unique names. If several environments in the project have this name, the module fails
        and lists their IDs. Select one with O(environment_id).
      - With O(environment_id), the new name. The default environment cannot be renamed.
      - One of O(name) and O(environment_id) is required.
    type: str
  env:
    description:
      - Variables that the applications of the environment can refer to in their own variables. Containers do not get
        them by themselves.
      - An application refers to such a variable with V(${{environment.NAME}}).
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
      - Whether O(state=absent) may delete the services of the environment. Otherwise, an environment with
        services is not removed.
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
  - module: community.dokploy.dokploy_environment_info
  - module: community.dokploy.dokploy_project
  - module: community.dokploy.dokploy_application
  - name: Documentation of Dokploy
    description: The documentation of projects, environments and their variables.
    link: https://docs.dokploy.com
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create an environment
  community.dokploy.dokploy_environment:
    project: shop
    name: staging
    description: For tests before a release

- name: Set all variables that applications of the environment can refer to
  community.dokploy.dokploy_environment:
    project: shop
    name: staging
    env:
      LOG_LEVEL: debug
      PAYMENT_KEY: "{{ vault_payment_test_key }}"

- name: Set a variable of the default environment without changing others
  community.dokploy.dokploy_environment:
    project: shop
    name: production
    env_mode: merge
    env:
      LOG_LEVEL: warning

- name: Change a variable, and deploy in a handler the application that refers to it
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Change the log level
      community.dokploy.dokploy_environment:
        project: shop
        name: production
        env_mode: merge
        env:
          LOG_LEVEL: info
      notify: Deploy web if it refers to a variable that has changed
  handlers:
    - name: Deploy web if it refers to a variable that has changed
      community.dokploy.dokploy_deployment:
        project: shop
        environment: production
        application: web

- name: Rename an environment
  community.dokploy.dokploy_environment:
    environment_id: "{{ preview_environment_id }}"
    name: review

- name: Remove an environment that is empty
  community.dokploy.dokploy_environment:
    project: shop
    name: sandbox
    state: absent
"""

RETURN = r"""
environment:
  description:
    - The environment after the module ran, or as predicted in check mode.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    environment_id:
      description: ID of the environment. V((generated\)) if check mode would create it.
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    name:
      description: Name of the environment.
      type: str
      sample: staging
    description:
      description: Description of the application, V("") if there is none.
      returned: O(state=present)
      type: str
      sample: What comes next
    project_id:
      description: ID of its project. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: 8OYmGSp4Gg3lRPDmVxk2s
    is_default:
      description:
        - Whether it is the default environment of its project. Null if check mode would create it, and always with
          Dokploy before 0.26.1.
      returned: O(state=present)
      type: bool
      sample: false
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      description: ''
    after:
      description: The next release
services:
  description: The services in the environment, each with its type and name.
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_project
short_description: Manage projects of Dokploy
version_added: 0.1.0
description:
  - Creates, updates and removes projects. A project holds environments, and these hold applications, databases and
    Docker Compose stacks.
  - Dokploy gives every new project an environment named V(production), which stays its default environment.
  - An option that is not stated is not managed. It is neither compared nor changed. An empty value clears, a value is
    written when it differs.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  state:
    description:
      - V(present) makes sure that the project exists and is as stated.
      - V(absent) makes sure that there is no such project. Its services are stopped and deleted first, and only when
        O(force=true). Dokploy's own removal of a project would leave their containers running.
      - Removing a project needs the API key of an owner or administrator. The key of another user does not show
        services that this user may not access, and Dokploy would delete their records and leave their containers
        running.
    type: str
    choices:
      - present
      - absent
    default: present
  name:
    description:
      - Name of the project, 1 to 255 characters. Case matters.
      - Dokploy does not keep names unique. Two projects of this name are an error that lists their ids, and
        O(project_id) then says which one is meant.
      - Together with O(project_id) it is the new name.
      - One of O(name) and O(project_id) is required.
    type: str
  project_id:
    description:
      - Id of an existing project, to be used instead of O(name), or together with it to rename the project.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
    type: str
  description:
    description:
      - Text that the web page shows below the name. V("") clears it.
    type: str
  env:
    description:
      - Variables that the project's applications can use in their own ones. No container gets them by themselves.
      - An application refers to such a variable with V(${{project.NAME}}).
      - A mapping of names to values, or environment text in the form of a C(.env) file. The text is stored as it is,
        with its comments. A value of a mapping is quoted where it has to be. V(true) and V(false) become these words.
      - Compared by what Dokploy reads out of it. Order, comments and quotes make no difference.
      - V({}) or V("") clears it. Null as a value of a mapping means that there is no such variable.
      - Running containers get changed values with the next deployment of their applications.
      - A secret. See R(the guide to environment text, ansible_collections.community.dokploy.docsite.environment_text).
    type: raw
  env_mode:
    description:
      - V(replace) makes O(env) all the variables there are.
      - V(merge) sets the variables in O(env), removes those whose value is null, and leaves all other lines as they
        are. In this mode an empty O(env) changes nothing.
    type: str
    choices:
      - replace
      - merge
    default: replace
  force:
    description:
      - Whether O(state=absent) may stop and delete what is still in the project. Without it, a project with services is
        refused.
      - Docker volumes are kept, and so is the data in them. Everything else that Dokploy stores of a service is
        deleted.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for which O(state=absent) waits for a running build of each application to end. Deleting an application
        while it is built would leave a running service that belongs to nothing.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_project_info
  - module: community.dokploy.dokploy_environment
  - module: community.dokploy.dokploy_application
  - name: Documentation of Dokploy
    description: What projects, environments and their variables are for.
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

- name: Set one of them, remove another one, and leave the rest alone
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

- name: Remove a project together with all that is in it
  community.dokploy.dokploy_project:
    name: old shop
    state: absent
    force: true
"""

RETURN = r"""
project:
  description:
    - The project as it is after the module ran, or as it would be in check mode.
    - For O(state=absent) only its id and its name, and null when there was none.
  returned: success
  type: dict
  contains:
    project_id:
      description: Id of the project. Null when check mode would create it.
      returned: success
      type: str
      sample: 8OYmGSp4Gg3lRPDmVxk2s
    name:
      description: Name of the project.
      returned: success
      type: str
      sample: shop
    description:
      description: Its description, V("") when there is none.
      returned: O(state=present)
      type: str
      sample: The web shop and what belongs to it
    created_at:
      description: When it was created, in UTC. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    organization_id:
      description: Id of the organization it belongs to. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: q3kLr0Vd7yTnWzXcBvMsA
diff:
  description:
    - What changed, or would change in check mode, with the values of secrets hidden.
    - It holds the differing options only, and a key C(state) when the whole was created or removed.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        description: ''
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        description: The web shop and what belongs to it
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
services:
  description: What is still in the project. Type and name of each service.
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

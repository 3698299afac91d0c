#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_api
short_description: Call any procedure of Dokploy's API
version_added: 1.0.0
description:
  - Calls one procedure of the API by its name, for resources that have no module. A query reads and a mutation writes.
  - The API document of the server, at C(/swagger) of its web interface, lists the procedures and their parameters.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: partial
    details:
      - Queries are sent. Mutations are not sent and are always reported as changed, since their effect is unknown.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - Queries never report a change. Mutations always do, and are sent each time.
options:
  procedure:
    description:
      - Name of the procedure, for example V(application.one) or V(domain.create).
    type: str
    required: true
  input:
    description:
      - The parameters of the procedure, with the names and types of the API. Numbers, booleans and null must have these
        types.
      - For a query, all values must be text, numbers or booleans.
      - The whole value is a secret and is not shown in the arguments of the task.
      - A template that is only a part of a value can convert a number to text. V({{ port }}) alone keeps its type.
    type: dict
    default: {}
  method:
    description:
      - Whether the procedure is a query or a mutation.
      - V(auto) decides by the name. If it is wrong, the server does not find the procedure, the task fails, and nothing
        is written.
    type: str
    choices:
      - auto
      - query
      - mutation
    default: auto
  timeout:
    description:
      - Seconds to wait for the answer, for procedures that take long. The default is O(request_timeout).
    type: float
  include_secrets:
    description:
      - Whether to return the values of keys whose names denote secrets, such as C(env), C(password), C(token),
        C(privateKey) or C(refreshToken). Otherwise each of them is V((hidden\)).
      - Secrets under other names are always returned. Use C(no_log) where that matters.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_application
  - name: Dokploy's API
    description: How to get an API key, and where a server shows its API document.
    link: https://docs.dokploy.com/docs/api
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Ask for the version of the server
  community.dokploy.dokploy_api:
    procedure: settings.getDokployVersion
  register: version

- name: Show it
  ansible.builtin.debug:
    msg: "This is Dokploy {{ version.response }}"

- name: Read a record with all its columns
  community.dokploy.dokploy_api:
    procedure: application.one
    input:
      applicationId: "{{ web_application_id }}"

- name: Copy an environment, without its services
  community.dokploy.dokploy_api:
    procedure: environment.duplicate
    input:
      environmentId: "{{ preview_environment_id }}"
      name: copy
    timeout: 120
"""

RETURN = r"""
method:
  description: How the procedure was called, V(query) or V(mutation).
  returned: success
  type: str
  sample: query
response:
  description:
    - The answer of the server, in the terms of the API. Null if the answer is empty, as for many mutations, and for
      mutations in check mode.
    - Values of keys whose names denote secrets are V((hidden\)) unless O(include_secrets=true).
  returned: success
  type: raw
  sample:
    applicationId: kX3vQ9mT2bWcZ7rLdPfYs
    name: web
    env: (hidden)
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.api import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

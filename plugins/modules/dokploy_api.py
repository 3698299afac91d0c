#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_api
short_description: Call any procedure of Dokploy's API
version_added: 0.1.0
description:
  - Calls one procedure of the API by its name, for what has no module of its own yet. A query reads and a mutation
    writes.
  - The server's API document, at C(/swagger) of its web page, lists the procedures and what they take.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: partial
    details:
      - Queries are sent. Mutations are not sent, and always reported as changed, since what they would do is not known.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - Queries never report a change. Mutations always do, and are sent each time.
options:
  procedure:
    description:
      - Name of the procedure, as V(application.one) or V(domain.create).
    type: str
    required: true
  input:
    description:
      - What the procedure takes, with the names and types of the API. Numbers, booleans and null have to be such.
      - For a query all values are texts, numbers or booleans.
      - A secret as a whole, and not shown in the task's arguments.
      - A template that is not the whole value can make a text of a number. V({{ port }}) alone keeps its type.
    type: dict
    default: {}
  method:
    description:
      - Whether the procedure is a query or a mutation.
      - V(auto) judges by its name. A wrong guess is harmless. The server does not know the procedure in that form, the
        task fails, and nothing is written.
    type: str
    choices:
      - auto
      - query
      - mutation
    default: auto
  timeout:
    description:
      - Seconds to wait for the answer, for procedures that take long. Without it, O(request_timeout) counts.
    type: float
  include_secrets:
    description:
      - Whether to return the values that the server's answer has under names that stand for secrets, such as C(env),
        C(password), C(token), C(privateKey) or C(refreshToken). Otherwise each of them is V((hidden\)).
      - Names that are not known for secrets are returned in any case. Use C(no_log) where that matters.
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

- name: Read a row with everything the server says about it
  community.dokploy.dokploy_api:
    procedure: application.one
    input:
      applicationId: "{{ web_application_id }}"

- name: Publish a port of an application
  community.dokploy.dokploy_api:
    procedure: port.create
    input:
      applicationId: "{{ web_application_id }}"
      publishedPort: 8443
      targetPort: 443
      protocol: tcp
      publishMode: ingress

- name: Stop an application, which takes Dokploy a while
  community.dokploy.dokploy_api:
    procedure: application.stop
    input:
      applicationId: "{{ web_application_id }}"
    timeout: 120
"""

RETURN = r"""
method:
  description: What the procedure was called as, V(query) or V(mutation).
  returned: success
  type: str
  sample: query
response:
  description:
    - The server's answer as it is, in the API's words. Many mutations answer nothing, which is null, and so it is for
      mutations in check mode.
    - Values under names that stand for secrets are V((hidden\)) unless O(include_secrets=true).
  returned: success
  type: raw
  sample:
    applicationId: kX3vQ9mT2bWcZ7rLdPfYs
    name: web
    env: (hidden)
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.api import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

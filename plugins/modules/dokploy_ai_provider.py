#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_ai_provider
short_description: Manage an AI provider of Dokploy
version_added: 1.0.0
description:
  - Creates, updates and removes an AI provider, which is a service with a model that explains logs and suggests Compose
    stacks.
  - Dokploy shows the API key to administrators, so it is compared with what it stores. It is never returned, except by
    M(community.dokploy.dokploy_ai_provider_info) on request.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.unstated
attributes:
  check_mode:
    support: full
    details:
      - The connection is not tested in check mode.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the AI provider, or updates it where it differs.
      - V(absent) removes the AI provider.
    type: str
    choices:
      - present
      - absent
    default: present
  name:
    description:
      - Name of the AI provider, 1 to 255 characters. Case is significant.
      - One of O(name) and O(ai_provider_id) is required.
    type: str
  ai_provider_id:
    description:
      - ID of an existing AI provider. Use it instead of O(name), or with it to rename the AI provider.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  url:
    description:
      - Address of its API, beginning with C(http://) or C(https://), for example V(https://api.openai.com/v1). Required
        for a new one.
      - An organization can limit the addresses. Dokploy refuses others.
    type: str
  api_key:
    description:
      - API key. Treated as a secret. V("") clears it. The default for a new provider is none.
    type: str
  model:
    description:
      - Name of the model, 1 to 255 characters. Required for a new one.
    type: str
  enabled:
    description:
      - Whether Dokploy offers it. The default for a new provider is V(true).
    type: bool
  test_connection:
    description:
      - Whether to let the model answer a short question, before anything is written. If it does not, the module fails
        with the reason, and nothing is written. The service may charge for it.
      - The test runs each time, also if nothing differs, and takes several seconds. It reads O(state=present) only, and
        needs Dokploy 0.29.0 or newer.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_ai_provider_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Add a model, and test that it answers
  community.dokploy.dokploy_ai_provider:
    name: main
    url: https://api.openai.com/v1
    api_key: "{{ vault_ai_key }}"
    model: gpt-5-mini
    test_connection: true

- name: Disable it
  community.dokploy.dokploy_ai_provider:
    name: main
    enabled: false

- name: Remove it
  community.dokploy.dokploy_ai_provider:
    name: main
    state: absent
"""

RETURN = r"""
ai_provider:
  description:
    - The provider after the module ran, or as predicted in check mode. It never contains secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    ai_provider_id:
      description: ID of the ai provider. V((generated\)) if check mode would create it.
      type: str
      sample: i-fcFeuwaZ47OT0TdZo7i
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    name:
      description: Name of the provider.
      type: str
      sample: main
    url:
      description: See O(url).
      returned: O(state=present)
      type: str
      sample: https://api.openai.com/v1
    model:
      description: See O(model).
      returned: O(state=present)
      type: str
      sample: gpt-5-mini
    enabled:
      description: See O(enabled).
      returned: O(state=present)
      type: bool
      sample: true
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
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      enabled: true
    after:
      enabled: false
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ai_provider import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

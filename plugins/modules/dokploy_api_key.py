#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_api_key
short_description: Manage API keys of Dokploy
version_added: 1.0.0
description:
  - Creates and removes API keys of the user whose API key the module uses. Keys of other users cannot be seen.
  - Most tasks set O(name), and O(api_key_file) or O(include_secrets).
  - 'A short example: C(community.dokploy.dokploy_api_key: {name: pipeline, api_key_file:
    /etc/dokploy/pipeline_api_key}).'
  - A key is created with an explicit rate limit policy. Without O(rate_limit) it is not limited, while Dokploy's own
    default is ten checks a day, which are five requests.
  - Dokploy shows a key only when it creates it, and cannot change a key. The module never creates a key again by
    itself. With O(replace=true), it creates a new one where the existing one differs from the options, and deletes the
    old one.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.administrator
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  state:
    description:
      - Whether the key exists. The key that the module itself uses is not removed.
    type: str
    choices:
      - present
      - absent
    default: present
  api_key_id:
    description:
      - ID of an existing key, of any organization. One of O(api_key_id) and O(name) is required. With O(replace=true),
        O(name) then renames the key.
    type: str
  name:
    description:
      - Name of the key, 1 to 32 characters. Dokploy allows several keys of one name, and the module refuses to choose.
    type: str
  organization:
    description:
      - Name or ID of the organization that the key is for. M(community.dokploy.dokploy_organization) creates them.
      - The default is that of the API key that the module uses. A key of the same name in another organization is
        another key. If it is not set, O(state=absent) leaves that one, and a warning names the organization.
    type: str
  prefix:
    description:
      - Beginning of the value of the key, of letters, digits, C(_) and C(-). V("") is none.
    type: str
  expires_in_days:
    description:
      - Days after which a new key expires, 1 to 365. By default it does not expire. It is not compared with an existing
        key.
    type: int
  rate_limit:
    description:
      - Number of checks within O(rate_limit_window), 1 to 2147483647. A request is checked twice, unless it is one of a
        batch.
    type: int
  rate_limit_window:
    description:
      - Seconds for O(rate_limit), 1 to 2147483.
    type: int
  remaining:
    description:
      - Number of checks after which a new key is used up, 1 to 2147483647. It is not compared with an existing key,
        since it becomes less.
    type: int
  refill_amount:
    description:
      - Number to which O(remaining) is set again after each O(refill_interval), 1 to 2147483647.
    type: int
  refill_interval:
    description:
      - Seconds for O(refill_amount), 1 to 2147483.
    type: int
  replace:
    description:
      - Whether to create a key again if it is not as stated, or if O(api_key_file) does not hold its value. The new key
        keeps limits that are not stated, but for O(remaining) and O(expires_in_days), which must be stated if the key
        has them. Without O(api_key_file), but with O(include_secrets=true), the key is created again in each run.
      - If the connection breaks before Dokploy answers, both keys may exist. The next run then names their IDs. Remove
        the one that you do not use with O(api_key_id).
    type: bool
    default: false
  api_key_file:
    description:
      - File for the value of the key, on the host that runs the module. Only its owner may read it (mode C(0600)),
        which is also corrected for an existing file. Its folder must exist.
      - One of O(api_key_file) and O(include_secrets=true) is needed to create a key.
    type: path
  include_secrets:
    description:
      - Whether to also return RV(api_key.key). It is then visible in the result of the task, so use C(no_log). A
        registered result can be used all the same.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_api_key_info
  - module: community.dokploy.dokploy_bootstrap
  - module: community.dokploy.dokploy_user
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create a key for a pipeline, and keep it in a file
  community.dokploy.dokploy_api_key:
    name: pipeline
    api_key_file: "{{ playbook_dir }}/pipeline_api_key"

- name: Create a limited key that expires
  community.dokploy.dokploy_api_key:
    name: reports
    expires_in_days: 30
    rate_limit: 100
    rate_limit_window: 60
    include_secrets: true
  no_log: true
  register: reports

- name: Remove a key
  community.dokploy.dokploy_api_key:
    name: reports
    state: absent
"""

RETURN = r"""
api_key:
  description: The key, null if it did not exist. Of a removed one only the ID and the name are returned.
  returned: success
  type: dict
  contains:
    api_key_id:
      description: ID of the key, V((generated\)) if check mode would create it.
      type: str
      sample: npDUPHDh7vmblnJBwZo1gloxiZ21dHiq
    name:
      description: Name of the key.
      type: str
      sample: pipeline
    prefix:
      description: Beginning of its value, null without one.
      type: str
      sample: ci_
    organization:
      description: See O(organization). The ID if the option is not set.
      returned: O(state=present)
      type: str
      sample: Acme
    organization_id:
      description: ID of the organization that it is for.
      type: str
      sample: 1CksJdNMCHsJ6rbtiEgyC
    enabled:
      description: Whether it is accepted.
      type: bool
      sample: true
    expires_at:
      description: When it expires, null if it does not.
      type: str
      sample: '2026-12-25T15:54:16.996Z'
    created_at:
      description: When it was created.
      type: str
      sample: '2026-11-25T15:54:16.996Z'
    rate_limit:
      description: Number of checks within the window, null if it is not limited.
      type: int
      sample: 100
    rate_limit_window:
      description: Seconds of the window, null if it is not limited.
      type: int
      sample: 60
    remaining:
      description: Number of checks that are left, null without such a limit.
      type: int
      sample: 50
    refill_amount:
      description: Number to which the rest is set again, null if it is not.
      type: int
      sample: 50
    refill_interval:
      description: Seconds after which the rest is set again, null if it is not.
      type: int
      sample: 3600
    key:
      description: The value of the key, V((generated\)) if check mode would create it. Null if it was not created in
        this run.
      returned: O(include_secrets=true)
      type: str
      sample: kTjQvCmGdeAWxLHnPzYbURsEfaoJiDNuMqXtVwOgKcFhSlBZyrpI
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      state: absent
    after:
      state: present
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.api_key import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

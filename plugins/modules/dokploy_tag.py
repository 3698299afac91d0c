#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_tag
short_description: Manage a tag of Dokploy for projects
version_added: 1.0.0
description:
  - Creates, updates and removes a tag, which is a label of projects. In the web interface it is listed under B(Tags).
  - The tags of a project are set with the option O(community.dokploy.dokploy_project#module:tags) of
    M(community.dokploy.dokploy_project).
  - A tag is identified by O(name). Dokploy enforces that it is unique in an organization.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - For this module, Dokploy 0.29.0 or newer.
options:
  state:
    description:
      - V(present) creates the tag, or updates it where it differs.
      - V(absent) removes the tag, also from all projects that have it.
    type: str
    choices:
      - present
      - absent
    default: present
  name:
    description:
      - Name of the tag, 1 to 255 characters. Case is significant.
      - One of O(name) and O(tag_id) is required.
    type: str
  tag_id:
    description:
      - ID of an existing tag. Use it instead of O(name), or with it to rename the tag.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  color:
    description:
      - Color of the tag as C(#) and six hexadecimal digits, for example V(#22c55e). The web interface appends the
        transparency, so that it cannot show other forms. V("") clears it. The default for a new tag is none.
    type: str
seealso:
  - module: community.dokploy.dokploy_tag_info
  - module: community.dokploy.dokploy_project
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create a tag
  community.dokploy.dokploy_tag:
    name: production
    color: "#22c55e"

- name: Give it to a project, as its only one
  community.dokploy.dokploy_project:
    name: shop
    tags:
      - production

- name: Remove the tag from all projects
  community.dokploy.dokploy_tag:
    name: production
    state: absent
"""

RETURN = r"""
tag:
  description:
    - The tag after the module ran, or as predicted in check mode.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the tag.
      type: str
      sample: production
    color:
      description: See O(color).
      returned: O(state=present)
      type: str
      sample: '#22c55e'
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    tag_id:
      description: ID of the tag. V((generated\)) if check mode would create it.
      type: str
      sample: Rb4kWfVPC8e19CW3EUcXx
diff:
  description:
    - What changed, or would change in check mode.
    - It contains only the options that differ, and a key C(state) if the tag is created or removed.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The old values of the options that differ.
      type: dict
      sample:
        color: ''
    after:
      description: The new values of the options that differ.
      type: dict
      sample:
        color: '#22c55e'
    before_header:
      description: The resource that changes.
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      type: str
      sample: application 'web' in shop/production
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.tag import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

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
  - community.dokploy.unstated
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
  # Written by make generate, but for what is described below.
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
  # Written by hand.
  state:
    description:
      - V(present) creates the tag, or updates it where it differs.
      - V(absent) removes the tag, also from all projects that have it.
    type: str
    choices:
      - present
      - absent
    default: present
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
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      color: ''
    after:
      color: '#22c55e'
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.tag import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

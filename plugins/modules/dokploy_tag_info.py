#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_tag_info
short_description: List the tags of Dokploy
version_added: 1.0.0
description:
  - Lists the tags of projects. Without O(name) and O(tag_id), it lists all tags of the organization.
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
  tag_id:
    description:
      - Only the tag with this ID.
    type: str
seealso:
  - module: community.dokploy.dokploy_tag
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all tags
  community.dokploy.dokploy_tag_info:
  register: all_tags

- name: Show their colors
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.color }}"
  loop: "{{ all_tags.tags }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
tags:
  description: The tags, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    tag_id:
      description: ID of the tag.
      type: str
      sample: Rb4kWfVPC8e19CW3EUcXx
    name:
      description: See O(community.dokploy.dokploy_tag#module:name).
      type: str
      sample: production
    color:
      description: See O(community.dokploy.dokploy_tag#module:color).
      type: str
      sample: '#22c55e'
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.tag import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

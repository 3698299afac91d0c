#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_template_info
short_description: List templates for Compose stacks of Dokploy
version_added: 1.0.0
description:
  - Lists the templates from which O(community.dokploy.dokploy_compose#module:template) creates stacks.
  - The server downloads the list. If it cannot, the list is empty, and the module issues a warning.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
options:
  base_url:
    description:
      - URL of a list of templates, which the server downloads. The default is Dokploy's own list.
    type: str
  id:
    description:
      - Only the template with this ID.
    type: str
  tags:
    description:
      - Only templates with all of these tags. Case is not significant.
    type: list
    elements: str
    default: []
seealso:
  - module: community.dokploy.dokploy_compose
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the templates of databases
  community.dokploy.dokploy_template_info:
    tags:
      - database
  register: databases

- name: List the templates of your own list
  community.dokploy.dokploy_template_info:
    base_url: https://templates.example.com
  register: own
"""

RETURN = r"""
templates:
  description:
    - The templates, sorted by their IDs.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the template, for O(community.dokploy.dokploy_compose#module:template.id).
      type: str
      sample: plausible
    name:
      description: Name of the template.
      type: str
      sample: Plausible
    version:
      description: Version of what it runs.
      type: str
      sample: v2.1.5
    description:
      description: Description of the template.
      type: str
      sample: Plausible is an open source web analytics tool.
    links:
      description: Links to its website, documentation and source code, as far as the list has them.
      type: dict
      contains:
        website:
          description: Its website.
          returned: when the list has it
          type: str
          sample: https://plausible.io/
        docs:
          description: Its documentation.
          returned: when the list has it
          type: str
          sample: https://plausible.io/docs
        github:
          description: Its source code.
          returned: when the list has it
          type: str
          sample: https://github.com/plausible/plausible
    tags:
      description: Tags of the template.
      type: list
      elements: str
      sample:
        - analytics
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.template import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

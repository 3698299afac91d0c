# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The action plugin of this name does the work; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
module: data_step
short_description: Compute a step of the roles data and drift
version_added: 1.0.0
description:
  - Internal to the roles P(community.dokploy.data#role) and P(community.dokploy.drift#role), which use it in place of
    filters. Its steps and their arguments change without notice.
  - What a step returns is not shown, at any verbosity, since it may be a document with secrets.
author:
  - Community Dokploy collection contributors (@community-dokploy)
options:
  step:
    description: The name of a step of the role.
    type: str
    required: true
  arguments:
    description: The arguments of the step by their names.
    type: dict
    required: true
attributes:
  check_mode:
    support: full
    description: A step computes a value, and changes nothing.
  diff_mode:
    support: N/A
    description: Changes nothing.
notes:
  - Runs on the controller, and needs neither a connection to a host nor one to Dokploy.
seealso:
  - module: community.dokploy.validate_role_arguments
"""

EXAMPLES = r"""
- name: Read the masks
  community.dokploy.data_step:
    step: clone_masks
    arguments:
      masks: []
      source: shop/production
  register: masks
"""

RETURN = r"""
value:
  description: What the step has computed.
  type: raw
  returned: success
  sample: []
"""

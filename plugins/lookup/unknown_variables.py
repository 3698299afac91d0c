# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_variables
short_description: Find misspelt variables of a role or a playbook
version_added: 1.0.0
description:
  - Finds variables with a prefix that a role or a playbook does not use. Ansible ignores such variables, so a run with
    a misspelt name succeeds and does nothing.
  - The roles and playbooks of this collection use it for their variables.
author:
  - Community Dokploy collection contributors (@community-dokploy)
options:
  _terms:
    description: The prefix, for example V(application_).
    type: list
    elements: str
    required: true
  spec:
    description: Path of C(meta/argument_specs.yml) of the role, whose options are known.
    type: path
  known:
    description: Other known names.
    type: list
    elements: str
    default: []
  own:
    description:
      - Names of variables for other purposes, which are not reported. V(*) matches any characters.
      - A text is a list of one name, or of several names separated by commas.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse variables that the role does not know
  ansible.builtin.assert:
    that: unknown | length == 0
    fail_msg: "{{ unknown | join(' ') }}"
  vars:
    unknown: >-
      {{ query('community.dokploy.unknown_variables', 'shop_', known=['shop_name', 'shop_result'], own=['shop_x_*']) }}
"""

RETURN = r"""
_raw:
  description:
    - One sentence for each unknown variable, sorted by name, with the variables and suboptions that have a similar
      name.
    - Before them, one sentence if an option C(-e) of the command line sets no variable, such as a file without C(@).
  type: list
  elements: str
  sample: ["'application_memroy_limit' is not a known variable. Did you mean: 'application_memory_limit'?"]
"""

from typing import Any, Dict, List, Mapping, Optional

from ansible.plugins.lookup import LookupBase

from ansible_collections.community.dokploy.plugins.plugin_utils._roles.variables import not_read, specification, unknown


class LookupModule(LookupBase):
    def run(self, terms: List[str], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> List[str]:
        self.set_options(var_options=variables, direct=kwargs)
        known: Dict[str, Any] = {name: {} for name in self.get_option("known")}
        if self.get_option("spec") is not None:
            known.update(specification(self.get_option("spec")))
        own = self.get_option("own")
        given = variables or {}
        return [*not_read(given), *(mistake for prefix in terms for mistake in unknown(prefix, given, known, own))]

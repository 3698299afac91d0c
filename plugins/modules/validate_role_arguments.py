# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The action plugin of this name does the work; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
module: validate_role_arguments
short_description: Check the variables of a role of this collection
version_added: 1.0.0
description:
  - Checks the variables of a role against its C(meta/argument_specs.yml) and the options of the modules that it passes
    them to. Fails with one sentence for each mistake, with the path of the entry and the names that may be meant. The
    document in the variables of the role P(community.dokploy.setup#role) is checked by the module that applies it.
  - The first task of each role of this collection. It replaces the validation by Ansible, whose result contains the
    whole specification of the role.
  - Variables with the prefix of the role that it does not know are mistakes, since Ansible ignores misspelt ones.
  - Of another O(entry_point) than V(main), texts are taken for what the option is, as a command line and a survey state
    them. A list may be a text with commas or of JSON, a mapping a text of JSON, and an empty text counts as not set.
    Unknown variables that begin with C(dokploy_) are mistakes as well, and C(PREFIXown_variables) and
    C(dokploy_own_variables) have those for other purposes.
author:
  - Community Dokploy collection contributors (@community-dokploy)
options:
  prefix:
    description: What the names of the variables begin with, for example V(setup_).
    type: str
    required: true
  spec:
    description: Path of C(meta/argument_specs.yml) of the role on the controller.
    type: path
    required: true
  entry_point:
    description: The entry point of the role, whose variables are checked.
    type: str
    default: main
  known:
    description:
      - Other names with the prefix that are known, such as facts that the role sets.
    type: list
    elements: str
    default: []
  own:
    description: Names of variables for other purposes, which are ignored. V(*) matches any characters.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    description: The checks are the same.
  diff_mode:
    support: N/A
    description: Changes nothing.
notes:
  - Runs on the controller, and needs neither a connection to a host nor one to Dokploy.
seealso:
  - plugin: community.dokploy.unknown_variables
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Check the variables of the role
  community.dokploy.validate_role_arguments:
    prefix: setup_
    spec: "{{ role_path }}/meta/argument_specs.yml"
    known: [setup_result]
    own: "{{ setup_own_variables }}"
"""

RETURN = r"""
check_mode:
  description: Whether the role runs in check mode, by the command line or the keyword C(check_mode).
  type: bool
  returned: always
  sample: false
options:
  description:
    - The variables by their names without O(prefix), with their types and defaults. Paths are absolute, from the
      working directory. It contains no secret options, and no options of the connection.
  type: dict
  returned: with another O(entry_point) than V(main)
  sample: {keep: 7, reports: [/srv/dokploy/backup.html]}
msg:
  description: The mistakes, or the first ones and how many more there are. It contains no values of secret options.
  type: str
  returned: failure
  sample: "application_domains[0].hots is unknown. Did you mean: 'host'?"
"""

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The action plugin of this name does the work; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
module: validate_variables_file
short_description: Check that a file of variables with secrets can be read
version_added: 1.0.0
description:
  - Checks that a file of variables on the controller can be read, before M(ansible.builtin.include_vars) reads it with
    C(no_log), with which Ansible shows no reason for a failure.
  - Says what is wrong with the file, such as that it is encrypted with Ansible Vault and no vault password of the run
    opens it, and what to do. No value and no text of the file is in the result, at any verbosity.
  - The playbooks of this collection use it for each file with secrets.
author:
  - Community Dokploy collection contributors (@community-dokploy)
options:
  path:
    description: The file, on the controller. A relative path begins in the working directory.
    type: path
    required: true
  variable:
    description: What messages call the option that names the file, for example V(recover_secrets).
    type: str
    default: path
  required:
    description: Whether it is a failure that the file does not exist.
    type: bool
    default: true
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
  - module: community.dokploy.validate_role_arguments
  - module: ansible.builtin.include_vars
"""

EXAMPLES = r"""
- name: Check the file of secrets
  community.dokploy.validate_variables_file:
    path: secrets.yml
  register: secrets_file

- name: Read it
  ansible.builtin.include_vars:
    file: "{{ secrets_file.path }}"
  no_log: true
"""

RETURN = r"""
path:
  description: The absolute path of the file.
  type: str
  returned: always
  sample: /srv/dokploy/secrets.yml
exists:
  description: Whether there is such a file.
  type: bool
  returned: always
  sample: true
names:
  description: The names of its variables, without their values.
  type: list
  elements: str
  returned: always
  sample: [shop_db_password]
msg:
  description: What is wrong with the file, and what to do.
  type: str
  returned: failure
  sample: "path: secrets.yml is encrypted with Ansible Vault, and Ansible was started without a vault password. Start it
    with --vault-password-file FILE or --ask-vault-pass."
"""

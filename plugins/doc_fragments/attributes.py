# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How modules behave."""

from __future__ import annotations


class ModuleDocFragment:
    # For every module.
    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.dokploy.dokploy) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.dokploy.dokploy
  action:
    description: Has an action plugin of the same name, which runs on the controller.
    support: full
    details:
      - The action plugin performs the operation in the process of Ansible if the connection is local. It runs the
        module with C(async), C(become), another Python interpreter, or if the variable C(dokploy_in_process) is
        V(false). The results are the same.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
  check_mode:
    description: Can run in C(check_mode) and return the changed status that is to be expected, without writing.
  diff_mode:
    description: Returns details of what has changed, or would change in C(check_mode), when in C(diff) mode.
  idempotent:
    description:
      - When run twice in a row outside of check mode, with the same arguments, the second invocation indicates no
        change.
      - This assumes that nothing else changes the managed resources.
"""

    # For modules that manage a resource.
    STATE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The values of secrets are hidden. Of environment variables, only the names of changed ones are shown.
  idempotent:
    support: full
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not modify state.
  diff_mode:
    support: N/A
    details:
      - This module does not modify state.
  idempotent:
    support: full
    details:
      - This module does not modify state.
"""

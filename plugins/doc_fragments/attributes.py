# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the modules behave, the same in most of them."""

from __future__ import annotations


class ModuleDocFragment:
    # What every module has.
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
      - The action plugin does the work itself, in Ansible's own process, when the connection is local, and leaves it to
        the module with C(async), C(become), another Python interpreter, or when the
        variable C(dokploy_in_process) is V(false). The results are the same.
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
      - This assumes that nobody else changes what the module manages.
"""

    # For modules that bring something into a state.
    STATE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The values of secrets are hidden. Of environment variables only the names of those that change are shown.
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

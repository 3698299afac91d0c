# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of resources with a description and environment variables."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  description:
    description:
      - Text that the web interface shows below the name. V("") clears it.
    type: str
  env_mode:
    description:
      - With V(replace), the variables are exactly those in O(env).
      - V(merge) sets the variables in O(env), removes those whose value is null, and does not change other lines. In
        this mode, an empty O(env) changes nothing.
    type: str
    choices:
      - replace
      - merge
    default: replace
"""

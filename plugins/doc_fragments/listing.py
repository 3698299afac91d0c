# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that select what a module lists."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - Only those with this name. Names are not unique, so there may be several.
    type: str
"""

    # Besides the name, what services are in.
    SERVICES = r"""
options:
  project:
    description:
      - Only those of this project, by its name or ID. If several projects have this name, the module fails and lists
        their IDs.
    type: str
  environment:
    description:
      - Only those of this environment, with O(project) by its name or ID, without it by its name in any project.
      - The default is all environments, unlike in the module that manages a service.
    type: str
"""

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

    # For modules that can include logs.
    LOGS = r"""
options:
  log_lines:
    description:
      - Number of lines that O(include=logs) returns, 1 to 10000.
    type: int
    default: 100
  log_since:
    description:
      - Only recent lines, with O(include=logs), such as V(30m). A number with V(s), V(m), V(h) or V(d), or V(all).
    type: str
  log_search:
    description:
      - Only lines that contain this text, with O(include=logs). Case is not significant. Letters, digits, spaces, V(.),
        V(_) and V(-), at most 500 characters.
    type: str
"""

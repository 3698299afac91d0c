# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that selects the services whose data a task is about."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  scope:
    description:
      - The services whose data the task is about. Without it, all that the API key shows.
      - Patterns are those of a shell, in which V(*) stands for any text, V(?) for any character and V([ab]) for one
        of these. A service is selected if one of the patterns selects it, or what it is in.
    type: dict
    suboptions:
      kinds:
        description:
          - The kinds of services, of V(application), V(compose) and V(database).
        type: list
        elements: str
      projects:
        description:
          - Patterns for the names of projects.
        type: list
        elements: str
      environments:
        description:
          - Patterns for environments, such as V(shop/production) or V(*/staging). A backslash before a slash makes it
            part of a name.
        type: list
        elements: str
      services:
        description:
          - Patterns for applications, Compose stacks and databases, such as V(shop/production/web).
        type: list
        elements: str
"""

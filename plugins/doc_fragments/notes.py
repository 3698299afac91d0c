# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notes that several modules have."""

from __future__ import annotations


class ModuleDocFragment:
    # For modules that update what they manage.
    DOCUMENTATION = r"""
options: {}
notes:
  - 'An option that is not set is not managed: it is neither compared nor changed. If the module creates something, such
    an option gets the documented default, or else that of Dokploy.'
"""

    # Besides, for modules with texts that can be empty.
    CLEARED = r"""
options: {}
notes:
  - V("") clears a text.
"""

    # For modules whose resources Dokploy does not keep apart by their names.
    NAMES = r"""
options: {}
notes:
  - The module finds what it manages by O(name). Dokploy does not enforce that names are unique. If several have the
    same name, the module fails and lists their IDs.
"""

    # For modules that list resources.
    LISTED = r"""
options: {}
notes:
  - If nothing matches, the list is empty, without an error.
"""

    # For modules that list services.
    LISTED_SERVICES = r"""
options: {}
notes:
  - If nothing matches, the list is empty, without an error. A O(project) that does not exist is an error, and so is an
    O(environment) that does not exist in it.
"""

    # For modules that only some users can use.
    ADMINISTRATOR = r"""
options: {}
notes:
  - The API key that the module uses must belong to an owner or administrator.
"""

    # For modules that write what Dokploy has in files of Traefik.
    TRAEFIK = r"""
options: {}
notes:
  - Dokploy reads, changes and writes Traefik's files as a whole. If several changes come at the same time, it can lose
    all but one in the file, although it stores all of them. So the modules M(community.dokploy.dokploy_domain),
    M(community.dokploy.dokploy_redirect) and M(community.dokploy.dokploy_basic_auth), and the lists of
    M(community.dokploy.dokploy_application), make such changes one after the other, also with C(forks), for one user on
    one controller. This does not include other controllers and the web interface.
"""

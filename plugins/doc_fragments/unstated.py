# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the options that are not set."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  unstated:
    description:
      - What becomes of the options that are not set. With V(keep), they stay as they are on the server.
      - With V(default), they get the values of a new record of the Dokploy release that runs. A list of things inside,
        such as domains, is emptied, and so are the variables. Suboptions of what is set, and of the entries of lists,
        follow the same rule. The diff names what is reset.
      - Never reset are secrets such as passwords and tokens, what Dokploy chooses by itself, what it never shows, what
        only a new record can have, and the options in O(ignore). Data is never touched.
      - 'R(The guide to drift, ansible_collections.community.dokploy.docsite.drift) describes it.'
    type: str
    choices:
      - keep
      - default
    default: keep
  ignore:
    description:
      - Options that are left to others, for example V(replicas), V(docker.username), V(domains), V(domains.https) or
        V(env.BUILD_NUMBER) for a single variable. They are not reset. Where they are set, the value is that of a new
        record, and later changes on the server stay. What a document or this module deploys is not deployed again for
        them.
    type: list
    elements: str
    default: []
"""

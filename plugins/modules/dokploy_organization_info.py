#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_organization_info
short_description: List the organizations of Dokploy
version_added: 1.0.0
description:
  - Lists the organizations of the user whose API key the module uses. Without O(name) and O(organization_id), it lists
    all of them.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
  # Written by make generate, but for what is described below.
  organization_id:
    description:
      - Only the organization with this ID.
    type: str
seealso:
  - module: community.dokploy.dokploy_organization
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the organizations
  community.dokploy.dokploy_organization_info:
  register: found

- name: Show the default one
  ansible.builtin.debug:
    msg: "{{ found.organizations | selectattr('default') | map(attribute='name') | first }}"
"""

RETURN = r"""
organizations:
  description: The organizations, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    organization_id:
      description: ID of the organization.
      type: str
      sample: 1CksJdNMCHsJ6rbtiEgyC
    name:
      description: Name of the organization.
      type: str
      sample: Acme
    slug:
      description: Random text that identifies it, null for the first one.
      type: str
      sample: 88JCVV6NMoOKscYrh4I5a
    owner_id:
      description: ID of the user that owns it.
      type: str
      sample: LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU
    created_at:
      description: When it was created.
      type: str
      sample: '2026-11-25T15:54:28.814Z'
    logo:
      description: URL of the logo.
      type: str
      sample: https://acme.example.com/logo.png
    default_role:
      description: Role of users that sign in by single sign-on for the first time.
      type: str
      sample: member
    default:
      description: Whether new sessions of the user start in it.
      type: bool
      sample: false
error:
  description: The error in a form for conditions. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: failure
  type: dict
  sample:
    kind: validation
    procedure: application.update
    status: 400
effect_unknown:
  description: Whether it is unknown if a write took effect, because the connection failed after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.organization import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()

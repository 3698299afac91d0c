#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_organization
short_description: Manage organizations of Dokploy
version_added: 1.0.0
description:
  - Manages the organizations of the user whose API key the module uses.
  - An API key belongs to one organization. For another one, create a key with
    O(community.dokploy.dokploy_api_key#module:organization).
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.notes.administrator
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.unstated
options:
  state:
    description:
      - Whether the organization exists. V(absent) also needs O(force=true).
    type: str
    choices:
      - present
      - absent
    default: present
  organization_id:
    description:
      - ID of an existing organization. One of O(organization_id) and O(name) is required. With both, the organization
        is renamed.
    type: str
  name:
    description:
      - Name of the organization, 1 to 255 characters. Dokploy allows several of one name, and the module refuses to
        choose.
    type: str
  logo:
    description:
      - URL of the logo. V("") clears it.
    type: str
  default_role:
    description:
      - Role of users that sign in by single sign-on for the first time. V("") clears it. Custom roles need a licence of
        Dokploy's enterprise edition, and are not managed.
      - Needs Dokploy 0.30.0 or newer.
    type: str
    choices:
      - admin
      - member
      - ""
  default:
    description:
      - Whether new sessions of the user start in this organization. To make another one the default, set it to V(true)
        for that.
      - Needs Dokploy 0.25.7 or newer.
    type: bool
  force:
    description:
      - Whether to remove the organization with all its projects, services and settings. The API key does not show what
        is in other organizations, so the module cannot tell what will be lost. The containers keep running.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_organization_info
  - module: community.dokploy.dokploy_api_key
  - module: community.dokploy.dokploy_user
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create an organization
  community.dokploy.dokploy_organization:
    name: Acme
    logo: https://acme.example.com/logo.png

- name: Remove it with all that is in it
  community.dokploy.dokploy_organization:
    name: Acme
    state: absent
    force: true
"""

RETURN = r"""
organization:
  description: The organization, null if it did not exist. Of a removed one only the ID and the name are returned.
  returned: success
  type: dict
  contains:
    organization_id:
      description: ID of the organization, V((generated\)) if check mode would create it.
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
created:
  description: The ID of the organization that this task has created and kept, where several have the name now.
  returned: when another process has created one of the same name at the same time
  type: str
  sample: 8OYmGSp4Gg3lRPDmVxk2s
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      logo: ''
    after:
      logo: https://acme.example.com/logo.png
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.organization import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

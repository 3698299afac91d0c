#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_patch
short_description: Manage a patch of the source of an application of Dokploy
version_added: 1.0.0
description:
  - Writes or deletes a file of the application's repository after each clone and before the build. The repository
    itself does not change.
  - Most tasks set O(project), O(environment) and O(application), O(path), and O(content) or O(src).
  - 'A short example: C(community.dokploy.dokploy_patch: {project: shop, application: web, path: config/app.toml,
    content: workers = 4}).'
  - A patch is identified by O(path), which is unique within an application.
  - Patches have no effect on an application whose source is an image.
  - The module manages one patch and does not change the others of the application.
    O(community.dokploy.dokploy_application#module:patches) manages the whole list and removes the others. Use one of
    the two for an application.
  - Changes need a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.location
requirements:
  - For this module, Dokploy 0.28.0 or newer.
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the patch, or updates it where it differs.
      - V(absent) removes the patch.
    type: str
    choices:
      - present
      - absent
    default: present
  # Written by hand.
  patch_id:
    description:
      - ID of an existing patch. Use it instead of O(path), or with it to patch another file.
      - If it does not exist, O(state=present) fails and O(state=absent) changes nothing.
      - One of O(path) and O(patch_id) is required.
    type: str
  path:
    description:
      - The file, relative to the root of the repository, for example V(config/app.toml). Missing folders are created.
      - It must be inside the repository.
      - Double quotes, C($), backticks and backslashes are refused, since Dokploy inserts it into a shell script.
    type: str
  type:
    description:
      - V(update) and V(create) write O(content) to the file, whether it exists or not. They differ only on the web
        page.
      - V(delete) deletes the file.
      - The default for a new patch is V(update).
    type: str
    choices:
      - update
      - create
      - delete
  content:
    description:
      - The whole content of the file. Required for a new patch, except with O(type=delete).
      - A line break is added at the end if it is missing, so a line break at the end makes no difference. V("") makes
        it an empty file.
      - 'It is not a secret: diffs and results show it, so do not include a password.'
    type: str
  src:
    description:
      - File with the content, encoded as UTF-8. Use it instead of O(content).
      - With the connection plugin P(ansible.builtin.local#connection), it is a file on the controller, and a relative
        path is searched for in the folder C(files) and beside the playbook or role, as with M(ansible.builtin.copy).
        Otherwise it is a file on the host that runs the task. For a file on the controller, delegate the task to
        C(localhost).
    type: path
  enabled:
    description:
      - Whether to apply the patch. The default for a new patch is V(true).
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_deployment
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Build with another configuration than that of the repository
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    path: config/app.toml
    content: |
      workers = 4
  register: configuration

- name: Use a file from the controller
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    path: public/robots.txt
    type: create
    src: robots.txt

- name: Delete a file of the repository before the build
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    path: docker-compose.override.yml
    type: delete

- name: Build once without the patch
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    patch_id: "{{ configuration.patch.patch_id }}"
    enabled: false

- name: Remove a patch
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    path: config/app.toml
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
patch:
  description:
    - The patch after the module ran, or as predicted in check mode. Its keys are the options. Null for O(state=absent).
  returned: success
  type: dict
  contains:
    patch_id:
      description: ID of the patch. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Pt1Ch2Es3Ar4Ef5Il6Es7
    path:
      description: See O(path).
      returned: O(state=present)
      type: str
      sample: config/app.toml
    type:
      description: See O(type).
      returned: O(state=present)
      type: str
      sample: update
    content:
      description: See O(content).
      returned: O(state=present)
      type: str
      sample: workers = 4
    enabled:
      description: See O(enabled).
      returned: O(state=present)
      type: bool
      sample: true
deploy_needed:
  description:
    - Whether a deployment is needed, by the rules of O(community.dokploy.dokploy_deployment#module:trigger). It is
      needed if nothing was deployed yet, if the last deployment failed or was cancelled, or if the configuration
      differs from what was deployed last, regardless of who changed it.
    - A new commit, or a new image with the same tag, is not detected.
    - V(false) if the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      patches:
        config/app.toml:
          content: workers = 2
    after:
      patches:
        config/app.toml:
          content: workers = 4
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    PATCH_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

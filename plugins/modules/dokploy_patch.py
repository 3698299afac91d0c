#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_patch
short_description: Manage a patch of the files that an application of Dokploy is built from
version_added: 0.1.0
description:
  - Writes or deletes a file of an application's repository after each clone and before the build. The repository itself
    stays as it is.
  - A patch is recognized by O(path), which Dokploy keeps unique within an application.
  - Needs Dokploy 0.28.0 or newer. Patches have no effect on an application whose source is an image.
  - The module manages one patch and leaves its siblings alone. O(community.dokploy.dokploy_application#module:patches)
    is the list of all of them instead, and removes those that it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new patch gets what Dokploy
    takes of itself.
  - Changes need a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  state:
    description:
      - V(present) makes sure that the patch exists and is as stated.
      - V(absent) makes sure that there is no such patch.
    type: str
    choices:
      - present
      - absent
    default: present
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application) and O(application_id) is required.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  patch_id:
    description:
      - Id of an existing patch, to be used instead of O(path), or together with it to have it write another file.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
      - One of O(path) and O(patch_id) is required.
    type: str
  path:
    description:
      - The file, relative to the root of the repository, for example V(config/app.toml). Folders are made as needed.
      - It cannot lead out of the repository.
      - Double quotes, C($), backticks and backslashes are refused, since Dokploy puts it into a shell script.
    type: str
  type:
    description:
      - V(update) and V(create) write O(content) to the file, whatever was there. The two differ in what the web page
        says.
      - V(delete) deletes the file.
      - A new patch gets V(update).
    type: str
    choices:
      - update
      - create
      - delete
  content:
    description:
      - The whole text that the file gets. Required for a new patch, except with O(type=delete).
      - A text that does not end with a line end is written with one, as Dokploy does by itself when a text changes, so
        a line end there makes no difference. V("") makes it an empty file.
      - It is no secret. It is shown in diffs and results, so do not put a password into it.
    type: str
  src:
    description:
      - A file with the text, encoded as UTF-8, to be used instead of O(content).
      - With the connection plugin P(ansible.builtin.local#connection) it is a file of the controller, and a relative
        path is looked for in the folder C(files) and beside the playbook or role, as M(ansible.builtin.copy) does.
        Elsewhere it is a file of the host that the task runs on. For one of the controller, delegate the task to
        C(localhost).
    type: path
  enabled:
    description:
      - Whether it is applied. A new patch gets V(true).
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_deployment
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Build with another configuration than the repository has
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    path: config/app.toml
    content: |
      workers = 4
  register: configuration

- name: Take a file from the controller
  community.dokploy.dokploy_patch:
    project: shop
    environment: staging
    application: web
    path: public/robots.txt
    type: create
    src: robots.txt

- name: Leave a file of the repository out
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
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
patch:
  description:
    - The patch as it is after the module ran, or as it would be in check mode. The keys are those of the options. Null
      for O(state=absent).
  returned: success
  type: dict
  contains:
    patch_id:
      description: Id of the patch. Null when check mode would create it.
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
    - Whether a deployment is needed, judged as M(community.dokploy.dokploy_deployment) does it. It is when nothing was
      deployed yet, when the last deployment failed or was cancelled, and when what is configured is not what was
      deployed last, whoever changed it.
    - A new commit, or a new image behind the same tag, is not noticed.
    - V(false) as long as the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description:
    - What changed, or would change in check mode.
    - It holds the differing options only, below C(patches) and the patch's path.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        patches:
          config/app.toml:
            content: workers = 2
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        patches:
          config/app.toml:
            content: workers = 4
    before_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions in a playbook. The message is in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists all
          kinds.
      returned: failure
      type: str
      sample: validation
    procedure:
      description: The procedure of Dokploy's API that failed. Null if the error did not come from the server.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the answer. Null if there was no answer.
      returned: failure
      type: int
      sample: 400
effect_unknown:
  description:
    - Whether it is unknown if a write took effect, because the connection failed after the request was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import (
    PATCH_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_application_action
short_description: Perform an action on an application of Dokploy
version_added: 1.0.0
description:
  - Performs an action that is neither configuration nor a deployment, such as a new webhook, clearing the build logs,
    or clearing the queue.
  - The action is performed once. Each choice of O(action) says whether it is idempotent.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location
attributes:
  check_mode:
    support: full
    details:
      - If the application does not exist, the module assumes that an earlier task would create it, and issues a
        warning.
  diff_mode:
    support: full
    details:
      - Shows what the action changes, as far as Dokploy returns it.
  idempotent:
    support: partial
    details:
      - V(clean_queues), V(disconnect_git_provider), V(mark_running) and V(remove_deployment) of O(action) are
        idempotent.
      - V(clear_deployments), V(kill_build) and V(refresh_token) act each time.
options:
  action:
    description:
      - V(clean_queues) removes the deployments of the application, and of its previews, from the queue. A running build
        continues. It changes nothing if the queue has none. V(cancelled) of
        O(community.dokploy.dokploy_deployment#module:state) does the same.
      - V(clear_deployments) removes the folder with the build logs of the application from the server. The list of
        deployments remains, without logs. It acts each time, since Dokploy does not return whether there are logs.
        Needs Dokploy 0.27.1 or newer.
      - V(disconnect_git_provider) removes the settings of the repository, with provider, branch, build path, watch
        paths and submodules, for any kind of Git source. The application then has an empty GitHub repository as its
        source and cannot be deployed. It changes nothing if no repository is set, or if the source is an image or an
        archive.
      - V(kill_build) interrupts every C(docker build) on the server of the application, including those of other
        applications, since Dokploy has no other way. Their deployments end in V(error). Builds with Nixpacks, Railpack
        or buildpacks may continue. It acts each time, and requires O(kill_every_build=true). Needs Dokploy 0.25.8 or
        newer.
      - V(mark_running) sets the status of the application in Dokploy to V(running), and does nothing else. The next
        deployment, start or stop changes it again. It changes nothing if the status is V(running).
      - V(refresh_token) generates a new token for the webhook that deploys the application. The old URL no longer
        works. It acts each time.
      - V(remove_deployment) removes the deployment O(deployment_id) from the list, with its log. Its image and the
        running containers remain. It changes nothing if the application has no such deployment. Needs Dokploy 0.27.1 or
        newer.
    type: str
    required: true
    choices:
      - clean_queues
      - clear_deployments
      - disconnect_git_provider
      - kill_build
      - mark_running
      - refresh_token
      - remove_deployment
  deployment_id:
    description:
      - ID of the deployment to remove, as listed by M(community.dokploy.dokploy_deployment_info).
      - Required with O(action=remove_deployment), and not used otherwise.
    type: str
  kill_every_build:
    description:
      - Confirms that O(action=kill_build) interrupts the builds of all applications on the server.
    type: bool
    default: false
  include_secrets:
    description:
      - Whether to return the new webhook of O(action=refresh_token). Anyone who knows its URL can deploy the
        application.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_deployment_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Remove the build logs
  community.dokploy.dokploy_application_action:
    project: shop
    application: web
    action: clear_deployments

- name: Generate a new webhook, whose URL the settings of the repository need
  community.dokploy.dokploy_application_action:
    project: shop
    environment: production
    application: web
    action: refresh_token
    include_secrets: true
  register: refreshed
  no_log: true

- name: Mark an application as running
  community.dokploy.dokploy_application_action:
    project: shop
    application: batch
    action: mark_running

- name: Remove the settings of the repository of an application that is now deployed from elsewhere
  community.dokploy.dokploy_application_action:
    project: shop
    environment: staging
    application: broken
    action: disconnect_git_provider

- name: Stop all docker builds of the server
  community.dokploy.dokploy_application_action:
    project: shop
    application: web
    action: kill_build
    kill_every_build: true
"""

RETURN = r"""
application_id:
  description: ID of the application. V((generated\)) in check mode if it does not exist yet.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
webhook:
  description:
    - The new webhook of the application. Null in check mode, and unless O(include_secrets=true).
  returned: O(action=refresh_token)
  type: dict
  contains:
    token:
      description: The token in the URL.
      type: str
      sample: refresh-token-of-web
    path:
      description: The path of the URL.
      type: str
      sample: /api/deploy/refresh-token-of-web
    url:
      description: The URL, with the server as in O(dokploy_url).
      type: str
      sample: https://dokploy.example.com/api/deploy/refresh-token-of-web
cancelled:
  description: The number of waiting deployments that were removed from the queue, or would be in check mode.
  returned: O(action=clean_queues)
  type: int
  sample: 1
diff:
  description: The changes of the action. The keys depend on O(action).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      status: done
    after:
      status: running
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.application_actions import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()

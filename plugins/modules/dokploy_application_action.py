#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_application_action
short_description: Do one thing to an application of Dokploy
version_added: 0.1.0
description:
  - Does to an application what is neither configuration nor a deployment. It gives it a new webhook, clears its build
    logs, drops what waits in its queue, and the like.
  - What O(action) says is done once. Whether it is idempotent is said with each of its choices.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
    details:
      - An application that does not exist is taken for one that an earlier task has promised, with a warning.
  diff_mode:
    support: full
    details:
      - Shows what the action changes, as far as Dokploy tells.
  idempotent:
    support: partial
    details:
      - V(clean_queues), V(disconnect_git_provider), V(mark_running) and V(remove_deployment) of O(action) are
        idempotent.
      - V(clear_deployments), V(kill_build) and V(refresh_token) act each time.
options:
  action:
    description:
      - V(clean_queues) drops the deployments of the application, and those of its previews, that wait in the queue. A
        build that runs goes on. It changes nothing when none waits.
        O(community.dokploy.dokploy_deployment#module:state) has V(cancelled) for the same.
      - V(clear_deployments) removes the folder with the build logs of the application from the server. The list of
        deployments stays, without logs. Since Dokploy does not tell whether there are any, it acts each time. Needs
        Dokploy 0.27.1 or newer.
      - V(disconnect_git_provider) forgets the repository, with provider, branch, build path, watch paths and
        submodules, whichever kind of git it is. What is left is an application with an empty GitHub repository as its
        source, which cannot be deployed. It changes nothing when no repository is set, and when the source is an image
        or an archive.
      - V(kill_build) interrupts every C(docker build) on the server on which the application runs, also those of other
        applications, since Dokploy knows no other way. Their deployments end in V(error). Builds with Nixpacks,
        Railpack or buildpacks may go on. It acts each time, and wants O(kill_every_build=true). Needs Dokploy 0.25.8 or
        newer.
      - V(mark_running) sets the status of the application to V(running), as Dokploy shows it. Nothing else happens.
        The next deployment, start or stop sets it again. It changes nothing when the status is V(running).
      - V(refresh_token) makes a new token for the webhook that deploys the application. The old address is no longer
        answered. It acts each time.
      - V(remove_deployment) removes the deployment O(deployment_id) from the list, with its log. What it has built and
        what runs stays. It changes nothing when the application has no such deployment. Needs Dokploy 0.27.1 or newer.
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
  deployment_id:
    description:
      - Id of the deployment to remove, as M(community.dokploy.dokploy_deployment_info) lists it.
      - Required when O(action=remove_deployment), and not used otherwise.
    type: str
  kill_every_build:
    description:
      - Says that O(action=kill_build) is meant to hit the builds of all applications on the server.
    type: bool
    default: false
  include_secrets:
    description:
      - Whether to return the new webhook of O(action=refresh_token). Whoever knows its address can deploy the
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

- name: Take the webhook's address away from whoever knows it
  community.dokploy.dokploy_application_action:
    project: shop
    environment: production
    application: web
    action: refresh_token

- name: Make a new webhook and keep its address for the repository's settings
  community.dokploy.dokploy_application_action:
    project: shop
    environment: production
    application: web
    action: refresh_token
    include_secrets: true
  register: refreshed
  no_log: true

- name: Remove the build logs
  community.dokploy.dokploy_application_action:
    project: shop
    application: web
    action: clear_deployments

- name: Forget the repository of an application that is deployed from elsewhere now
  community.dokploy.dokploy_application_action:
    project: shop
    environment: staging
    application: broken
    action: disconnect_git_provider

- name: Let it be seen as running
  community.dokploy.dokploy_application_action:
    project: shop
    application: batch
    action: mark_running

- name: Stop all docker builds of the server
  community.dokploy.dokploy_application_action:
    project: shop
    application: web
    action: kill_build
    kill_every_build: true
"""

RETURN = r"""
application_id:
  description: Id of the application. Null in check mode when it does not exist yet.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
webhook:
  description:
    - The webhook that deploys the application from now on. Null in check mode, and unless O(include_secrets) is set.
  returned: O(action=refresh_token)
  type: dict
  contains:
    token:
      description: The token in it.
      returned: success
      type: str
      sample: refresh-token-of-web
    path:
      description: The path of its address.
      returned: success
      type: str
      sample: /api/deploy/refresh-token-of-web
    url:
      description: Its address, on the server as O(dokploy_url) names it.
      returned: success
      type: str
      sample: https://dokploy.example.com/api/deploy/refresh-token-of-web
cancelled:
  description: The number of waiting deployments that were removed from the queue, or would be in check mode.
  returned: O(action=clean_queues)
  type: int
  sample: 1
diff:
  description: What the action changes. Its keys depend on O(action).
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: What was there.
      returned: success
      type: dict
      sample:
        status: done
    after:
      description: What is there now, or would be in check mode.
      returned: success
      type: dict
      sample:
        status: running
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
    ACTION_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
